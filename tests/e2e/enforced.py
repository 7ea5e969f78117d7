"""A stack whose emulator enforces IAM, and a document's whole way through it, step by step."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from local.certificate import made_in
from local.emulator import CREDENTIALS, REGION
from local.stack import OfflineStack, Running
from tests.e2e.driver import eventually

ROOT = Credentials(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
RENT = "The monthly rent of flat {n} is {euros} euros.\nIt is due on the third working day.\n"


class Broken(AssertionError):
    """A step did not do what it is for."""


def require(held: object, what: str) -> None:
    if not held:
        raise Broken(what)


@dataclass
class Enforced:
    """The running stack, asked by the account's root, who may do anything; functions may not."""

    running: Running
    http: httpx.Client
    clients: dict[str, Any] = field(default_factory=dict)

    def aws(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = boto3.client(
                service,
                aws_access_key_id=ROOT.access_key,
                aws_secret_access_key=ROOT.secret_key,
                region_name=REGION,
                endpoint_url=self.running.aws_endpoint,
                config=Config(proxies={}, s3={"addressing_style": "path"}),
            )
        return self.clients[service]

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        signer: Credentials | None = ROOT,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Through the gateway, signed unless there is no signer."""
        url = str(httpx.URL(self.running.gateway_url + path))
        content = json.dumps(body).encode() if body is not None else b""
        request = AWSRequest(method, url, {"content-type": "application/json"}, content)
        if signer:
            SigV4Auth(signer, "execute-api", REGION).add_auth(request)
        sent = dict(request.headers) | (headers or {})
        return self.http.request(method, url, content=content, headers=sent)

    def invoke(self, output: str, event: dict[str, Any]) -> Any:
        """What the function returns; Broken where it raises."""
        name = self.running.outputs[output]
        reply = self.aws("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        result = json.load(reply["Payload"])
        require("FunctionError" not in reply, f"{output} raised {result}")
        return result

    def document(self, key: str) -> dict[str, Any] | None:
        reply = self.ask("GET", f"/documents?key={key}")
        require(reply.status_code == 200, f"GET /documents: {reply.status_code} {reply.text}")
        return next(iter(reply.json()["documents"]), None)

    def put(self, key: str, body: bytes | str) -> None:
        self.aws("s3").put_object(Bucket=self.running.bucket, Key=key, Body=body)

    def put_unversioned(self, key: str, body: str) -> None:
        """As an object from before versioning was switched on: its version is "null"."""
        where = {"Bucket": self.running.bucket}
        s3 = self.aws("s3")
        s3.put_bucket_versioning(**where, VersioningConfiguration={"Status": "Suspended"})
        self.put(key, body)
        s3.put_bucket_versioning(**where, VersioningConfiguration={"Status": "Enabled"})

    def wait_for(self, key: str, status: str, version: str | None = None) -> dict[str, Any]:
        def reached() -> Any:
            now = self.document(key)
            there = now and now["status"] == status and version in (None, now["version"])
            return now if there else None

        found: dict[str, Any] = eventually(reached, f"{key} is {status}", within_s=90)
        return found

    def hint(self, body: str) -> None:
        """Hands a message to the ingest function, as the queue does; Broken if it is put off."""
        record = {
            "messageId": "m",
            "receiptHandle": "none",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:none",
        }
        reply = self.invoke("IngestFunction", {"Records": [record]})
        require(reply == {"batchItemFailures": []}, f"put off: {reply}")

    def sync(self, key: str) -> None:
        self.hint(json.dumps({"look_at": {"bucket": self.running.bucket, "key": key}}))


Step = tuple[str, Callable[[Enforced, str], None]]


def upload(to: Enforced, key: str, body: str) -> str:
    """By a URL that the API signs, with the query function's own permission; the new version."""
    made = to.ask("POST", "/documents", {"key": key, "content_type": "text/plain"})
    require(made.status_code == 201, f"POST /documents: {made.text}")
    given = made.json()
    reply = to.http.put(given["url"], content=body.encode(), headers=given["headers"])
    require(reply.status_code == 200, f"the signed PUT: {reply.text}")
    version: str = reply.headers["x-amz-version-id"]
    return version


def ask_everything(to: Enforced, key: str) -> None:
    """Every route that reads a document of one page about flat 7."""
    asked = {"question": "How much is the monthly rent of flat 7?", "filter": {"document": key}}
    answer = to.ask("POST", "/query", asked)
    require(answer.status_code == 200, f"POST /query: {answer.text}")
    require(answer.json()["citations"], f"POST /query cites nothing: {answer.text}")
    hits = to.ask("POST", "/search", {"query": "rent of flat 7", "filter": {"document": key}})
    require(hits.status_code == 200 and hits.json()["hits"], f"POST /search: {hits.text}")
    document = to.document(key)
    require(document, "GET /documents does not list it")
    assert document is not None
    one = f"/documents/{document['id']}"
    for path in (one, f"{one}/pages/1"):
        reply = to.ask("GET", path)
        require(reply.status_code == 200, f"GET {path}: {reply.text}")
    redirect = to.ask("GET", f"{one}/content")
    require(redirect.status_code == 307, f"GET content: {redirect.text}")
    absent = to.ask("GET", f"{one}/pages/9")
    require(absent.status_code == 404, f"GET a page there is not: {absent.text}")
    converse(to, key)
    queue_question(to, key)
    file = to.http.get(redirect.headers["location"])
    require(file.status_code == 200, f"the signed GET: {file.text}")
    require("flat 7" in file.text, "the signed GET brings other bytes")


def converse(to: Enforced, key: str) -> None:
    """A session and a summary, which are kept and forgotten."""
    asked = {"question": "Sum it up", "filter": {"document": key}, "mode": "summary"}
    told = to.ask("POST", "/query", asked)
    require(told.status_code == 200, f"POST /query for a summary: {told.text}")
    asked = {"question": "How much is the rent?", "session_id": "talk", "filter": {"document": key}}
    told = to.ask("POST", "/query", asked)
    require(told.status_code == 200, f"POST /query in a session: {told.text}")
    turns = to.ask("GET", "/sessions/talk")
    require(turns.status_code == 200, f"GET /sessions: {turns.text}")
    forgotten = to.ask("DELETE", "/sessions/talk")
    require(forgotten.status_code == 204, f"DELETE /sessions: {forgotten.text}")


def queue_question(to: Enforced, key: str) -> str:
    """The path at which its answer will be found."""
    asked = {"question": "How much is the rent?", "filter": {"document": key}}
    taken = to.ask("POST", "/questions", asked)
    require(taken.status_code == 202, f"POST /questions: {taken.text}")
    where = f"/{taken.headers['location']}"
    shown = to.ask("GET", where)
    require(shown.status_code == 200, f"GET /questions: {shown.text}")
    return where


def role_policies(iam: Any, part: str = "Askbucket-") -> Iterator[tuple[dict[str, str], Any]]:
    """Where the inline policies of roles with this in their name stand, and their documents."""
    names = [role["RoleName"] for role in iam.list_roles()["Roles"] if part in role["RoleName"]]
    for role in names:
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            where = {"RoleName": role, "PolicyName": policy}
            yield where, iam.get_role_policy(**where)["PolicyDocument"]


def _name_batches(iam: Any) -> None:
    """On AWS sqs:SendMessage lets batches be sent, as hints are; the emulator asks for the
    operation's name."""
    for where, document in list(role_policies(iam)):
        sending = [s for s in document["Statement"] if _sends_hints(s)]
        for statement in sending:
            statement["Action"] = "sqs:SendMessageBatch"
        if sending:
            iam.put_role_policy(**where, PolicyDocument=json.dumps(document))


def _sends_hints(statement: dict[str, Any]) -> bool:
    return statement["Action"] == "sqs:SendMessage" and "DocumentHints" in statement["Resource"]


@contextmanager
def enforced_stack(folder: Path, context: dict[str, str] | None = None) -> Iterator[Enforced]:
    """The whole stack with its own roles, over TLS."""
    certificate = made_in(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in certificate.trusted.items():
            patch.setenv(name, value)
        trusting = ssl.create_default_context(cafile=certificate.path)
        with (
            OfflineStack(folder / "data", certificate=certificate, context=context) as stack,
            httpx.Client(trust_env=False, timeout=60, verify=trusting) as http,
        ):
            made = Enforced(stack.running, http)
            _name_batches(made.aws("iam"))
            yield made
            for client in made.clients.values():
                client.close()
