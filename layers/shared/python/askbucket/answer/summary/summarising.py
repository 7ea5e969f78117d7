"""A question about whole documents: every chunk is read, group by group, then the groups' claims.

Summaries of groups are made in parallel and kept. Where time runs out before all are made, what is
kept stays, and the same question goes on from there.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass

from askbucket.answer.chat import Reply
from askbucket.answer.no_answer import NO_ANSWER
from askbucket.answer.plain import HarmlessStream
from askbucket.answer.question import Covered, Question, Traced
from askbucket.answer.retrieval import Retriever
from askbucket.answer.seen import retrieval_about
from askbucket.answer.stops import HELD_BACK
from askbucket.answer.summary.claims import Claim
from askbucket.answer.summary.groups import Group, grouped
from askbucket.answer.summary.reducing import Reducing
from askbucket.answer.summary.scope import WholeDocument, WholeScope
from askbucket.answer.summary.seen import seen_document
from askbucket.answer.summary.stored import GroupSummaries, Summary
from askbucket.errors import Unfinished
from askbucket.models import Answer, Usage
from askbucket.ownership import ONE_TENANT, Ownership
from askbucket.tracing import Tracer

PARALLEL = 8  # summaries made at a time in one function


@dataclass(frozen=True, slots=True)
class _Read:
    """What the groups of a scope say, in order, what that covers, and what it took."""

    claims: tuple[Claim, ...]
    covered: Covered
    usage: Usage


class Summarising:
    """Answers questions from all of the documents in their scope."""

    def __init__(
        self,
        retriever: Retriever,
        scope: WholeScope,
        summaries: GroupSummaries,
        reducing: Reducing,
        *,
        tracer: Tracer,
        seconds: float,
        ownership: Ownership = ONE_TENANT,
    ) -> None:
        self._retriever = retriever
        self._scope = scope
        self._summaries = summaries
        self._reducing = reducing
        self._tracer = tracer
        self._seconds = seconds
        self._ownership = ownership

    def answer(self, question: Question) -> Traced:
        """Raises TooWide, Unfinished and TryAgain."""
        *_, last = self.stream(question)
        assert isinstance(last, Traced)  # noqa: S101  (a stream ends with it)
        return last

    def stream(self, question: Question) -> Generator[str | Traced, None, None]:
        """The model's last words as they come, unverified but without links, and the verified
        answer last."""
        with (
            self._tracer.session(
                question.session_id,
                tenant=question.tenant,
                user=question.subject,
                tags=("summary",),
            ),
            self._tracer.span("summary", "chain", input={"question": question.text}) as span,
        ):
            read = self._read(question)
            claims, usage = self._reducing.fitting(question.text, read.claims)
            reply, tokens = Reply("", Usage()), HarmlessStream()
            for piece in self._reducing.stream(question.text, claims) if claims else ():
                if isinstance(piece, Reply):
                    reply = piece
                else:
                    yield from tokens.add(piece)
            yield from tokens.end()
            answer = self._answer(reply, claims, usage + read.usage)
            span.end(answer.text)
        yield Traced(answer, span.trace_id, summary=read.covered)

    def _read(self, question: Question) -> _Read:
        documents = self._documents(question)
        groups = [group for document in documents for group in grouped(document)]
        summaries = self._summarised(groups)
        covered = Covered(
            chunks=sum(len(document.hits) for document in documents),
            groups=len(groups),
            reused=sum(summary.reused for summary in summaries),
        )
        claims = tuple(claim for summary in summaries for claim in summary.claims)
        return _Read(claims, covered, _usage(summaries))

    def _documents(self, question: Question) -> list[WholeDocument]:
        within = self._retriever.filter_of(question.scope, question.tenant)
        rights = self._ownership.rights(question.tenant, question.groups)
        about = retrieval_about(question)
        with self._tracer.span(
            "retrieval", "retriever", input=question.text, metadata=about
        ) as span:
            documents = self._scope(within, rights)
            span.end(lambda: [seen_document(each, self._tracer) for each in documents])
        return documents

    def _summarised(self, groups: Sequence[Group]) -> list[Summary]:
        """The groups' summaries in order. Raises Unfinished with how many there are by now."""
        pool = ThreadPoolExecutor(PARALLEL)
        try:
            made = [pool.submit(copy_context().run, self._summaries, group) for group in groups]
            done, waiting = wait(made, self._seconds)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        if waiting:
            kept = [each.result() for each in done if each.exception() is None]
            raise Unfinished(len(kept), len(groups), _usage(kept).usd)
        return [each.result() for each in made]

    def _answer(self, reply: Reply, claims: Sequence[Claim], usage: Usage) -> Answer:
        found = self._reducing.verified(reply, claims)
        return Answer(
            text=found.text or HELD_BACK.get(reply.stop, NO_ANSWER),
            answered=bool(found.citations),
            citations=found.citations,
            model=self._reducing.model_id,
            usage=usage + reply.usage,
            stop=reply.stop,
        )


def _usage(summaries: Iterable[Summary]) -> Usage:
    return sum((summary.usage for summary in summaries), Usage())
