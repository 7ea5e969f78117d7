"""The documents' routes: lists, one document, its pages, its bytes, and deletes."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from starlette.testclient import TestClient

from askbucket.models import Document, Status
from tests.unit.lambdas.parts import BUCKET, NOW, Library, committed
from tests.unit.lambdas.problems import problem

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

LEASE_KEY, OVEN_KEY = "leases/main street.txt", "manuals/oven.txt"
LEASE_ID = Document(BUCKET, LEASE_KEY).id
NOBODY = Document(BUCKET, "nobody").id


@pytest.fixture(scope="module", autouse=True)
def shelf(library: Library) -> None:
    """Five more documents in other states than ready."""
    committed(library.manifest, "shelf/deleted.txt", Status.DELETED, version=None)
    committed(library.manifest, "shelf/broken.pdf", Status.FAILED, reason="it is encrypted")
    for number in range(3):
        committed(library.manifest, f"shelf/ü {number}+%.txt")
    committed(library.manifest, "theirs.txt", tenant="other")


def listed(api: TestClient, **query: Any) -> list[str]:
    reply = api.get("/documents", params=query)
    assert reply.status_code == 200, reply.text
    return [each["document"] for each in reply.json()["documents"]]


# --- lists --------------------------------------------------------------------------------------


def test_a_document_is_listed_with_all_there_is_to_know(api: TestClient) -> None:
    (lease,) = api.get("/documents", params={"key": LEASE_KEY}).json()["documents"]

    assert lease["id"] == LEASE_ID
    assert lease["version"] == lease["active_version"] != ""
    assert lease | {"version": "", "active_version": "", "size": 0, "updated_at": 0} == {
        "id": LEASE_ID,
        "document": LEASE_KEY,
        "version": "",
        "active_version": "",
        "status": "ready",
        "warnings": [],
        "pages": 1,
        "ocr_pages": 0,
        "chunks": 1,
        "embedded_chunks": 1,
        "size": 0,
        "usd": {"ocr": 0.0, "embedding": 0.0},
        "updated_at": 0,
        "outdated": True,
    }


def test_a_failed_document_has_its_reason_and_nothing_active(api: TestClient) -> None:
    (broken,) = api.get("/documents", params={"key": "shelf/broken.pdf"}).json()["documents"]

    assert (broken["status"], broken["reason"]) == ("failed", "it is encrypted")
    assert broken["active_version"] is None


def test_a_document_under_way_tells_how_far_it_is(api: TestClient, library: Library) -> None:
    # given
    document = Document(BUCKET, "working.pdf")
    generation = library.manifest.claim(document, "default", NOW).generation
    progress = {"pages_read": 100, "pages": 250, "chunks_embedded": 0}
    library.manifest.advance(document.id, generation, NOW, status="reading", progress=progress)
    # then
    assert api.get(f"/documents/{document.id}").json()["progress"] == progress
    (listed,) = api.get("/documents", params={"key": "working.pdf"}).json()["documents"]
    assert (listed["status"], listed["progress"]) == ("reading", progress)
    # when
    progress = {"pages_read": 250, "pages": 250, "chunks_embedded": 900, "chunks": 900}
    library.manifest.advance(document.id, generation, NOW, status="indexing", progress=progress)
    # then
    assert api.get(f"/documents/{document.id}").json()["progress"] == progress
    assert "progress" not in api.get(f"/documents/{LEASE_ID}").json()


def test_lists_are_in_key_order_and_hide_the_deleted(api: TestClient) -> None:
    keys = listed(api)

    assert keys == sorted(keys, key=str.encode)
    assert "shelf/deleted.txt" not in keys
    assert {LEASE_KEY, OVEN_KEY, "shelf/broken.pdf"} <= set(keys)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ({"prefix": "shelf/ü"}, [f"shelf/ü {n}+%.txt" for n in range(3)]),
        ({"prefix": "nothing"}, []),
        ({"key": "shelf/ü 1+%.txt"}, ["shelf/ü 1+%.txt"]),
        ({"key": "shelf/"}, []),
        ({"status": "deleted"}, ["shelf/deleted.txt"]),
        ({"status": "failed", "prefix": "shelf/"}, ["shelf/broken.pdf"]),
        ({"status": "failed", "prefix": "leases/"}, []),
    ],
)
def test_a_list_is_narrowed_by_prefix_key_and_status(
    api: TestClient, query: dict[str, str], keys: list[str]
) -> None:
    assert listed(api, **query) == keys


@pytest.mark.parametrize("query", [{}, {"prefix": "shelf/"}, {"status": "failed"}])
@pytest.mark.parametrize("limit", [1, 2, 200])
def test_pages_put_together_are_the_whole_list(
    api: TestClient, query: dict[str, str], limit: int
) -> None:
    keys: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(20):
        body = api.get("/documents", params={**query, **cursor, "limit": limit}).json()
        assert len(body["documents"]) <= limit
        keys += [each["document"] for each in body["documents"]]
        if "cursor" not in body:
            break
        cursor = {"cursor": body["cursor"]}

    assert keys == listed(api, **query)


def _cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


OWN = {"id": LEASE_ID, "item": "document", "bucket": BUCKET, "key": LEASE_KEY}


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "é",
        "",
        "====",
        _cursor([]),
        _cursor({}),
        _cursor("text"),
        _cursor({**OWN, "id": NOBODY}),
        _cursor({**OWN, "id": 5}),
        _cursor({**OWN, "key": 5}),
        _cursor({**OWN, "key": {"S": "x"}}),
        _cursor({**OWN, "bucket": "another"}),
        _cursor({**OWN, "item": "step#1"}),
        _cursor({**OWN, "more": "x"}),
        base64.urlsafe_b64encode(b"[" * 3000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_a_cursor_that_the_api_did_not_make_is_400(api: TestClient, cursor: str) -> None:
    assert "cursor" in problem(api.get("/documents", params={"cursor": cursor}), 400)["detail"]


def test_a_cursor_of_another_list_is_400(api: TestClient) -> None:
    query = {"cursor": _cursor(OWN), "prefix": "manuals/"}

    assert "another list" in problem(api.get("/documents", params=query), 400)["detail"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"limit": "all"}, "limit"),
        ({"status": "lost"}, "status"),
        ({"prefix": "x" * 1025}, "prefix"),
        ({"key": "x" * 1025}, "key"),
    ],
)
def test_a_query_that_does_not_fit_names_the_parameter(
    api: TestClient, query: dict[str, Any], field: str
) -> None:
    assert field in problem(api.get("/documents", params=query), 422)["detail"]


# --- one document -------------------------------------------------------------------------------


def test_one_document_comes_with_the_history_of_its_steps(api: TestClient) -> None:
    body = api.get(f"/documents/{LEASE_ID}").json()

    assert body["document"] == LEASE_KEY
    (step,) = body["steps"]
    assert (step["step"], step["detail"], step["at"]) == ("ready", "1 chunks", NOW)


@pytest.mark.parametrize("way", ["", "/pages/1", "/content"])
@pytest.mark.parametrize(
    "document_id",
    [
        NOBODY,
        "x",
        "x" * 3000,
        *(Document(BUCKET, k).id for k in ("shelf/deleted.txt", "theirs.txt")),
    ],
)
def test_an_unknown_deleted_or_foreign_document_is_404(
    api: TestClient, document_id: str, way: str
) -> None:
    told = problem(api.get(f"/documents/{document_id}{way}"), 404)

    assert "GET /documents lists them" in told["detail"]
    problem(api.delete(f"/documents/{document_id}"), 404)


def test_a_page_has_its_lines_with_their_boxes(api: TestClient) -> None:
    body = api.get(f"/documents/{LEASE_ID}/pages/1").json()

    assert (body["document"], body["page"], body["source"]) == (LEASE_KEY, 1, "text")
    assert body["lines"][1] == {
        "text": "It is due on the third working day.",
        "confidence": 100.0,
        "box": {"page": 1, "left": 0.1, "top": 0.15, "width": 0.8, "height": 0.04},
        "heading": 0,
        "table": 0,
        "header": False,
    }


@pytest.mark.parametrize("number", ["0", "2", "-1", "1000001", "1" * 1200])
def test_a_page_there_is_not_is_404(api: TestClient, number: str) -> None:
    problem(api.get(f"/documents/{LEASE_ID}/pages/{number}"), 404)


def test_a_page_number_must_be_a_number(api: TestClient) -> None:
    told = problem(api.get(f"/documents/{LEASE_ID}/pages/one"), 422)

    assert told["errors"][0]["field"] == "number"


def test_a_document_without_a_readable_version_has_no_pages(api: TestClient) -> None:
    broken = Document(BUCKET, "shelf/broken.pdf").id

    assert "status: failed" in problem(api.get(f"/documents/{broken}/pages/1"), 404)["detail"]


def test_content_redirects_to_the_version_that_answers_use(
    api: TestClient, library: Library
) -> None:
    active = api.get(f"/documents/{LEASE_ID}").json()["active_version"]
    library.s3.put_object(Bucket=BUCKET, Key=LEASE_KEY, Body=b"newer bytes")

    reply = api.get(f"/documents/{LEASE_ID}/content", follow_redirects=False)

    assert reply.status_code == 307
    url = urlsplit(reply.headers["location"])
    assert unquote(url.path).endswith(LEASE_KEY)
    assert parse_qs(url.query)["versionId"] == [active]
    assert "X-Amz-Signature" in parse_qs(url.query)


def test_delete_takes_the_object_away_and_leaves_the_rest_to_its_event(
    api: TestClient, library: Library
) -> None:
    document = library.add("to-go.txt", "soon gone")

    reply = api.delete(f"/documents/{document.id}")

    assert (reply.status_code, reply.json()) == (202, {"id": document.id, "document": "to-go.txt"})
    assert "Contents" not in library.s3.list_objects_v2(Bucket=BUCKET, Prefix="to-go.txt")
    assert library.s3.list_object_versions(Bucket=BUCKET, Prefix="to-go.txt")["DeleteMarkers"]
