"""The real template in the emulator: what it wires, what a restart keeps, what a crash leaves."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.synthesis import SynthesisFailed
from local.deploy import DeployFailed, assembly, deploy
from local.emulator import CREDENTIALS, HOST, Emulator, PortTaken, free_port

CONTEXT = {
    "layers": "venv",
    "bucket_name": "askbucket",
    "max_concurrency": "2",
    "store": "qdrant+http://127.0.0.1:1/askbucket",
    "embedder": "askbucket.minilm-l6-v2",
    "chat_model": "askbucket.extractive",
}
AWKWARD = "a folder/100% +ünicode..txt"


@pytest.fixture(scope="module")
def cloud_assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assembly(tmp_path_factory.mktemp("cache"), CONTEXT)


class Stack:
    """A deployed stack whose hints stay in the queue, since its mappings are switched off."""

    def __init__(self, aws: Emulator, cloud_assembly: Path) -> None:
        self._session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=CREDENTIALS["AWS_REGION"],
        )
        self.endpoint = aws.endpoint
        variables = {"ASKBUCKET_STORE": "qdrant+http://127.0.0.1:2/askbucket", "OTHER": "unused"}
        self.outputs = deploy(aws.endpoint, cloud_assembly, variables)
        lambda_ = self.client("lambda")
        self.mappings = lambda_.list_event_source_mappings()["EventSourceMappings"]
        for mapping in self.mappings:
            lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)

    def client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self.endpoint)

    def next_hints(self, count: int) -> list[dict[str, Any]]:
        """The next messages of the documents queue, in the order they came."""
        sqs = self.client("sqs")
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + 20
        while len(found) < count and time.monotonic() < deadline:
            url = self.outputs["QueueUrl"]
            reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=1)
            for message in reply.get("Messages", []):
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


@pytest.fixture(scope="module")
def stack(cloud_assembly: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Emulator(tmp_path_factory.mktemp("data")) as aws:
        yield Stack(aws, cloud_assembly)


def test_a_put_and_a_delete_become_hints_with_the_raw_key(stack: Stack) -> None:
    s3 = stack.client("s3")
    s3.put_object(Bucket="askbucket", Key=AWKWARD, Body=b"text")
    s3.delete_object(Bucket="askbucket", Key=AWKWARD)
    hints = stack.next_hints(2)
    seen = {(h["detail-type"], h["detail"]["object"]["key"]) for h in hints}
    assert seen == {("Object Created", AWKWARD), ("Object Deleted", AWKWARD)}


def test_artifacts_make_no_hints(stack: Stack) -> None:
    s3 = stack.client("s3")
    s3.put_object(Bucket=stack.outputs["ArtifactsBucketName"], Key="pages", Body=b"x")
    s3.put_object(Bucket="askbucket", Key="after", Body=b"x")
    (hint,) = stack.next_hints(1)
    assert hint["detail"]["object"]["key"] == "after"


def test_every_queue_feeds_its_function_as_the_template_says(stack: Stack) -> None:
    assert len(stack.mappings) == 3
    assert {m["ScalingConfig"]["MaximumConcurrency"] for m in stack.mappings} == {2}


def test_values_known_at_start_replace_only_variables_that_exist(stack: Stack) -> None:
    name = stack.outputs["IngestFunction"]
    made = stack.client("lambda").get_function_configuration(FunctionName=name)
    variables = made["Environment"]["Variables"]
    assert variables["ASKBUCKET_STORE"] == "qdrant+http://127.0.0.1:2/askbucket"
    assert variables["ASKBUCKET_BUCKET"] == "askbucket"
    assert "OTHER" not in variables


def test_ingest_is_allowed_to_send_to_itself(stack: Stack) -> None:
    name = stack.outputs["IngestFunction"]
    made = stack.client("lambda").get_function_recursion_config(FunctionName=name)
    assert made["RecursiveLoop"] == "Allow"


def test_secrets_are_there_and_empty(stack: Stack) -> None:
    secrets = stack.client("secretsmanager")
    store = secrets.get_secret_value(SecretId=stack.outputs["StoreSecretArn"])
    assert json.loads(store["SecretString"])["api_key"] == ""


def test_an_unsigned_request_is_refused_with_a_problem(stack: Stack) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{stack.outputs['ApiUrl']}health")  # noqa: S310
    with refused.value as reply:
        problem = json.loads(reply.read())
        assert (reply.code, reply.headers["Content-Type"]) == (403, "application/problem+json")
    assert "curl --aws-sigv4" in problem["detail"]


def versions(s3: Any) -> list[tuple[str, str, bytes]]:
    listed = s3.list_object_versions(Bucket="askbucket")["Versions"]
    return [(v["Key"], v["VersionId"], content(s3, v)) for v in listed]


def content(s3: Any, version: dict[str, Any]) -> bytes:
    where = {"Bucket": "askbucket", "Key": version["Key"], "VersionId": version["VersionId"]}
    body: bytes = s3.get_object(**where)["Body"].read()
    return body


def test_deploying_onto_kept_data_keeps_every_version(cloud_assembly: Path, tmp_path: Path) -> None:
    # given two versions of one key, and a deleted key
    with Emulator(tmp_path) as aws:
        s3 = Stack(aws, cloud_assembly).client("s3")
        for body in (b"first", b"second"):
            s3.put_object(Bucket="askbucket", Key=AWKWARD, Body=body)
        s3.put_object(Bucket="askbucket", Key="gone", Body=b"bytes")
        s3.delete_object(Bucket="askbucket", Key="gone")
        s3.put_object(Bucket="askbucket-artifacts", Key="kept", Body=b"pages")
        before = versions(s3)

    # when the stack is deployed again after a restart
    with Emulator(tmp_path) as aws:
        again = Stack(aws, cloud_assembly)
        s3 = again.client("s3")

        # then nothing is lost, and versioning and events are on
        assert versions(s3) == before
        assert len(before) == 3
        listed = s3.list_objects_v2(Bucket="askbucket")["Contents"]
        assert [o["Key"] for o in listed] == [AWKWARD]
        assert s3.get_object(Bucket="askbucket-artifacts", Key="kept")["Body"].read() == b"pages"
        s3.put_object(Bucket="askbucket", Key=AWKWARD, Body=b"third")
        assert len(versions(s3)) == 4
        assert len(again.next_hints(1)) == 1


def test_a_failed_deployment_says_which_resource_and_why(
    cloud_assembly: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "assembly"
    shutil.copytree(cloud_assembly, broken)
    path = broken / "Askbucket.template.json"
    template = json.loads(path.read_text())
    queue = next(k for k in template["Resources"] if k.startswith("DocumentHintsQueue"))
    template["Resources"][queue]["Properties"]["VisibilityTimeout"] = -1
    path.write_text(json.dumps(template))
    with (
        Emulator(tmp_path / "data") as aws,
        pytest.raises(DeployFailed, match=rf"{queue} \(AWS::SQS::Queue\): .*Visibility"),
    ):
        deploy(aws.endpoint, broken)


def test_an_equal_assembly_is_not_synthesised_again(tmp_path: Path) -> None:
    first = assembly(tmp_path, CONTEXT)
    written = (first / "manifest.json").stat().st_mtime_ns
    assert assembly(tmp_path, CONTEXT) == first
    assert (first / "manifest.json").stat().st_mtime_ns == written


def test_a_failed_synthesis_says_why(tmp_path: Path) -> None:
    with pytest.raises(SynthesisFailed, match="arch='arm' is not one of"):
        assembly(tmp_path, {"arch": "arm"})


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} is taken"):
            Emulator(tmp_path, port=port).start()


def test_stopping_leaves_no_process_and_no_temporary_file(tmp_path: Path) -> None:
    with Emulator(tmp_path) as aws:
        pass
    assert not answers(aws.port)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["emulator.log", "s3"]


def test_the_emulator_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    port = free_port()
    program = (
        "import sys, time; from pathlib import Path; from local.emulator import Emulator; "
        f"Emulator(Path(sys.argv[1]), port={port}).start(); print('up', flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    with owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"up\n"
        owner.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while answers(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not answers(port)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
