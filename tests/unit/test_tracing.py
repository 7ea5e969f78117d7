"""One trace for every question, caught in memory; nothing at all without keys; never a fault."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from askbucket.errors import TryAgain
from askbucket.langfuse_tracer import FLUSH_SECONDS, LangfuseTracer, langfuse_tracer
from askbucket.masking import NoMask
from askbucket.trace_ids import TraceIds
from askbucket.tracing import Untraced
from tests.unit.answer.scripted import RENT_REPLY, ScriptedChat, answering, question
from tests.unit.bedrock_served import refused_url
from tests.unit.caught_spans import Caught, some_keys

FLUSH_MOST = FLUSH_SECONDS + 0.5  # seconds


@pytest.fixture
def caught() -> Iterator[Caught]:
    caught = Caught()
    yield caught
    caught.close()


def about(span: Any, name: str) -> Any:
    value = span.attributes[f"langfuse.observation.{name}"]
    return json.loads(value) if name.endswith("_details") else value


def answered(caught: Caught, *, by_stream: bool, session_id: str | None = None) -> Any:
    parts = answering(ScriptedChat(RENT_REPLY), tracer=caught.tracer)
    if by_stream:
        *_, traced = parts.stream(question(session_id=session_id))
        return traced
    return parts.answer(question(session_id=session_id))


@pytest.mark.parametrize("by_stream", [False, True])
def test_one_trace_per_question_with_retrieval_and_generation_inside(
    caught: Caught, by_stream: bool
) -> None:
    traced = answered(caught, by_stream=by_stream)

    spans = caught.spans()
    root = spans["question"]
    assert set(spans) == {"question", "retrieval", "generation", "verification"}
    assert root.parent is None
    assert {span.context.trace_id for span in spans.values()} == {root.context.trace_id}
    assert [spans[name].parent.span_id for name in ("retrieval", "generation")] == [
        root.context.span_id
    ] * 2
    assert [about(spans[name], "type") for name in ("question", "retrieval", "generation")] == [
        "chain",
        "retriever",
        "generation",
    ]
    assert traced.trace_id == format(root.context.trace_id, "032x")


@pytest.mark.parametrize("by_stream", [False, True])
def test_the_generation_names_its_model_its_tokens_and_its_price(
    caught: Caught, by_stream: bool
) -> None:
    answered(caught, by_stream=by_stream)

    generation = caught.spans()["generation"]
    assert about(generation, "model.name") == ScriptedChat.model_id
    assert about(generation, "usage_details") == {"input": 100, "output": 20}
    assert about(generation, "cost_details") == {"total": 0.0125}


@pytest.mark.parametrize("by_stream", [False, True])
def test_a_conversation_s_spans_carry_its_session(caught: Caught, by_stream: bool) -> None:
    answered(caught, by_stream=by_stream, session_id="talk-1")

    assert {span.attributes.get("session.id") for span in caught.spans().values()} == {"talk-1"}


def test_questions_after_each_other_are_traces_of_their_own(caught: Caught) -> None:
    first, second = (answered(caught, by_stream=flag) for flag in (False, True))

    assert first.trace_id != second.trace_id


def test_a_search_is_a_trace_without_a_generation(caught: Caught) -> None:
    answering(ScriptedChat(), tracer=caught.tracer).hits(question())

    spans = caught.spans()
    assert set(spans) == {"search", "retrieval"}
    assert spans["retrieval"].parent.span_id == spans["search"].context.span_id


@pytest.mark.parametrize("by_stream", [False, True])
def test_a_failing_model_passes_through_and_marks_its_span(caught: Caught, by_stream: bool) -> None:
    parts = answering(ScriptedChat("x", TryAgain("no model")), tracer=caught.tracer)

    with pytest.raises(TryAgain, match="no model"):
        list(parts.stream(question())) if by_stream else parts.answer(question())

    spans = caught.spans()
    assert {name for name, span in spans.items() if not span.status.is_ok} == {
        "question",
        "generation",
    }


def test_no_keys_no_import_and_no_words() -> None:
    program = """
import sys
from askbucket.tracing import Untraced
from tests.unit.answer.scripted import RENT_REPLY, ScriptedChat, answering, question
tracer = Untraced()
for _ in range(10):
    assert answering(ScriptedChat(RENT_REPLY), tracer=tracer).answer(question()).answer.answered
tracer.flush()
import lambdas.ingest.handler, lambdas.query.handler
lambdas.query.handler._adapter()
from askbucket import wiring, wiring_chat
assert wiring.tracer().__class__ is Untraced and wiring_chat.prompts()
assert not [name for name in sys.modules if name.startswith("langfuse")]
"""
    required = {"BUCKET": "b", "TABLE": "t", "STORE": "qdrant+http://127.0.0.1:9/c"}
    variables = {f"ASKBUCKET_{name}": value for name, value in required.items()}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_keys_every_span_still_has_an_id() -> None:
    with Untraced().session("talk"), Untraced().span("a", "chain") as one:
        one.end("done")
        with Untraced().span("b", "chain") as other:
            assert one.trace_id != other.trace_id
            assert not other.recording


@pytest.mark.parametrize("silent", [False, True])
def test_an_unreachable_langfuse_costs_a_second_and_no_answer(silent: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as never_answers:
        port = never_answers.getsockname()[1]
        url = f"http://127.0.0.1:{port}" if silent else refused_url()
        tracer = langfuse_tracer(some_keys(), url)

        traced = answering(ScriptedChat(RENT_REPLY), tracer=tracer).answer(question())
        started = time.monotonic()
        tracer.flush()
        took = time.monotonic() - started

        assert traced.answer.answered
        assert took <= FLUSH_MOST
        tracer._client.shutdown()


class Broken:
    """A Langfuse client of which `broken` is the method that fails."""

    def __init__(self, broken: str) -> None:
        self._broken = broken

    def _fail(self, method: str) -> None:
        if method == self._broken:
            raise RuntimeError("tracing is broken")

    @contextmanager
    def start_as_current_observation(self, **_: Any) -> Iterator[Broken]:
        self._fail("start")
        yield self

    @property
    def trace_id(self) -> str:
        return "t" * 32

    def update(self, **_: Any) -> None:
        self._fail("update")

    def flush(self) -> None:
        self._fail("flush")


@pytest.mark.parametrize("broken", ["start", "update", "flush"])
def test_a_fault_of_tracing_is_logged_and_fails_no_answer(
    broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tracer = LangfuseTracer(Broken(broken), TraceIds("s"), NoMask())
    parts = answering(ScriptedChat(RENT_REPLY), tracer=tracer)

    traced = parts.answer(question())
    *_, streamed = parts.stream(question())
    tracer.flush()

    assert traced.answer.answered
    assert streamed.answer == traced.answer  # type: ignore[union-attr]
    assert len(traced.trace_id) == 32
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {line["event"] for line in lines} == {"tracing_failed"}


def test_a_fault_of_the_work_is_no_fault_of_tracing() -> None:
    tracer = LangfuseTracer(Broken("nothing"), TraceIds("s"), NoMask())

    with pytest.raises(ValueError, match="the work"), tracer.span("a", "chain"):
        raise ValueError("the work")
