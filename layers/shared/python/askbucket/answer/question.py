"""What is asked, of what, by whom; and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from askbucket.models import Answer


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


@dataclass(frozen=True, slots=True)
class Traced:
    """An answer and the id under which its way can be looked up."""

    answer: Answer
    trace_id: str
