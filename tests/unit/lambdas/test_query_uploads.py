"""POST /documents: a presigned PUT with all its headers, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from starlette.testclient import TestClient

from askbucket.models import Document
from tests.unit.lambdas.parts import BUCKET
from tests.unit.lambdas.problems import problem

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")


def test_an_upload_is_a_presigned_put_with_all_it_must_send(api: TestClient) -> None:
    key = "new/ä b+c%2F..pdf"
    sent = {
        "key": key,
        "content_type": "application/pdf",
        "metadata": {"Team": "legal"},
        "size": 12_345,
    }

    reply = api.post("/documents", json=sent)

    assert reply.status_code == 201
    body = reply.json()
    assert body["id"] == Document(BUCKET, key).id
    assert body["method"] == "PUT"
    assert body["headers"] == {
        "content-type": "application/pdf",
        "content-length": "12345",
        "x-amz-meta-team": "legal",
    }
    url = urlsplit(body["url"])
    assert unquote(url.path).endswith(key)
    signed = parse_qs(url.query)["X-Amz-SignedHeaders"][0].split(";")
    assert {"host", *body["headers"]} <= set(signed)
    assert body["max_bytes"] == 100 * 1024 * 1024
    assert body["expires_at"] > 0


def test_an_upload_needs_no_more_than_a_key(api: TestClient) -> None:
    body = api.post("/documents", json={"key": "a.txt"}).json()

    assert body["headers"] == {}


def test_an_upload_over_the_limit_is_413_with_both_numbers(
    api: TestClient, setting: Callable[[str, str], None]
) -> None:
    setting("ASKBUCKET_MAX_FILE_BYTES", "1000")

    told = problem(api.post("/documents", json={"key": "a", "size": 1001}), 413)

    assert "1001 bytes; 1000 at most" in told["detail"]
    assert api.post("/documents", json={"key": "a", "size": 1000}).status_code == 201


def test_a_key_over_1024_bytes_is_refused_by_its_bytes(api: TestClient) -> None:
    assert "1024 bytes" in problem(api.post("/documents", json={"key": "é" * 513}), 400)["detail"]
    assert api.post("/documents", json={"key": "é" * 512}).status_code == 201


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"key": ""}, "key"),
        ({"key": None}, "key"),
        ({"size": 0}, "size"),
        ({"size": "big"}, "size"),
        ({"metadata": {"naïve": "x"}}, "metadata"),
        ({"metadata": {"a b": "x"}}, "metadata"),
        ({"metadata": {"a": "ü"}}, "metadata.a"),
        ({"metadata": {"a": "x\r\nx-evil: 1"}}, "metadata.a"),
        ({"content_type": "text/plain\r\nx: y"}, "content_type"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_upload_that_does_not_fit_names_the_field(
    api: TestClient, more: dict[str, Any], field: str
) -> None:
    told = problem(api.post("/documents", json={"key": "a.txt", **more}), 422)

    assert told["errors"][0]["field"].startswith(field)
