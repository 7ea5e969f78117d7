"""Requests nobody would write: made from the app's own OpenAPI document, and from raw bytes.

Every reply is held against that document; a 5xx is always a fault.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from tests.fuzz.backend import LOOPBACK, Running

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = tuple(schemathesis.GenerationMode)  # what fits the document, and what does not
RAW_SHARE = 5  # one request in five is raw
PATHS = ("/query", "/query/stream", "/search", "/feedback", "/documents", "/documents/{id}")
PATHS += ("/documents/{id}/pages/1", "/documents/{id}/content", "/health", "/")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
TYPES = ("application/json", "application/x-www-form-urlencoded", "text/plain", "", "*/*")


def faults(running: Running, requests: int, seed_number: int) -> list[str]:
    """Every kind of fault that about so many requests have found."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", running.app)
    operations = [result.ok() for result in schema.get_all_operations()]
    raw = requests // RAW_SHARE
    each = max(1, (requests - raw) // (len(operations) * len(MODES)))
    trials = [_trial(running, op, mode, each) for op in operations for mode in MODES]
    found = [_fault(seed(seed_number)(trial)) for trial in [*trials, _raw_trial(running, raw)]]
    return [fault for fault in found if fault]


def _trial(running: Running, operation: APIOperation, mode: Any, examples: int) -> Any:
    known = st.one_of(st.none(), st.sampled_from(running.ids))

    @_bounded(examples)
    @given(case=operation.as_strategy(mode), document=known)
    def trial(case: schemathesis.Case, document: str | None) -> None:
        if document and "document_id" in (case.path_parameters or {}):
            case.path_parameters["document_id"] = document
        case.call_and_validate(checks=CHECKS)

    return trial


def _raw_trial(running: Running, examples: int) -> Any:
    client = TestClient(running.app, client=LOOPBACK, raise_server_exceptions=False)

    @_bounded(examples)
    @given(request=_raw_requests(running.ids))
    def trial(request: dict[str, Any]) -> None:
        reply = client.request(**request, follow_redirects=False)
        assert reply.status_code < 500, f"{request} -> {reply.status_code} {reply.text}"
        if reply.status_code >= 400 and request["method"] != "HEAD":
            assert reply.headers["content-type"] == "application/problem+json", request
            assert json.loads(reply.text)["status"] == reply.status_code

    return trial


def _raw_requests(ids: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Methods, headers, queries and bodies of any bytes, on paths that exist or nearly do."""
    segment = st.one_of(st.sampled_from(ids), st.text(max_size=40).map(_escaped))
    path = st.tuples(st.sampled_from(PATHS), segment).map(lambda p: p[0].replace("{id}", p[1]))
    header = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
    names = ("accept", "range", "host", "cookie", "x-amzn-request-context", "transfer-encoding")
    return st.fixed_dictionaries(
        {
            "method": st.sampled_from(METHODS),
            "url": st.one_of(path, path.map(lambda p: p + "/")),
            "params": st.dictionaries(st.text(max_size=10), st.text(max_size=40), max_size=4),
            "content": st.one_of(st.binary(max_size=300), _odd_json(), st.just(b"x" * 70_000)),
            "headers": st.tuples(
                st.sampled_from(TYPES), st.dictionaries(st.sampled_from(names), header, max_size=3)
            ).map(lambda pair: {**pair[1], "content-type": pair[0]}),
        }
    )


def _odd_json() -> st.SearchStrategy[bytes]:
    """JSON that is valid but for its size, depth, numbers or halves of surrogate pairs."""
    texts = st.one_of(st.text(max_size=20), st.just("\ud800"), st.just("\0"), st.just("x" * 3000))
    leaf = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
    value = st.recursive(leaf, lambda v: st.lists(v, max_size=3), max_leaves=5)
    names = ("question", "query", "top_k", "filter", "key", "metadata", "size", "trace_id", "score")
    body = st.dictionaries(st.sampled_from(names), value, max_size=5)
    deep = st.just(b'{"question": ' + b"[" * 5000 + b"]" * 5000 + b"}")
    return st.one_of(body.map(lambda b: json.dumps(b).encode()), deep)


def _escaped(text: str) -> str:
    from urllib.parse import quote

    return quote(text.encode("utf-8", "replace"), safe="")


def _bounded(examples: int) -> Callable[[Any], Any]:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


def _fault(trial: Callable[[], None]) -> str | None:
    try:
        trial()
    except Unsatisfiable:
        return None  # such as a GET without parameters: no request breaks its description
    except BaseExceptionGroup as group:
        return "\n".join(_texts(group))
    except Exception as error:  # noqa: BLE001  (a fuzzer's edge: whatever was raised is told)
        return "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
    return None


def _texts(group: BaseExceptionGroup[Any]) -> Iterator[str]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _texts(error)
        else:
            yield "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
