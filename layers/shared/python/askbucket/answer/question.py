"""What is asked, of what, by whom; and what comes back."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from askbucket.models import Answer, Hit

Mode = Literal["answer", "summary"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as the gateway tells (see lambdas/query/identity.py), never as the request says.

    `subject` names one caller within the tenant; `groups` are those of a token's claim.
    """

    tenant: str
    subject: str
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question is asked of: keys with any of the prefixes (none: all keys), one document,
    and labels, all of which must match by any of their values."""

    prefixes: tuple[str, ...] = ()
    document: str | None = None
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of what, by whom; `subject` is blank where the gateway names nobody."""

    text: str
    tenant: str
    top_k: int
    scope: Scope
    session_id: str | None = None
    subject: str = ""
    model: str | None = None  # a chat model's name; none: the default one
    mode: Mode = "answer"
    groups: frozenset[str] = frozenset()

    @property
    def caller(self) -> Caller:
        return Caller(self.tenant, self.subject, self.groups)


@dataclass(frozen=True, slots=True)
class Covered:
    """What a summary was made of, and how many of its groups had been summarised before."""

    chunks: int
    groups: int
    reused: int


class Retrieve(Protocol):
    """Finds the chunks that may answer a question, at most `top_k`, best first."""

    def __call__(
        self,
        question: str,
        *,
        scope: Scope,
        tenant: str,
        top_k: int,
        groups: Collection[str] = (),
    ) -> list[Hit]: ...


@dataclass(frozen=True, slots=True)
class Traced:
    """An answer and the id under which its way can be looked up.

    `rewritten` is what was asked in place of a follow-up question, `summary` what a summary covers.
    """

    answer: Answer
    trace_id: str
    rewritten: str | None = None
    summary: Covered | None = None


class Answerer(Protocol):
    """Answers questions from the documents. Raises CallerError and TryAgain."""

    def answer(self, question: Question) -> Traced:
        """The verified answer."""

    def stream(self, question: Question) -> Generator[str | Traced, None, None]:
        """The model's words as they come, unverified, and the verified answer last.

        To close it is to stop the model.
        """
