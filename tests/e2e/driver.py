"""What a user of a running stack does and sees, for the tests: S3 by boto3, the API by HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from click.testing import Result

from local.emulator import CREDENTIALS
from local.stack import Running

AT_REST = ("ready", "failed")
POLL_SECONDS = 0.1
ROOT = Credentials(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])

Document = dict[str, Any]
Answer = dict[str, Any]
Run = Callable[..., Result]


def eventually(found: Callable[[], Any], what: str, within_s: float = 60) -> Any:
    """The first true value; fails the test when none came in time."""
    deadline = time.monotonic() + within_s
    while not (value := found()):
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(POLL_SECONDS)
    return value


@dataclass(frozen=True)
class Driver:
    """One running stack, seen from outside."""

    running: Running
    http: httpx.Client
    s3: Any
    logs: Any
    sqs: Any
    functions: Any

    @classmethod
    def of(cls, running: Running) -> Driver:
        session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=CREDENTIALS["AWS_REGION"],
        )
        direct = Config(proxies={}, s3={"addressing_style": "path"})
        clients = (
            session.client(service, endpoint_url=running.aws_endpoint, config=direct)
            for service in ("s3", "logs", "sqs", "lambda")
        )
        return cls(running, httpx.Client(trust_env=False, timeout=60), *clients)

    def close(self) -> None:
        self.http.close()
        self.s3.close()
        self.logs.close()
        self.sqs.close()
        self.functions.close()

    def put(self, key: str, body: bytes | str, **more: Any) -> str:
        """The version that the PUT made."""
        reply = self.s3.put_object(Bucket=self.running.bucket, Key=key, Body=body, **more)
        version: str = reply["VersionId"]
        return version

    def delete(self, key: str, version: str | None = None) -> str:
        """The version removed, or that of the delete marker."""
        which = {"VersionId": version} if version else {}
        reply = self.s3.delete_object(Bucket=self.running.bucket, Key=key, **which)
        marker: str = reply["VersionId"]
        return marker

    def document(self, key: str) -> Document | None:
        reply = self.http.get(f"{self.running.api_url}/documents", params={"key": key})
        found: list[Document] = reply.raise_for_status().json()["documents"]
        return found[0] if found else None

    def at_rest(self, key: str, version: str, within_s: float = 60) -> Document:
        """The document once exactly this version is ready or failed."""

        def settled() -> Document | None:
            now = self.document(key)
            return now if now and now["version"] == version and now["status"] in AT_REST else None

        document: Document = eventually(settled, f"{key} at rest", within_s)
        return document

    def ready(self, key: str, version: str, within_s: float = 60) -> Document:
        document = self.at_rest(key, version, within_s)
        assert document["status"] == "ready", document
        return document

    def put_ready(self, key: str, body: bytes | str) -> Document:
        return self.ready(key, self.put(key, body))

    def gone(self, keys: Collection[str], within_s: float = 60) -> None:
        def none_left() -> bool:
            return all(self.document(key) is None for key in keys)

        eventually(none_left, f"{keys} gone", within_s)

    def documents(self, **query: str) -> list[Document]:
        """All of the list's pages."""
        url, found = f"{self.running.api_url}/documents", list[Document]()
        while True:
            page = self.http.get(url, params=query).raise_for_status().json()
            found += page["documents"]
            if "cursor" not in page:
                return found
            query["cursor"] = page["cursor"]

    @contextmanager
    def told(self, **variables: str) -> Iterator[None]:
        """Inside, all functions have these variables, as after another deployment."""
        names = [f["FunctionName"] for f in self.functions.list_functions()["Functions"]]
        before = {name: self._variables(name) for name in names}
        try:
            for name, own in before.items():
                self._tell(name, {**own, **variables})
            yield
        finally:
            for name, own in before.items():
                self._tell(name, own)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Inside, nobody takes hints from the queues."""
        mappings = self.functions.list_event_source_mappings()["EventSourceMappings"]
        try:
            for each in mappings:
                self.functions.update_event_source_mapping(UUID=each["UUID"], Enabled=False)
            yield
        finally:
            for each in mappings:
                self.functions.update_event_source_mapping(UUID=each["UUID"], Enabled=True)

    def _variables(self, name: str) -> dict[str, str]:
        deployed = self.functions.get_function_configuration(FunctionName=name)
        variables: dict[str, str] = deployed["Environment"]["Variables"]
        return variables

    def _tell(self, name: str, variables: dict[str, str]) -> None:
        environment = {"Variables": variables}
        self.functions.update_function_configuration(FunctionName=name, Environment=environment)

    def through_gateway(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        keys: Credentials = ROOT,
        content_type: str = "application/json",
    ) -> httpx.Response:
        """A signed request to the emulated API Gateway, which checks that it is signed."""
        url = self.running.gateway_url + path
        content = json.dumps(body).encode() if body is not None else b""
        request = AWSRequest(method, url, {"content-type": content_type}, content)
        SigV4Auth(keys, "execute-api", CREDENTIALS["AWS_REGION"]).add_auth(request)
        return self.http.request(method, url, content=content, headers=dict(request.headers))

    def ask(self, question: str, *, gateway: bool = False, **narrowed: Any) -> Answer:
        body = {"question": question, "filter": narrowed}
        if gateway:
            reply = self.through_gateway("POST", "/query", body)
        else:
            reply = self.http.post(f"{self.running.api_url}/query", json=body)
        assert reply.status_code == 200, reply.text
        answer: Answer = reply.json()
        return answer

    def hits(self, query: str, **narrowed: Any) -> list[dict[str, Any]]:
        body = {"query": query, "filter": narrowed}
        reply = self.http.post(f"{self.running.api_url}/search", json=body)
        assert reply.status_code == 200, reply.text
        hits: list[dict[str, Any]] = reply.json()["hits"]
        return hits

    def pages_billed(self) -> int:
        """Pages that the Textract endpoint has read, ever, for this data folder."""
        reply = self.http.get(f"{self.running.textract_url}/_askbucket/pages")
        return int(reply.json()["pages"])

    def embeddings_made(self) -> int:
        """Vectors that the Bedrock endpoint has made since it started."""
        reply = self.http.get(f"{self.running.bedrock_url}/_askbucket/calls")
        return int(reply.json()["embeddings"])

    def tokens_embedded(self) -> int:
        """Tokens that the Bedrock endpoint has embedded since it started."""
        reply = self.http.get(f"{self.running.bedrock_url}/_askbucket/calls")
        return int(reply.json()["tokens"])
