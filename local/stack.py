"""The whole of Askbucket on this machine: endpoints, emulator, the deployed app, and its API.

Only buckets and the store's points live in the data folder. Everything else is made anew at every
start, clean or after a kill: the app is deployed onto the buckets that are there, and one sweep
hints every key, which costs no OCR and no embedding, since the artifacts are in a bucket too.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import boto3

from local import deploy
from local.emulator import CREDENTIALS, HOST, Emulator, free_port
from local.serve import API_KEY_VARIABLE

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache"
BUCKET = "askbucket"
START_SECONDS = 60
STOP_SECONDS = 5
CONCURRENCY = 2  # two cores: OCR and embedding are the work
DESCRIPTION = "stack.json"
CONTEXT = {
    "bucket_name": BUCKET,
    "layers": "venv",
    "arch": "x86_64",
    "max_concurrency": str(CONCURRENCY),
    "embedder": "askbucket.minilm-l6-v2",
    "chat_model": "askbucket.extractive",
    "store": "qdrant+http://127.0.0.1:6333/askbucket",
}


class StackFailed(RuntimeError):
    """The stack could not start; the message says which part and why."""


class PortTaken(StackFailed):
    """A port that was asked for belongs to another program."""


@dataclass(frozen=True, slots=True)
class Running:
    """Where a running stack answers; written to the data folder for the clients."""

    api_url: str
    gateway_url: str
    aws_endpoint: str
    bucket: str
    ocr_engine: str
    outputs: dict[str, str]


class OfflineStack:
    """`with OfflineStack(data, say=print) as stack: stack.running.api_url`.

    `say` hears of every step. Ports of 0 are chosen freely. Raises StackFailed.
    """

    def __init__(
        self,
        data: Path,
        *,
        api_port: int = 0,
        aws_port: int = 0,
        say: Callable[[str], None] = lambda _: None,
        context: Mapping[str, str] | None = None,
    ) -> None:
        self._data = data.resolve()
        self._api_port = api_port or free_port()
        self._aws_port = aws_port or free_port()
        self._say = say
        self._context = {**CONTEXT, **(context or {})}
        self._store_key = secrets.token_urlsafe(24)
        self._open = contextlib.ExitStack()
        self.running: Running

    def __enter__(self) -> OfflineStack:
        with contextlib.ExitStack() as undo:
            undo.callback(self._open.close)
            for port, flag in ((self._api_port, "--api-port"), (self._aws_port, "--aws-port")):
                _require_free(port, flag)
            self._start()
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        (self._data / DESCRIPTION).unlink(missing_ok=True)
        self._open.close()

    def _start(self) -> None:
        self._open.enter_context(_locked(self._data))
        ports = {name: free_port() for name in ("textract", "bedrock", "qdrant")}
        endpoints = {
            "AWS_ENDPOINT_URL_TEXTRACT": f"http://{HOST}:{ports['textract']}",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"http://{HOST}:{ports['bedrock']}",
        }
        emulator = Emulator(
            self._data / "aws",
            port=self._aws_port,
            environment={**endpoints, **ONE_THREAD},
            lambda_concurrency=4 * CONCURRENCY,
        )
        environment = {
            **_clean_environment(),
            **CREDENTIALS,
            **endpoints,
            **ONE_THREAD,
            "AWS_ENDPOINT_URL": emulator.endpoint,
        }
        with ThreadPoolExecutor() as pool:
            self._say("synthesising the CDK app and starting the endpoints")
            assembly = pool.submit(deploy.assembly, CACHE, self._context)
            for name, port in ports.items():
                extra = {API_KEY_VARIABLE: self._store_key} if name == "qdrant" else {}
                self._serve(name, port, {**environment, **extra})
            self._open.enter_context(emulator)
            for name, port in ports.items():
                _wait_for(name, port)
            folder = assembly.result()
        self._say("deploying the stack into the emulator")
        store = f"qdrant+http://{HOST}:{ports['qdrant']}/askbucket"
        outputs = deploy.deploy(emulator.endpoint, folder, {"ASKBUCKET_STORE": store})
        aws = _Aws(emulator.endpoint, outputs)
        aws.put_store_key(self._store_key)
        self._say("starting the API")
        self._serve("api", self._api_port, environment | aws.query_environment())
        _wait_for("api", self._api_port)
        aws.sweep()
        self.running = Running(
            api_url=f"http://{HOST}:{self._api_port}",
            gateway_url=outputs["ApiUrl"].rstrip("/"),
            aws_endpoint=emulator.endpoint,
            bucket=BUCKET,
            ocr_engine=_get_json(f"http://{HOST}:{ports['textract']}/_askbucket/pages")["engine"],
            outputs=outputs,
        )
        (self._data / DESCRIPTION).write_text(json.dumps(asdict(self.running), indent=2))

    def _serve(self, name: str, port: int, environment: Mapping[str, str]) -> None:
        folder = self._data / name
        folder.mkdir(parents=True, exist_ok=True)
        log = self._open.enter_context((folder / "server.log").open("ab"))
        self._open.enter_context(_child(name, port, folder, environment, log))


ONE_THREAD = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}  # parallel pages, not parallel loops


class _Aws:
    """What is left to do in the emulator once the stack stands."""

    def __init__(self, endpoint: str, outputs: Mapping[str, str]) -> None:
        self._outputs = outputs
        session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=CREDENTIALS["AWS_REGION"],
        )
        self._secrets = session.client("secretsmanager", endpoint_url=endpoint)
        self._lambda = session.client("lambda", endpoint_url=endpoint)

    def put_store_key(self, key: str) -> None:
        self._secrets.put_secret_value(
            SecretId=self._outputs["StoreSecretArn"], SecretString=json.dumps({"api_key": key})
        )

    def query_environment(self) -> dict[str, str]:
        """The deployed function's variables; only its way of letting callers in is another."""
        name = self._outputs["QueryFunction"]
        deployed = self._lambda.get_function_configuration(FunctionName=name)
        variables: dict[str, str] = deployed["Environment"]["Variables"]
        return {**variables, "ASKBUCKET_AUTH": "none"}

    def sweep(self) -> None:
        """Hints every key that the new manifest does not know."""
        reply = self._lambda.invoke(
            FunctionName=self._outputs["SweepFunction"], Payload=json.dumps({"task": "sweep"})
        )
        if "FunctionError" in reply:
            raise StackFailed(f"the sweep failed: {reply['Payload'].read().decode()}")


@contextlib.contextmanager
def _child(
    name: str, port: int, folder: Path, environment: Mapping[str, str], log: IO[bytes]
) -> Iterator[None]:
    """Serves in a process of its own, which ends when its standard input closes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "local.serve", name, str(port), str(folder)],
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        yield
    finally:
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _locked(data: Path) -> Iterator[None]:
    """One stack for a data folder. Raises StackFailed where another holds it."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StackFailed(f"another askbucket is running on {data}; use --data DIR") from error
        yield


def _require_free(port: int, flag: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTaken(f"port {port} is taken; choose another with {flag}") from error


def _wait_for(name: str, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        if time.monotonic() > deadline:
            raise StackFailed(f"the {name} endpoint did not start within {START_SECONDS} s")
        time.sleep(0.05)


def _get_json(url: str) -> Any:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=10) as reply:
            return json.load(reply)
    except (urllib.error.URLError, TimeoutError) as error:
        raise StackFailed(f"{url} does not answer: {error}") from error


def _clean_environment() -> dict[str, str]:
    """Ours, without anybody's AWS account or settings of another stack in it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "ASKBUCKET_"))}
    return {**kept, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
