"""A client for a stack, local or deployed: S3 for files, HTTP for everything else."""

from __future__ import annotations

import json
import mimetypes
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from local import operations
from local.emulator import CREDENTIALS
from local.importing import Found, Imported, Importer, listed
from local.target import ClientFailed, Target

LOCALLY = Config(
    proxies={}, s3={"addressing_style": "path"}, retries={"mode": "standard", "max_attempts": 2}
)
AT_REST = ("ready", "failed", "deleted")
POLL_SECONDS = 0.5
TIMEOUT_SECONDS = 60.0
HINT = "is `askbucket up` running?"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file in the bucket, and the version its PUT made."""

    key: str
    version: str | None


class Client:
    """Speaks to one stack; a context manager. Raises ClientFailed with the API's own words."""

    def __init__(self, target: Target) -> None:
        self.target = target
        credentials = (
            {
                "aws_access_key_id": CREDENTIALS["AWS_ACCESS_KEY_ID"],
                "aws_secret_access_key": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
                "region_name": CREDENTIALS["AWS_REGION"],
            }
            if target.aws_endpoint
            else {}
        )
        self._session = boto3.Session(**credentials)
        self._open = ExitStack()
        self._s3 = self._aws("s3")
        self._http = self._open.enter_context(
            httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=target.aws_endpoint is None)
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        return self._json(method, path, body)

    def ask(self, question: str, **options: Any) -> dict[str, Any]:
        return self._json("POST", "/query", {"question": question, **options})

    def search(self, query: str, **options: Any) -> dict[str, Any]:
        return self._json("POST", "/search", {"query": query, **options})

    def feedback(self, trace_id: str, score: int, comment: str | None) -> None:
        given = {"trace_id": trace_id, "score": score}
        self._reply("POST", "/feedback", given | ({"comment": comment} if comment else {}))

    def documents(self, **query: str) -> Iterator[dict[str, Any]]:
        """Every document that matches, over all pages of the list."""
        while True:
            page = self._json("GET", "/documents", query=query)
            yield from page["documents"]
            if "cursor" not in page:
                return
            query = {**query, "cursor": page["cursor"]}

    def document(self, key: str) -> dict[str, Any] | None:
        return next(self.documents(key=key), None)

    def details(self, document_id: str) -> dict[str, Any]:
        """The document with its step history."""
        return self._json("GET", f"/documents/{document_id}")

    def page(self, document_id: str, number: int) -> dict[str, Any]:
        """The lines of a page, from 1, with their boxes."""
        return self._json("GET", f"/documents/{document_id}/pages/{number}")

    def download(self, document_id: str, to: Path) -> None:
        """The bytes that answers use, by the presigned URL the API redirects to."""
        url = self._reply("GET", f"/documents/{document_id}/content").headers["location"]
        try:
            with self._http.stream("GET", url) as reply, to.open("wb") as file:
                reply.raise_for_status()
                file.writelines(reply.iter_bytes())
        except httpx.HTTPError as error:
            raise ClientFailed(f"the file could not be downloaded: {error}") from error

    def put(self, path: Path, key: str) -> Uploaded:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        where = {"Bucket": self.target.bucket, "Key": key}
        try:
            with path.open("rb") as file:
                reply = self._s3.put_object(**where, Body=file, ContentType=kind)
        except (ClientError, BotoCoreError, OSError) as error:
            raise _failed(f"{path} could not be put into the bucket", error) from error
        return Uploaded(key, reply.get("VersionId"))

    def objects(self, bucket: str, prefix: str, put_under: str) -> list[Found]:
        """What another bucket holds under the prefix."""
        try:
            return list(listed(self._s3, bucket, prefix, put_under))
        except (ClientError, BotoCoreError) as error:
            raise _failed(f"bucket {bucket} cannot be listed", error) from error

    def bring_in(
        self, bucket: str, found: Sequence[Found], seen: Callable[[Found], None]
    ) -> Imported:
        """Copies another bucket's objects into this one; `seen` hears of each."""
        return Importer(self._s3, bucket, self.target.bucket)(found, seen)

    def remove(self, key: str) -> None:
        where = {"Bucket": self.target.bucket, "Key": key}
        try:
            self._s3.head_object(**where)  # a delete of nothing would leave a delete marker
            self._s3.delete_object(**where)
        except (ClientError, BotoCoreError) as error:
            if getattr(error, "response", {}).get("Error", {}).get("Code") == "404":
                raise ClientFailed(f"there is no document {key} in the bucket") from error
            raise _failed(f"{key} could not be deleted", error) from error

    def wait(
        self,
        uploaded: Uploaded,
        timeout_s: float,
        seen: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> dict[str, Any]:
        """The document once this version, or a later one, is at rest. `seen` hears of progress."""
        deadline = time.monotonic() + timeout_s
        while True:
            document = self.document(uploaded.key)
            if document:
                seen(document)
                if document["status"] in AT_REST and self._newest(uploaded, document["version"]):
                    return document
            if time.monotonic() > deadline:
                raise ClientFailed(f"{uploaded.key} was not indexed within {timeout_s:.0f} s")
            time.sleep(POLL_SECONDS)

    def _newest(self, uploaded: Uploaded, version: str | None) -> bool:
        """Whether a version is the uploaded one, or what has taken its place since."""
        return uploaded.version in (None, version) or version == self.bucket_version(uploaded.key)

    def wait_gone(self, key: str, timeout_s: float) -> None:
        """Returns once the deletion is in the index."""
        deadline = time.monotonic() + timeout_s
        while self.document(key):
            if time.monotonic() > deadline:
                raise ClientFailed(f"{key} was not removed within {timeout_s:.0f} s")
            time.sleep(POLL_SECONDS)

    def sweep(self, prefix: str = "") -> dict[str, Any]:
        """What a sweep of everything, or of the keys of a prefix, found and hinted."""
        function = self._output("SweepFunction")
        try:
            return operations.sweep(self._aws("lambda"), function, prefix)
        except (ClientError, BotoCoreError) as error:
            raise _failed("the sweep could not be started", error) from error
        except operations.OperationFailed as error:
            raise ClientFailed(f"the sweep failed: {error}") from error

    def redrive(self) -> int:
        """How many dead letters went back to work."""
        dead = self._output("DeadLetterQueueUrls").split(",")
        try:
            own = operations.redrive(self._aws("sqs"), dead, self._output("QueueUrl"))
            return own + operations.redrive_questions(self._aws("sqs"), self.target.outputs)
        except (ClientError, BotoCoreError) as error:
            raise _failed("the dead letters could not be moved", error) from error

    def waiting_hints(self) -> int:
        try:
            return operations.waiting(self._aws("sqs"), self._output("QueueUrl"))
        except (ClientError, BotoCoreError) as error:
            raise _failed("the queue cannot be looked at", error) from error

    def followed_hints(self) -> int:
        try:
            return operations.followed(self._aws("sqs"), self._output("QueueUrl"))
        except (ClientError, BotoCoreError) as error:
            raise _failed("the queue cannot be looked at", error) from error

    def bucket_version(self, key: str) -> str | None:
        """The version the bucket holds for the key now; None for none."""
        try:
            head = self._s3.head_object(Bucket=self.target.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return None
            raise _failed(f"{key} cannot be looked at", error) from error
        except BotoCoreError as error:
            raise _failed(f"{key} cannot be looked at", error) from error
        return str(head.get("VersionId", "null"))

    def _output(self, name: str) -> str:
        if name not in self.target.outputs:
            raise ClientFailed(
                "this needs a stack's outputs: name a deployed one by --stack, or a running local "
                "one by --data"
            )
        return self.target.outputs[name]

    def _aws(self, service: str) -> Any:
        config = LOCALLY if self.target.aws_endpoint else None
        client = self._session.client(service, endpoint_url=self.target.aws_endpoint, config=config)
        self._open.callback(client.close)
        return client

    def _json(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        return dict(self._reply(method, path, body, query).json())

    def _reply(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
    ) -> httpx.Response:
        url = str(httpx.URL(self.target.api_url + path, params=query or {}))
        content = json.dumps(body).encode() if body is not None else b""
        headers = {"content-type": "application/json"} if body is not None else {}
        if self.target.aws_endpoint is None:
            headers = self._signed(method, url, content, headers)
        try:
            reply = self._http.request(method, url, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise ClientFailed(
                f"{self.target.api_url} does not answer ({error}); {HINT}"
            ) from error
        if reply.is_error:
            raise ClientFailed(_detail(reply))
        return reply

    def _signed(
        self, method: str, url: str, content: bytes, headers: dict[str, str]
    ) -> dict[str, str]:
        """With the caller's AWS signature, as the gateway's IAM authorizer wants it."""
        request = AWSRequest(method, url, headers, content)
        credentials = self._session.get_credentials()
        if credentials is None:
            raise ClientFailed("no AWS credentials were found to sign the request with")
        region = httpx.URL(url).host.split(".")[2]
        SigV4Auth(credentials, "execute-api", region).add_auth(request)
        return dict(request.headers)


def _failed(what: str, error: Exception) -> ClientFailed:
    hint = f"; {HINT}" if isinstance(error, EndpointConnectionError) else ""
    return ClientFailed(f"{what}: {error}{hint}")


def _detail(reply: httpx.Response) -> str:
    try:
        return str(reply.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{reply.status_code} from {reply.url.path}"
