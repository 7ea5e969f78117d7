"""Kept replies: never another answer than without them, in every cache, and over real sockets."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from fakeredis import TcpFakeServer
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from askbucket.answer.answering import Answering
from askbucket.answer.cache import Cache, Replies
from askbucket.answer.caches.dynamodb import DynamoDbCache
from askbucket.answer.caches.redis import REST_SECONDS, RedisCache, connected
from askbucket.answer.chat import Reply, Stop
from askbucket.answer.no_answer import NO_ANSWER
from askbucket.answer.prompts import Prompt
from askbucket.answer.question import Question, Scope, Traced
from askbucket.answer.records import Records
from askbucket.answer.sourcing import Sourcing
from askbucket.models import Answer, Hit, Usage
from askbucket.tracing import Untraced
from tests.unit.answer.parts import hit
from tests.unit.answer.scripted import USAGE, ScriptedRetriever
from tests.unit.lambdas.parts import made_answers_table

PASSWORD = "open sesame"


class Kept(dict[tuple[str, str], str]):
    """A cache in memory."""

    def put(self, tenant: str, name: str, text: str) -> None:
        self[tenant, name] = text

    def get(self, tenant: str, name: str) -> str | None:  # type: ignore[override]
        return super().get((tenant, name))


class Quoting:
    """A model that answers with the whole first source, or finds nothing; counts its calls."""

    def __init__(self, model_id: str = "m", stop: Stop = Stop.END) -> None:
        self.model_id = model_id
        self.stop = stop
        self.calls = 0

    def reply(self, system: str, user: str, *, max_tokens: int | None = None) -> Reply:
        del system, max_tokens
        self.calls += 1
        told = re.findall(r'<source id="1".*?>\n(.*?)\n</source>', user)[0]
        text = "NOT_IN_DOCUMENTS" if "rent" not in told else f'{told} [1: "{told}"]'
        return Reply(text, USAGE, self.stop)

    def stream(self, system: str, user: str, **how: Any) -> Iterator[str | Reply]:
        reply = self.reply(system, user, **how)
        yield from (*(f"{word} " for word in reply.text.split(" ")), reply)


@dataclass
class Asker:
    """Answering over hits that a test changes."""

    cache: Cache | None
    hits: list[Hit] = field(default_factory=list)
    chat: Quoting = field(default_factory=Quoting)
    made_by: str = "800"
    prompt: str = ""

    def answering(self) -> Answering:
        retriever: Any = ScriptedRetriever(*self.hits)
        replies = Replies(self.cache, self.made_by) if self.cache is not None else None
        told = self.prompt
        return Answering(
            Sourcing(retriever, Untraced()),
            self.chat,
            Untraced(),
            1000,
            lambda prompt: Prompt(prompt.name, told) if told else prompt,
            replies,
        )

    def ask(self, text: str = "How much is the rent?", tenant: str = "default") -> Answer:
        return self.answering().answer(question(text, tenant)).answer


def question(text: str = "How much is the rent?", tenant: str = "default") -> Question:
    return Question(text, tenant, 5, Scope())


RENT = hit("The rent is 1,577 euros.", chunk="rent")
MORE = hit("The rent was raised to 1,650 euros.", chunk="more", key="raise.txt")
PETS = hit("Pets of whoever pays rent are welcome.", chunk="pets", key="pets.txt")


def test_the_same_question_is_paid_for_once_and_verified_twice() -> None:
    asker = Asker(Kept(), [RENT])
    first = asker.ask()
    asker.hits = [replace(RENT, score=0.25)]
    second = asker.ask()

    assert asker.chat.calls == 1
    assert (first.cached, second.cached) == (False, True)
    assert (first.usage, second.usage) == (USAGE, Usage())
    assert second.text == first.text
    assert second.citations[0].hit.score == 0.25  # of the present hit


def test_a_cited_document_overwritten_is_answered_anew() -> None:
    asker = Asker(Kept(), [RENT])
    asker.ask()
    asker.hits = [replace(RENT, text="The rent is 1,600 euros.", generation=8, chunk_id="rent8")]

    answer = asker.ask()

    assert not answer.cached
    assert "1,600" in answer.text


def test_a_document_written_again_as_it_was_is_cited_as_it_is_now() -> None:
    asker = Asker(Kept(), [RENT])
    asker.ask()
    asker.hits = [replace(RENT, generation=8, chunk_id="rent8", version="v2")]

    answer = asker.ask()

    assert answer.cached
    assert answer.citations[0].hit.version == "v2"


def test_an_upload_that_is_not_found_changes_nothing() -> None:
    asker = Asker(Kept(), [RENT])
    asker.ask()
    assert asker.ask().cached


def test_a_document_that_fits_better_is_answered_from() -> None:
    asker = Asker(Kept(), [RENT])
    asker.ask()
    asker.hits = [MORE, RENT]

    answer = asker.ask()

    assert not answer.cached
    assert "1,650" in answer.text


def test_after_a_deletion_nothing_of_it_is_told() -> None:
    asker = Asker(Kept(), [RENT])
    asker.ask()
    asker.hits = []

    answer = asker.ask()

    assert (answer.text, answer.citations) == (NO_ANSWER, ())


def test_finding_no_answer_is_paid_for_once_too() -> None:
    asker = Asker(Kept(), [hit("Pets may be kept.", chunk="pets")])
    answers = [asker.ask("May pets be kept?") for _ in range(2)]

    assert [answer.text for answer in answers] == [NO_ANSWER] * 2
    assert (asker.chat.calls, answers[1].cached) == (1, True)


@pytest.mark.parametrize(
    "change",
    [
        {"chat": Quoting("another")},
        {"made_by": "900"},
        {"prompt": "Another system prompt, NOT_IN_DOCUMENTS."},
    ],
    ids=["model", "settings", "prompt"],
)
def test_another_way_to_answer_is_asked_anew(change: dict[str, Any]) -> None:
    asker = Asker(Kept(), [RENT])
    asker.ask()

    assert not replace(asker, **change).ask().cached


def test_tenants_share_nothing() -> None:
    asker = Asker(Kept(), [RENT])
    asker.ask()

    assert not asker.ask(tenant="other").cached
    assert asker.ask(tenant="other").cached


@pytest.mark.parametrize("stop", [Stop.GUARDRAIL, Stop.REFUSAL])
def test_what_was_held_back_is_asked_again(stop: Stop) -> None:
    asker = Asker(Kept(), [RENT], Quoting(stop=stop))
    asker.ask()
    asker.ask()

    assert asker.chat.calls == 2


def test_a_stream_is_kept_and_comes_again_at_once() -> None:
    asker = Asker(Kept(), [RENT])
    *first, one = asker.answering().stream(question())
    *second, two = asker.answering().stream(question())

    text = f'{RENT.text} [1: "{RENT.text}"]'
    assert ["".join(map(str, pieces)).strip() for pieces in (first, second)] == [text] * 2
    assert isinstance(one, Traced)
    assert isinstance(two, Traced)
    assert two.answer.text == one.answer.text
    assert (two.answer.cached, asker.ask().cached, asker.chat.calls) == (True, True, 1)


@pytest.mark.parametrize(
    "held", ["", "no json", "[]", "{}", '{"text": "x", "stop": "?"}', '{"text": null}']
)
def test_what_is_no_reply_of_ours_is_a_miss(held: str) -> None:
    kept = Kept()
    asker = Asker(kept, [RENT])
    asker.ask()
    kept.update(dict.fromkeys(kept, held))

    assert not asker.ask().cached


def test_a_forged_reply_cannot_cite_what_no_document_says() -> None:
    kept = Kept()
    asker = Asker(kept, [RENT])
    asker.ask()
    forged = json.dumps({"text": 'The rent is 1 euro. [1: "rent is 1 euro"]', "stop": "end"})
    kept.update(dict.fromkeys(kept, forged))

    assert asker.ask().text == NO_ANSWER


class Unversioned(Replies):
    """Kept by the question and the documents found, whatever they say now: the broken variant."""

    def of(self, tenant: str, chat: Any) -> Any:
        inner = super().of(tenant, chat)
        name = type(inner)._name

        def by_documents(self: Any, system: str, user: str, most: int | None) -> str:
            parts = user.split("<source ")
            return name(
                self, system, "".join(p.split(">")[0] for p in parts) + parts[-1][-50:], most
            )

        inner._name = by_documents.__get__(inner)
        return inner


KEYS = ("lease.txt", "raise.txt", "pets.txt")
CHANGES = st.tuples(st.sampled_from(KEYS), st.sampled_from([None, 1500, 1600, 1700]))
HISTORIES = st.lists(st.lists(CHANGES, max_size=2), min_size=2, max_size=8)


def answers(asker: Asker, history: Sequence[Sequence[tuple[str, int | None]]]) -> list[str]:
    """What is answered after each step, over documents that come, change and go."""
    documents: dict[str, Hit] = {}
    told = []
    for generation, changes in enumerate(history, 1):
        for key, rent in changes:
            documents.pop(key, None)
            if rent is not None:
                text = f"The rent is {rent} euros."
                documents[key] = hit(text, key=key, chunk=f"{key}{generation}")
        asker.hits = [documents[key] for key in sorted(documents)]
        told.append(asker.ask().text)
    return told


@settings(max_examples=100, deadline=None)
@given(HISTORIES)
def test_no_history_of_documents_is_answered_otherwise_than_without_a_cache(
    history: list[list[tuple[str, int | None]]],
) -> None:
    told = answers(Asker(None), history)

    assert answers(Asker(Kept()), history) == told
    assert all(text == NO_ANSWER or "euros" in text for text in told)


def test_a_key_without_what_the_documents_say_would_be_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.unit.answer.test_cache.Replies", Unversioned)
    history = [[("lease.txt", 1500)], [("lease.txt", 1600)]]

    assert answers(Asker(Kept()), history) != answers(Asker(None), history)


@pytest.fixture(scope="module")
def redis_port() -> Iterator[int]:
    """A server of the protocol on a real socket."""
    with TcpFakeServer(("127.0.0.1", 0)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(params=["dynamodb", "redis"])
def cache(request: pytest.FixtureRequest) -> Iterator[Cache]:
    """Both caches there are."""
    if request.param == "redis":
        port = request.getfixturevalue("redis_port")
        yield RedisCache(connected(f"redis://127.0.0.1:{port}/0", None, None), 1)
        return
    with pytest.MonkeyPatch.context() as set_to, mock_aws():
        set_to.setattr(boto3, "DEFAULT_SESSION", None)
        set_to.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield DynamoDbCache(Records(made_answers_table(), lambda: 1_800_000_000_000), 1)


def test_a_cache_gives_back_what_was_put_for_that_tenant(cache: Cache) -> None:
    cache.put("a", "n", "über 1,577 €")
    cache.put("a", "n", "über 1,577 €")  # once more changes nothing

    assert cache.get("a", "n") == "über 1,577 €"
    assert cache.get("b", "n") is None
    assert cache.get("a", "m") is None


def test_answering_from_a_cache_across_askers(cache: Cache) -> None:
    Asker(cache, [RENT]).ask()
    second = Asker(cache, [RENT])

    assert second.ask().cached
    assert second.chat.calls == 0


def test_redis_forgets_after_the_hours(redis_port: int) -> None:
    client: Any = connected(f"redis://127.0.0.1:{redis_port}/1", None, None)
    RedisCache(client, 2).put("a", "n", "x")

    [key] = client.keys()
    assert key == b"askbucket:reply#a#n"
    assert 7190 <= client.ttl(key) <= 7200


def test_a_password_goes_to_the_server(redis_port: int) -> None:
    options = connected(
        f"rediss://127.0.0.1:{redis_port}", "ann", PASSWORD
    ).connection_pool.connection_kwargs
    assert (options["username"], options["password"]) == ("ann", PASSWORD)


def test_a_redis_that_is_down_is_a_miss_and_soon_not_even_asked() -> None:
    now = [0.0]
    cache = RedisCache(connected("redis://127.0.0.1:1/0", None, None), 1, lambda: now[0])
    asked = []
    client: Any = cache._client
    get = client.get
    client.get = lambda key: asked.append(key) or get(key)

    cache.put("a", "n", "x")
    assert (cache.get("a", "n"), asked) == (None, [])
    now[0] = REST_SECONDS
    assert (cache.get("a", "n"), len(asked)) == (None, 1)
    assert Asker(cache, [RENT]).ask().answered


def test_a_table_that_is_down_is_a_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    brief = Config(connect_timeout=0.2, read_timeout=0.2, retries={"total_max_attempts": 1})
    dynamodb = boto3.Session(region_name="us-east-1").resource(
        "dynamodb", endpoint_url="http://127.0.0.1:1", config=brief
    )
    cache = DynamoDbCache(Records(dynamodb.Table("t"), lambda: 0), 1)

    cache.put("a", "n", "x")
    assert cache.get("a", "n") is None
