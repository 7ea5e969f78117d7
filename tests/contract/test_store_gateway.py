"""A store behind API Gateway: every call of ours is signed and finds its route."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from botocore.credentials import Credentials

from askbucket.errors import TryAgain
from askbucket.models import SparseVector
from askbucket.stores.port import TenantFilter
from askbucket.stores.qdrant import QdrantStore, connect
from askbucket.stores.signing import Signed
from tests.contract.qdrant_served import served
from tests.contract.store_gateway import ACCESS_KEY, REGION, SECRET_KEY, TOKEN, gateway, listed
from tests.contract.stored_points import API_KEY, DIMENSIONS, EAST, EVERYTHING, NO_WORDS, point


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("qdrant"), API_KEY) as server, gateway(server) as front:
        yield front


def signed(secret_key: str = SECRET_KEY) -> Signed:
    return Signed(Credentials(ACCESS_KEY, secret_key, TOKEN), REGION)


def store(url: str, auth: httpx.Auth | None, collection: str = "c") -> QdrantStore:
    return QdrantStore(connect(url, API_KEY, auth=auth), collection, DIMENSIONS)


def test_a_point_is_stored_found_listed_counted_and_deleted_through_the_gateway(url: str) -> None:
    behind = store(url, signed())
    behind.upsert([point()])

    (found,), _ = behind.search(EAST, NO_WORDS, TenantFilter("default"), 5)
    assert found.document == point().document.key
    assert [ref.id for ref in behind.scroll(EVERYTHING)] == [point().id]
    assert behind.count(EVERYTHING) == 1
    assert "qdrant" in behind.health()
    behind.delete(EVERYTHING)
    assert behind.count(EVERYTHING) == 0


@pytest.mark.parametrize("auth", [None, signed("another key")], ids=["unsigned", "another key"])
def test_nothing_gets_through_without_the_right_signature(
    url: str, auth: httpx.Auth | None
) -> None:
    with pytest.raises(TryAgain, match=r"(?s)refused .*Forbidden"):
        store(url, auth).count(EVERYTHING)


def test_a_signature_holds_for_its_body_and_query_alone(url: str) -> None:
    request = httpx.Request("POST", f"{url}/collections/c/points/count?a=1&b=2", content=b"{}")
    request = next(signed().auth_flow(request))
    headers = {"api-key": API_KEY, "content-type": "application/json", **request.headers}
    del headers["content-length"]

    def status(content: bytes, query: str) -> int:
        where = f"{url}/collections/c/points/count?{query}"
        return httpx.post(where, content=content, headers=headers).status_code

    store(url, signed()).ensure()
    assert status(b"{}", "a=1&b=2") == 200
    assert status(b'{"exact":true}', "a=1&b=2") == 403
    assert status(b"{}", "a=1&b=3") == 403


def test_credentials_are_read_for_every_request(url: str) -> None:
    credentials = Credentials(ACCESS_KEY, "expired", TOKEN)
    behind = store(url, Signed(credentials, REGION), "never made")
    with pytest.raises(TryAgain, match="Forbidden"):
        behind.count(EVERYTHING)
    credentials.secret_key = SECRET_KEY
    assert behind.count(EVERYTHING) == 0


def test_long_chunks_go_in_requests_that_the_gateway_takes(url: str) -> None:
    words = SparseVector(tuple(range(2**32 - 8000, 2**32)), (0.12345678901234567,) * 8000)
    many = [point(number=n, sparse=words, text="字" * 8000) for n in range(40)]
    behind = store(url, signed(), "long")
    behind.upsert(many)
    assert behind.count(EVERYTHING) == 40


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/collections/c/snapshots/recover"),
        ("POST", "/collections/c/snapshots"),
        ("POST", "/snapshots"),
        ("DELETE", "/collections/c"),
        ("POST", "/collections/aliases"),
        ("GET", "/telemetry"),
        ("GET", "/collections"),
    ],
)
def test_what_the_package_never_asks_has_no_route(method: str, path: str) -> None:
    assert not listed(method, path)
