"""What answers a question: its way from retrieval to a reply, alone or within a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from askbucket import wiring, wiring_chat
from askbucket.clock import now_ms
from askbucket.errors import NotFound
from askbucket.once import once

if TYPE_CHECKING:
    from askbucket.answer.answering import Answering
    from askbucket.answer.conversing import Conversing
    from askbucket.answer.question import Answerer, Question
    from askbucket.answer.rerank import Reranker
    from askbucket.answer.retrieval import Retriever
    from askbucket.answer.rewriting import Rewriting
    from askbucket.answer.sessions import Sessions
    from askbucket.answer.summary.summarising import Summarising


@once
def retriever() -> Retriever:
    from askbucket.answer.question_embedder import TracedEmbedder
    from askbucket.answer.retrieval import Retriever
    from askbucket.answer.visibility import VisibleSearch

    return Retriever(
        search=VisibleSearch(wiring.store(), wiring.manifest(), now_ms),
        manifest=wiring.manifest(),
        embedder=TracedEmbedder(wiring.embedder(), wiring.tracer()),
        bucket=wiring.settings().bucket,
        dense_weight=wiring.settings().dense_weight,
        foreign_dense_weight=wiring.settings().foreign_dense_weight,
        candidates=wiring.settings().candidates,
        ownership=wiring.ownership(),
    )


@once
def answering(model: str | None = None) -> Answering:
    """Answers by the chat model of this name, or the default one. Raises UnknownModel."""
    from askbucket.answer.answering import Answering
    from askbucket.answer.gauged import GaugedChat, GaugedRetriever
    from askbucket.answer.sourcing import Sourcing

    sourcing = Sourcing(GaugedRetriever(retriever(), wiring.metrics()), wiring.tracer(), reranker())
    gauged = GaugedChat(wiring_chat.chat(model), wiring.metrics())
    tokens = wiring.settings().context_tokens
    return Answering(
        sourcing, gauged, wiring.tracer(), tokens, wiring_chat.prompts(), wiring_chat.replies(model)
    )


def reranker() -> Reranker | None:
    """The model named by the settings; not even its import where none is."""
    of = wiring.settings()
    if not of.reranker:
        return None
    from askbucket.answer.bedrock_rerank import BedrockReranker

    return BedrockReranker(
        wiring.client("bedrock-agent-runtime"), of.reranker, of.rerank_candidates
    )


@once
def summarising(model: str | None = None) -> Summarising:
    """Summarises by the chat model of this name, or the default one. Raises UnknownModel."""
    from askbucket.answer.summary.reducing import Reducing
    from askbucket.answer.summary.scope import WholeScope
    from askbucket.answer.summary.stored import GroupSummaries
    from askbucket.answer.summary.summarising import Summarising

    of, chat, prompts = wiring.settings(), wiring_chat.chat(model), wiring_chat.prompts()
    artifacts, manifest = wiring.artifacts(), wiring.manifest()
    return Summarising(
        retriever(),
        WholeScope(wiring.store(), manifest, of.summary_chunks),
        GroupSummaries(chat, artifacts, manifest, wiring.tracer(), prompts),
        Reducing(chat, wiring.tracer(), of.context_tokens, prompts),
        tracer=wiring.tracer(),
        seconds=of.summary_seconds,
        ownership=wiring.ownership(),
    )


def answerer(question: Question) -> Answerer:
    """What answers this question: within its session, where sessions are kept."""
    from askbucket.answer.gauged import Gauged

    base: Answerer = _by_mode(question)
    if question.session_id is not None and wiring.settings().answers_table:
        base = _conversing(base, question.model)
    return Gauged(base, wiring.metrics())


def _by_mode(question: Question) -> Answerer:
    chosen = summarising if question.mode == "summary" else answering
    return chosen(question.model)


def _conversing(answerer: Answerer, model: str | None) -> Conversing:
    from askbucket.answer.conversing import Conversing

    return Conversing(
        answerer,
        sessions(),
        rewriting(model),
        manifest=wiring.manifest(),
        tracer=wiring.tracer(),
        clock=now_ms,
        ownership=wiring.ownership(),
    )


@once
def rewriting(model: str | None = None) -> Rewriting:
    """Rewrites by the chat model of this name, or the default one. Raises UnknownModel."""
    from askbucket.answer.rewriting import Rewriting

    return Rewriting(wiring_chat.chat(model), wiring.tracer(), wiring_chat.prompts())


@once
def sessions() -> Sessions:
    """Raises NotFound where no table is set to keep them in."""
    from askbucket.answer.records import Records
    from askbucket.answer.sessions import Sessions

    of = wiring.settings()
    if not of.answers_table:
        raise NotFound("no sessions are kept here: ASKBUCKET_ANSWERS_TABLE is not set")
    return Sessions(Records(wiring.answers(), now_ms), of.session_hours)
