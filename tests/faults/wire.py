"""The one place that every call to AWS or to the store passes, with a fault where one is planned.

botocore hands a request to its `before-send` event, httpx to its transport; both end here, before
any socket. What lies behind is asked (or not), and then the reply is given, changed or lost.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import httpx
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError
from moto.core.botocore_stubber import MockRawResponse

Reply = TypeVar("Reply")
Backend = Callable[[str, AWSPreparedRequest], AWSResponse]


class Kind(StrEnum):
    """How a call goes wrong; only a lost reply comes after the effect."""

    THROTTLED = "throttled"
    BROKEN = "500"
    UNAVAILABLE = "503"
    UNCONNECTED = "timeout before"
    LOST = "timeout after: the reply is lost"
    RESET = "connection reset"


class Reach(StrEnum):
    """How long the fault lasts."""

    SEND = "one send"  # the client's own retry meets a healthy service
    CALL = "one call"  # with every retry of the client
    OPERATION = "every call"  # until somebody repairs it


@dataclass(frozen=True)
class Plan:
    """The fault at one call site: the `occurrence`-th call of an operation, from 1."""

    operation: str
    occurrence: int
    kind: Kind
    reach: Reach


@dataclass
class Wire:
    """What lies behind it, by service; what passed; and the fault planned."""

    backends: dict[str, Backend]
    plan: Plan | None = None
    passed: list[tuple[str, int]] = field(default_factory=list)
    met: list[str] = field(default_factory=list)  # ids of the calls that were faulted
    _counts: Counter[str] = field(default_factory=Counter)
    _last: dict[str, str] = field(default_factory=dict)

    def start(self, plan: Plan | None) -> None:
        """Counts from here on."""
        self.plan = plan
        self.passed, self.met, self._counts = [], [], Counter()

    def aws(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """botocore's `before-send` handler."""
        _, service, operation = event_name.split(".")
        call = request.headers["amz-sdk-invocation-id"]
        return self._through(
            f"{service}.{operation}",
            call.decode() if isinstance(call, bytes) else call,
            lambda: self.backends[service](operation, request),
            lambda kind: _aws_fault(kind, service, request),
        )

    def http(self, operation: str, call: str, send: Callable[[], httpx.Response]) -> httpx.Response:
        return self._through(operation, call, send, _http_fault)

    def _through(
        self,
        operation: str,
        call: str,
        effect: Callable[[], Reply],
        broken: Callable[[Kind], Reply],
    ) -> Reply:
        kind = self._kind(operation, call)
        if kind is None:
            return effect()
        if kind is Kind.LOST:
            effect()
        return broken(kind)

    def _kind(self, operation: str, call: str) -> Kind | None:
        """The fault that this send meets. Calls are counted, not the sends of one call."""
        if self._last.get(operation) != call:
            self._last[operation] = call
            self._counts[operation] += 1
            self.passed.append((operation, self._counts[operation]))
        plan = self.plan
        if plan is None or plan.operation != operation:
            return None
        occurrence = self._counts[operation]
        if plan.reach is not Reach.OPERATION and occurrence != plan.occurrence:
            return None
        if plan.reach is Reach.SEND and self.met:
            return None
        self.met.append(call)
        return plan.kind


class FaultyTransport(httpx.BaseTransport):
    """The store's transport; operations are named by method and path."""

    def __init__(self, inner: httpx.BaseTransport, wire: Wire) -> None:
        self._inner, self._wire, self._calls = inner, wire, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._calls += 1
        path = request.url.path.split("/", 3)
        operation = f"qdrant.{request.method} {path[3] if len(path) > 3 else 'collection'}"
        return self._wire.http(
            operation, str(self._calls), lambda: self._inner.handle_request(request)
        )

    def close(self) -> None:
        self._inner.close()


def json_reply(request: AWSPreparedRequest, body: Any, status: int = 200) -> AWSResponse:
    """An AWS reply with a JSON body."""
    headers = {"content-type": "application/json"}
    raw = MockRawResponse(json.dumps(body))
    return AWSResponse(request.url, status, headers, raw)


REFUSALS = {
    Kind.THROTTLED: (429, "ThrottlingException"),
    Kind.BROKEN: (500, "InternalServerError"),
    Kind.UNAVAILABLE: (503, "ServiceUnavailable"),
}


def _aws_fault(kind: Kind, service: str, request: AWSPreparedRequest) -> AWSResponse:
    match kind:
        case Kind.UNCONNECTED:
            raise ConnectTimeoutError(endpoint_url=request.url)
        case Kind.LOST:
            raise ReadTimeoutError(endpoint_url=request.url)
        case Kind.RESET:
            raise ConnectionClosedError(endpoint_url=request.url)
    status, code = REFUSALS[kind]
    if service != "s3":
        reply = json_reply(request, {"__type": code, "message": kind}, status)
        reply.headers["x-amzn-errortype"] = code
        return reply
    body = f"<Error><Code>{'SlowDown' if status == 429 else code}</Code></Error>"
    raw = MockRawResponse("" if request.method == "HEAD" else body)
    return AWSResponse(request.url, 503 if status == 429 else status, {}, raw)


def _http_fault(kind: Kind) -> httpx.Response:
    match kind:
        case Kind.UNCONNECTED:
            raise httpx.ConnectTimeout(kind)
        case Kind.LOST:
            raise httpx.ReadTimeout(kind)
        case Kind.RESET:
            raise httpx.ReadError(kind)
    status, _ = REFUSALS[kind]
    headers = {"retry-after": "1"} if kind is Kind.THROTTLED else {}
    return httpx.Response(status, headers=headers, json={"status": {"error": kind}})
