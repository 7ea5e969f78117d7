"""What Langfuse really gets, over HTTP; and what answers lose where it does not answer: nothing."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from askbucket.answer.every_prompt import PROMPTS
from askbucket.answer.prompts import ANSWER
from askbucket.answer.question import Scope
from askbucket.errors import NotFound, TryAgain
from askbucket.langfuse_prompts import LangfusePrompts, push
from askbucket.langfuse_tracer import LangfuseTracer, langfuse_client, langfuse_tracer
from askbucket.tracing import ingest_trace_id
from tests.contract.langfuse_served import LangfuseServer, langfuse_served, some_keys, until
from tests.unit.answer.scripted import LEASE, PETS, RENT_REPLY, ScriptedChat, answering, question
from tests.unit.bedrock_served import refused_url

GENEROUS_SECONDS = 3.0  # for what is bounded to one, on a machine that is busy
REPLY = f'{RENT_REPLY}\nThe moon is a cheese.\nDogs are welcome. [2: "dogs may run"]'
ASKED = replace(
    question(session_id="talk-1"),
    subject="arn:aws:iam::111122223333:user/ada",
    scope=Scope(prefixes=("leases/",), labels={"team": ("legal",)}),
)


@pytest.fixture
def langfuse() -> Iterator[LangfuseServer]:
    with langfuse_served() as server:
        yield server


@contextmanager
def tracing(url: str, *, masked: bool = False) -> Iterator[LangfuseTracer]:
    tracer = langfuse_tracer(some_keys(), url, masked=masked)
    yield tracer
    tracer._client.shutdown()


def flushed(tracer: LangfuseTracer, langfuse: LangfuseServer, spans: int) -> dict[str, Any]:
    tracer.flush()
    until(lambda: len(langfuse.spans) >= spans)
    assert len(langfuse.spans) == spans
    return {span["name"]: span for span in langfuse.spans}


def told(span: dict[str, Any], name: str) -> Any:
    return json.loads(span[f"langfuse.observation.{name}"])


def test_a_question_s_trace_tells_its_whole_way(langfuse: LangfuseServer) -> None:
    with tracing(langfuse.url) as tracer:
        traced = answering(ScriptedChat(REPLY), tracer=tracer).answer(ASKED)
        spans = flushed(tracer, langfuse, 4)

    root = spans["question"]
    assert {span["trace"] for span in langfuse.spans} == {traced.trace_id}
    assert {span["parent"] for span in langfuse.spans if span is not root} == {root["span"]}
    assert root["parent"] == ""
    for span in langfuse.spans:
        assert span["session.id"] == "talk-1"
        assert span["user.id"] == "arn:aws:iam::111122223333:user/ada"
        assert span["langfuse.trace.tags"] == ["query"]
        assert span["langfuse.release"] == "0.1.0"
    assert told(root, "input") == {"question": "How much is the rent?"}
    assert root["langfuse.observation.output"] == traced.answer.text


def test_the_retrieval_tells_each_hit_and_the_trace_that_indexed_it(
    langfuse: LangfuseServer,
) -> None:
    with tracing(langfuse.url) as tracer:
        answering(ScriptedChat(REPLY), tracer=tracer).answer(ASKED)
        retrieval = flushed(tracer, langfuse, 4)["retrieval"]

    rent, pets = told(retrieval, "output")
    assert rent == {
        "chunk": "rent",
        "document_id": LEASE.document_id,
        "document": LEASE.document,
        "version": LEASE.version,
        "generation": LEASE.generation,
        "page": LEASE.page,
        "score": LEASE.score,
        "ingest_trace": f"{langfuse.url}/trace/"
        + ingest_trace_id(LEASE.document_id, LEASE.generation),
    }
    assert pets["chunk"] == PETS.chunk_id
    assert told(retrieval, "metadata.top_k") == 5
    assert told(retrieval, "metadata.filter") == {
        "prefixes": ["leases/"],
        "labels": {"team": ["legal"]},
    }


def test_the_generation_tells_messages_prompt_tokens_and_price(langfuse: LangfuseServer) -> None:
    with tracing(langfuse.url) as tracer:
        answering(ScriptedChat(REPLY), tracer=tracer).answer(ASKED)
        generation = flushed(tracer, langfuse, 4)["generation"]

    system, user = told(generation, "input")
    assert (system["role"], system["content"]) == ("system", ANSWER.text)
    assert (user["role"], "<question>How much is the rent?" in user["content"]) == ("user", True)
    assert generation["langfuse.observation.output"] == REPLY
    assert told(generation, "usage_details") == {"input": 100, "output": 20}
    assert told(generation, "cost_details") == {"total": 0.0125}
    assert told(generation, "metadata.prompt") == "answer"
    assert told(generation, "metadata.prompt_revision") == ANSWER.revision
    assert "langfuse.observation.prompt.name" not in generation


def test_a_streamed_generation_tells_when_its_first_words_came(langfuse: LangfuseServer) -> None:
    with tracing(langfuse.url) as tracer:
        *_, traced = answering(ScriptedChat(REPLY), tracer=tracer).stream(ASKED)
        spans = flushed(tracer, langfuse, 4)

    assert spans["question"]["trace"] == traced.trace_id  # type: ignore[union-attr]
    assert spans["question"]["langfuse.trace.tags"] == ["stream"]
    assert "langfuse.observation.completion_start_time" in spans["generation"]


def test_the_verification_tells_what_was_kept_and_what_was_dropped_and_why(
    langfuse: LangfuseServer,
) -> None:
    with tracing(langfuse.url) as tracer:
        traced = answering(ScriptedChat(REPLY), tracer=tracer).answer(ASKED)
        verified = told(flushed(tracer, langfuse, 4)["verification"], "output")

    assert verified["kept"] == traced.answer.text
    assert [cite["chunk"] for cite in verified["citations"]] == ["rent"]
    assert [(line["line"][:9], line["why"]) for line in verified["dropped"]] == [
        ("The moon ", "no source named"),
        ("Dogs are ", "its words are not in the source"),
    ]


def test_a_masked_trace_holds_no_word_of_documents_question_answer_or_caller(
    langfuse: LangfuseServer,
) -> None:
    with tracing(langfuse.url, masked=True) as tracer:
        answering(ScriptedChat(REPLY), tracer=tracer).answer(ASKED)
        spans = flushed(tracer, langfuse, 4)

    everything = json.dumps(langfuse.spans)
    for words in (
        "rent is",
        "How much",
        "euros",
        "moon",
        "Dogs",
        "user/ada",
        "legal",
        LEASE.document,
    ):
        assert words not in everything
    hit = told(spans["retrieval"], "output")[0]
    assert (hit["chunk"], hit["document_id"]) == ("rent", LEASE.document_id)
    assert hit["document"].startswith(f"[{len(LEASE.document)} characters, ")
    assert told(spans["question"], "input")["question"].startswith("[21 characters, ")
    assert [line["why"] for line in told(spans["verification"], "output")["dropped"]] == [
        "no source named",
        "its words are not in the source",
    ]


def test_feedback_is_a_score_of_its_answer_and_the_last_word_counts(
    langfuse: LangfuseServer,
) -> None:
    with tracing(langfuse.url) as tracer:
        answer = answering(ScriptedChat(REPLY), tracer=tracer).answer(ASKED)
        for score, comment in ((1, None), (-1, "it is 1,677")):
            tracer.feedback(answer.trace_id, tenant="default", score=score, comment=comment)

    first, second = langfuse.scores
    assert (first["traceId"], first["name"], first["value"]) == (
        answer.trace_id,
        "user_feedback",
        1.0,
    )
    assert (second["value"], second["comment"]) == (-1.0, "it is 1,677")
    assert (first["id"], first["timestamp"]) == (second["id"], second["timestamp"])


@pytest.mark.parametrize("trace_id", ["0" * 32, ingest_trace_id(LEASE.document_id, 1)])
def test_only_answers_are_scored_and_only_by_their_tenant(
    langfuse: LangfuseServer, trace_id: str
) -> None:
    with tracing(langfuse.url) as tracer:
        answer = answering(ScriptedChat(REPLY), tracer=tracer).answer(ASKED)
        for somebody, tenant in ((trace_id, "default"), (answer.trace_id, "another")):
            with pytest.raises(NotFound, match="there is no answer with the trace id"):
                tracer.feedback(somebody, tenant=tenant, score=1, comment=None)

    assert langfuse.scores == []


def test_feedback_that_cannot_be_delivered_says_so(langfuse: LangfuseServer) -> None:
    with tracing(langfuse.url) as tracer:
        answer = answering(ScriptedChat(REPLY), tracer=tracer).answer(ASKED)
        langfuse.status = 500
        with pytest.raises(TryAgain, match="does not take the feedback"):
            tracer.feedback(answer.trace_id, tenant="default", score=1, comment=None)


MANAGED = ANSWER.text.replace("Write short sentences", "Write one sentence")


def managed(tracer: LangfuseTracer, clock: Callable[[], float] = time.monotonic) -> LangfusePrompts:
    return LangfusePrompts(tracer._client, "production", PROMPTS, clock)


def test_a_managed_prompt_is_used_and_linked_to_its_generation(langfuse: LangfuseServer) -> None:
    langfuse.add_prompt("answer", ANSWER.text, "production")
    langfuse.add_prompt("answer", MANAGED, "production")
    chat = ScriptedChat(REPLY)
    with tracing(langfuse.url) as tracer:
        prompts = managed(tracer)
        until(lambda: prompts(ANSWER).version == 2)
        answering(chat, tracer=tracer, prompts=prompts).answer(ASKED)
        generation = flushed(tracer, langfuse, 4)["generation"]

    assert chat.prompts[0][0] == MANAGED
    assert generation["langfuse.observation.prompt.name"] == "answer"
    assert generation["langfuse.observation.prompt.version"] == 2


def test_a_managed_prompt_is_fetched_once_for_many_answers(langfuse: LangfuseServer) -> None:
    langfuse.add_prompt("answer", MANAGED, "production")
    with tracing(langfuse.url) as tracer:
        prompts = managed(tracer)
        until(lambda: prompts(ANSWER).version == 1)
        for _ in range(5):
            prompts(ANSWER)

    assert langfuse.asked.count("GET /api/public/v2/prompts/answer") == 1


def test_a_prompt_that_comes_late_is_that_of_the_answers_after_it(
    langfuse: LangfuseServer,
) -> None:
    langfuse.add_prompt("answer", MANAGED, "production")
    langfuse.delay_s = 30.0
    with tracing(langfuse.url) as tracer:
        prompts = managed(tracer)
        first = prompts(ANSWER)
        langfuse.stop.set()
        until(lambda: prompts(ANSWER).version == 1)

    assert first == ANSWER


def test_a_prompt_taken_away_is_ours_again(langfuse: LangfuseServer) -> None:
    langfuse.add_prompt("answer", MANAGED, "production")
    with tracing(langfuse.url) as tracer:
        prompts = managed(tracer)
        until(lambda: prompts(ANSWER).version == 1)
        langfuse.prompts.clear()
        tracer._client.clear_prompt_cache()
        until(lambda: prompts(ANSWER) == ANSWER)


@pytest.mark.parametrize("lost", ANSWER.must_hold)
def test_a_managed_prompt_without_what_code_relies_on_is_refused(
    langfuse: LangfuseServer, lost: str, capsys: pytest.CaptureFixture[str]
) -> None:
    langfuse.add_prompt("answer", MANAGED.replace(lost, "that"), "production")
    with tracing(langfuse.url) as tracer:
        prompts = managed(tracer)
        used = [prompts(ANSWER)]
        until(lambda: "prompt_refused" in capsys.readouterr().err or used.append(prompts(ANSWER)))

    assert {each.text for each in used} == {ANSWER.text}


def test_prompts_are_pushed_once(langfuse: LangfuseServer) -> None:
    client = langfuse_client(some_keys(), langfuse.url)
    first = push(client, PROMPTS, "production")
    again = push(client, PROMPTS, "production")
    client.shutdown()

    assert first == {prompt.name: "version 1 made" for prompt in PROMPTS}
    assert again == {prompt.name: "version 1 is the same" for prompt in PROMPTS}
    assert [(p["prompt"], p["labels"]) for p in langfuse.prompts["answer"]] == [
        (ANSWER.text, ["production"])
    ]


@contextmanager
def refused() -> Iterator[str]:
    yield refused_url()


@contextmanager
def black_hole() -> Iterator[str]:
    """Takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"http://127.0.0.1:{silent.getsockname()[1]}"


@contextmanager
def broken() -> Iterator[str]:
    with langfuse_served() as server:
        server.status = 500
        yield server.url


@contextmanager
def overloaded() -> Iterator[str]:
    with langfuse_served() as server:
        server.status = 503
        yield server.url


@contextmanager
def slow() -> Iterator[str]:
    with langfuse_served() as server:
        server.delay_s = 10.0
        yield server.url


@contextmanager
def dripping() -> Iterator[str]:
    """A byte of a header now and then: no read of the client's ever takes long."""
    done = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
            while not done.wait(0.1):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

        serving = threading.Thread(target=serve)
        serving.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        done.set()
        serving.join()


@pytest.mark.parametrize("place", [refused, black_hole, broken, overloaded, slow, dripping])
def test_a_langfuse_that_does_not_answer_takes_no_answer_away(
    place: Callable[[], Any],
) -> None:
    with place() as url:
        tracer = langfuse_tracer(some_keys(), url)
        prompts = managed(tracer)
        parts = answering(ScriptedChat(REPLY), tracer=tracer, prompts=prompts)
        for _ in range(2):
            started = time.monotonic()
            traced = parts.answer(ASKED)
            tracer.flush()
            took = time.monotonic() - started
            assert traced.answer.answered
            assert took < GENEROUS_SECONDS
