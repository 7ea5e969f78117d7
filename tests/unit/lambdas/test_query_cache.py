"""The rule of kept replies over HTTP, with the real store and both caches: what is asked anew."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

import pytest
from fakeredis import TcpFakeServer
from redis import Redis
from starlette.testclient import TestClient

from askbucket import wiring, wiring_answers, wiring_chat
from tests.unit.lambdas.parts import Library
from tests.unit.lambdas.test_query_tenants import Ask, ask  # noqa: F401  (a fixture)

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
RENT = "How much is the rent of the boat house?"
LEASE = "The rent of the boat house is {} euros."
OTHER_MODEL = "amazon.nova-pro-v1:0"
TENANTS = ("acme", "acme", "globex")
Reply = dict[str, Any]
Asked = Callable[..., Reply]


@pytest.fixture(scope="module")
def redis() -> Iterator[Any]:
    with TcpFakeServer(("127.0.0.1", 0)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Redis(port=server.server_address[1]) as client:
            yield client
        server.shutdown()


@pytest.fixture(params=["dynamodb", "redis"])
def cache(
    request: pytest.FixtureRequest,
    library: Library,
    setting: Callable[[str, str], None],
    redis: Any,
) -> Iterator[str]:
    """Empty, and the only one."""
    del library
    port = redis.connection_pool.connection_kwargs["port"]
    url = {"dynamodb": "dynamodb", "redis": f"redis://127.0.0.1:{port}/0"}[request.param]
    setting("ASKBUCKET_CACHE", url)
    _emptied(redis)
    _answers_anew()
    yield request.param
    _answers_anew()


def _emptied(redis: Any) -> None:
    redis.flushall()
    for item in wiring.answers().scan()["Items"]:
        wiring.answers().delete_item(Key={"id": item["id"]})


def _answers_anew() -> None:
    for part in (wiring_chat.cache_of_replies, wiring_answers.answering):
        part.cache_clear()


@pytest.fixture
def shelf(request: pytest.FixtureRequest) -> str:
    """Where a test's documents are."""
    return f"{request.node.name}/"


@pytest.fixture
def asked(api: TestClient, shelf: str, cache: str) -> Asked:
    """The reply to the question about this test's documents."""
    del cache

    def reply(question: str = RENT, prefix: str = shelf, **more: Any) -> Reply:
        body = {"question": question, "filter": {"prefix": prefix}, **more}
        found = api.post("/query", json=body)
        assert found.status_code == 200, found.text
        told: Reply = found.json()
        return told

    return reply


def test_the_second_time_is_a_hit_that_costs_nothing(
    asked: Asked, library: Library, shelf: str
) -> None:
    library.add(f"{shelf}lease.txt", LEASE.format(940))
    first, second = asked(), asked()

    assert (first["cached"], second["cached"]) == (False, True)
    assert second["answer"] == first["answer"]
    assert second["citations"] == first["citations"]
    assert (second["usage"]["input_tokens"], second["usage"]["usd"]) == (0, 0)


def test_an_overwritten_source_is_answered_anew_at_once(
    asked: Asked, library: Library, shelf: str
) -> None:
    library.add(f"{shelf}lease.txt", LEASE.format(940))
    asked()
    library.add(f"{shelf}lease.txt", LEASE.format(990))

    answer = asked()

    assert not answer["cached"]
    assert "990 euros" in answer["answer"]
    assert asked()["cached"]


def test_an_upload_elsewhere_leaves_the_hit(asked: Asked, library: Library, shelf: str) -> None:
    library.add(f"{shelf}lease.txt", LEASE.format(940))
    asked()
    library.add(f"another {shelf}lease.txt", LEASE.format(1))

    assert asked()["cached"]


def test_a_deleted_source_is_never_told_of_again(
    asked: Asked, library: Library, shelf: str
) -> None:
    library.add(f"{shelf}lease.txt", LEASE.format(940))
    asked()
    library.remove(f"{shelf}lease.txt")

    answer = asked()

    assert (answer["answered"], answer["citations"], answer["cached"]) == (False, [], False)
    assert "940" not in answer["answer"]


def test_a_document_that_fits_better_is_answered_from_at_once(
    asked: Asked, library: Library, shelf: str
) -> None:
    library.add(f"{shelf}a.txt", "The boat house has a rent, which is to be agreed.")
    before = asked()
    library.add(f"{shelf}b.txt", LEASE.format(990))

    answer = asked()

    assert "990" not in before["answer"]
    assert not answer["cached"]
    assert "990 euros" in answer["answer"]


def test_other_sources_make_another_question(asked: Asked, library: Library, shelf: str) -> None:
    """The filter is no part of the key: what it leaves is."""
    library.add(f"{shelf}a/lease.txt", LEASE.format(940))
    library.add(f"{shelf}b/lease.txt", LEASE.format(990))
    asked()

    one = asked(prefix=f"{shelf}b/")

    assert not one["cached"]
    assert "990 euros" in one["answer"]
    assert "940" not in one["answer"]


def test_a_reply_expires(asked: Asked, library: Library, shelf: str, redis: Any) -> None:
    library.add(f"{shelf}lease.txt", LEASE.format(940))
    asked()
    _let_expire(redis)

    assert not asked()["cached"]


def _let_expire(redis: Any) -> None:
    """The end of every reply is a moment ago."""
    for key in redis.scan_iter():
        redis.pexpire(key, -1)
    for item in wiring.answers().scan()["Items"]:
        wiring.answers().put_item(Item={**item, "expires_at": 1_000_000_000})


def test_switched_off_nothing_is_a_hit(
    asked: Asked, library: Library, shelf: str, setting: Callable[[str, str], None]
) -> None:
    library.add(f"{shelf}lease.txt", LEASE.format(940))
    asked()
    setting("ASKBUCKET_CACHE", "")
    _answers_anew()

    assert [asked()["cached"] for _ in range(2)] == [False, False]


def test_another_model_of_the_list_is_asked_itself(
    asked: Asked,
    library: Library,
    shelf: str,
    setting: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that says the same, so that a reply alone would not tell."""
    setting("ASKBUCKET_CHAT_MODELS", OTHER_MODEL)
    default: Any = wiring_chat.chat()
    other = copy(default)
    other.model_id = OTHER_MODEL
    monkeypatch.setattr(wiring_chat, "chat", lambda model=None: other if model else default)
    library.add(f"{shelf}lease.txt", LEASE.format(940))
    asked()

    told = [asked(), asked(model=OTHER_MODEL), asked(model=OTHER_MODEL)]

    assert [reply["cached"] for reply in told] == [True, False, True]
    assert [reply["model"] for reply in told[1:]] == [OTHER_MODEL] * 2


@pytest.fixture
def several(
    cache: str,
    ask: Ask,  # noqa: F811
    setting: Callable[[str, str], None],
) -> Iterator[Ask]:
    """Callers of several tenants, without groups."""
    del cache
    setting("ASKBUCKET_GROUPS_LABEL", "")
    _kept_parts_anew()
    yield ask
    _kept_parts_anew()


def _kept_parts_anew() -> None:
    _answers_anew()
    for part in (wiring_answers.retriever, wiring.callers):
        part.cache_clear()


def test_tenants_share_no_reply(several: Ask, library: Library) -> None:
    for tenant in ("acme", "globex"):
        library.add(f"{tenant}/lease.txt", LEASE.format(940), tenant=tenant)

    told = [several("POST", "/query", t, body={"question": RENT}) for t in TENANTS]

    assert [status for status, _ in told] == [200] * 3, told
    assert [reply["cached"] for _, reply in told] == [False, True, False]
    assert all("940 euros" in reply["answer"] for _, reply in told)
