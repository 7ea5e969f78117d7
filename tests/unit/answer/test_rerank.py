"""Reranking: what goes over the wire, what comes of its scores, and what of its faults."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config

from askbucket.answer.answering import Answering
from askbucket.answer.bedrock_rerank import MAX_CHARS, BedrockReranker, queries_of
from askbucket.answer.rerank import Judged, reranked
from askbucket.answer.sourcing import Sourcing
from askbucket.errors import TryAgain
from askbucket.models import Usage
from askbucket.prices import rerank_usd
from askbucket.tracing import Untraced
from tests.unit.answer.parts import hit
from tests.unit.answer.scripted import (
    LEASE,
    PETS,
    RENT_REPLY,
    USAGE,
    ScriptedChat,
    ScriptedRetriever,
    question,
)

MODEL = "amazon.rerank-v1:0"


@contextmanager
def endpoint(status: int, reply: dict[str, Any]) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """A client of a server with one reply, and the bodies it was sent."""
    bodies: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/rerank"
            bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            sent = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("x-amzn-errortype", "ThrottlingException")
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: Any) -> None:
            """Silence."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        client = boto3.client(
            "bedrock-agent-runtime",
            endpoint_url=f"http://127.0.0.1:{server.server_port}",
            region_name="eu-central-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}),
        )
        try:
            yield client, bodies
        finally:
            client.close()
            server.shutdown()
            thread.join()


def results(*scores: tuple[int, float]) -> dict[str, Any]:
    return {"results": [{"index": n, "relevanceScore": score} for n, score in scores]}


def test_every_text_is_sent_once_and_scores_come_back_in_the_texts_order() -> None:
    with endpoint(200, results((1, 0.75), (0, 0.25))) as (client, bodies):
        judged = BedrockReranker(client, MODEL, 50).judge("Rent?", ["pets", "x" * (MAX_CHARS + 1)])

    assert judged == Judged((0.25, 0.75), Usage(usd=0.001))
    [body] = bodies
    assert body["queries"] == [{"type": "TEXT", "textQuery": {"text": "Rent?"}}]
    texts = [s["inlineDocumentSource"]["textDocument"]["text"] for s in body["sources"]]
    assert texts == ["pets", "x" * MAX_CHARS]
    chosen = body["rerankingConfiguration"]["bedrockRerankingConfiguration"]
    arn = f"arn:aws:bedrock:eu-central-1::foundation-model/{MODEL}"
    assert (chosen["modelConfiguration"]["modelArn"], chosen["numberOfResults"]) == (arn, 2)


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (429, {"message": "slow down"}),
        (200, results((0, 0.5))),
        (200, results((0, 0.5), (2, 0.5))),
    ],
)
def test_a_fault_and_a_text_left_out_are_told_to_try_again(
    status: int, reply: dict[str, Any]
) -> None:
    with (
        endpoint(status, reply) as (client, _),
        pytest.raises(TryAgain, match=f"rerank model {MODEL}"),
    ):
        BedrockReranker(client, MODEL, 50).judge("Rent?", ["pets", "rent"])


def test_no_text_costs_no_call() -> None:
    assert BedrockReranker(boto3.client("bedrock-agent-runtime", "us-east-1"), MODEL, 5).judge(
        "Rent?", []
    ) == Judged((), Usage())


@pytest.mark.parametrize(
    ("model", "texts", "usd"),
    [
        (MODEL, 1, 0.001),
        (MODEL, 101, 0.002),
        ("cohere.rerank-v3-5:0", 100, 0.002),
    ],
)
def test_a_query_of_a_hundred_texts_is_paid_for(model: str, texts: int, usd: float) -> None:
    assert rerank_usd(model, queries_of(texts)) == usd


def test_hits_are_ordered_by_the_models_scores_and_equal_ones_stay() -> None:
    hits = [hit(chunk=chunk, score=0.9) for chunk in "abcd"]

    ordered = reranked(hits, [0.25, 1.5, 0.25, -1.0])

    assert [(h.chunk_id, h.score) for h in ordered] == [
        ("b", 1.0), ("a", 0.25), ("c", 0.25), ("d", 0.0)
    ]  # fmt: skip


class ScriptedReranker:
    model_id = MODEL
    candidates = 30

    def __init__(self, scores: Sequence[float] = (), error: Exception | None = None) -> None:
        self.scores = scores
        self.error = error

    def judge(self, _question: str, _texts: Sequence[str]) -> Judged:
        if self.error:
            raise self.error
        return Judged(tuple(self.scores), Usage(usd=0.001))


def answering_with(reranker: ScriptedReranker) -> tuple[Answering, Any]:
    retriever: Any = ScriptedRetriever(PETS, LEASE)
    chat: Any = ScriptedChat(RENT_REPLY)
    sourcing = Sourcing(retriever, Untraced(), reranker)
    return Answering(sourcing, chat, Untraced(), 1000), retriever


def test_an_answer_is_made_from_the_reranked_hits_and_pays_for_it() -> None:
    asked, retriever = answering_with(ScriptedReranker([0.1, 0.9]))

    answer = asked.answer(question()).answer

    assert [c.hit.chunk_id for c in answer.citations] == [LEASE.chunk_id]
    assert answer.usage == USAGE + Usage(usd=0.001)
    assert retriever.asked[0]["top_k"] == 30
    assert list(asked.stream(question()))[-1].answer == answer  # type: ignore[union-attr]


def test_a_reranker_that_fails_leaves_the_order_and_is_told_in_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked, _ = answering_with(ScriptedReranker(error=TryAgain("busy")))

    assert asked.hits(question()) == [PETS, LEASE]
    assert "rerank_failed" in capsys.readouterr().err
