"""Every metric there is, in one list, and the port that takes what is counted.

Each set of a metric's dimension values is a series of its own, which CloudWatch bills as a metric:
so the values are few and listed here, and nothing of a document, a question or a caller is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Unit = Literal["Count", "Seconds", "None"]  # as CloudWatch spells them; dollars have none
OURS = "Askbucket"  # namespace of what we count; a stack's is its name
QUEUES = "AWS/SQS"


@dataclass(frozen=True, slots=True)
class Metric:
    """`values` are those its dimension may have; a metric without them has no dimension.

    Seconds are kept one by one, for percentiles; everything else is summed up.
    """

    name: str
    unit: Unit
    meaning: str
    dimension: str = ""
    values: tuple[str, ...] = ()
    namespace: str = OURS

    @property
    def series(self) -> int:
        """How many metrics CloudWatch bills for it, at most."""
        return len(self.values) or 1

    def checked(self, dimensions: dict[str, str]) -> None:
        """Raises ValueError for a dimension or a value that is not in the list."""
        wanted = {self.dimension} - {""}
        if dimensions.keys() != wanted or not set(dimensions.values()) <= set(self.values):
            raise ValueError(f"{self.name} has no dimensions {dimensions}")


DOCUMENTS = Metric(
    "documents",
    "Count",
    "documents that became so",
    "status",
    ("ready", "failed", "deleted"),
)
SECONDS_TO_READY = Metric("seconds_to_ready", "Seconds", "from the upload of a version to ready")
PAGES = Metric("pages", "Count", "pages of documents that became ready")
PAGES_PAID = Metric("pages_paid", "Count", "pages that OCR was paid for")
CHUNKS = Metric("chunks", "Count", "chunks of documents that became ready")
EMBEDDING_TOKENS = Metric("embedding_tokens", "Count", "tokens of documents that were embedded")
TOKENS = Metric("tokens", "Count", "tokens of prompts and of replies", "direction", ("in", "out"))
DOLLARS = Metric(
    "dollars",
    "None",
    "US dollars at list prices: of documents, and of answers",
    "part",
    ("ocr", "embedding", "answer"),
)
QUESTIONS = Metric(
    "questions", "Count", "questions by how they ended", "outcome", ("answered", "abstained")
)
QUESTION_SECONDS = Metric(
    "question_seconds",
    "Seconds",
    "of an answer, by part",
    "part",
    ("retrieval", "generation"),
)
CACHE = Metric("cache", "Count", "looks into the answer cache", "outcome", ("hit", "miss"))
FEEDBACK = Metric("feedback", "Count", "scores of answers", "score", ("up", "down", "neither"))

METRICS = (
    DOCUMENTS,
    SECONDS_TO_READY,
    PAGES,
    PAGES_PAID,
    CHUNKS,
    EMBEDDING_TOKENS,
    TOKENS,
    DOLLARS,
    QUESTIONS,
    QUESTION_SECONDS,
    CACHE,
    FEEDBACK,
    Metric(
        "ApproximateNumberOfMessagesVisible",
        "Count",
        "dead letters; AWS's own, of each dead-letter queue",
        namespace=QUEUES,
    ),
    Metric(
        "ApproximateAgeOfOldestMessage",
        "Seconds",
        "age of the oldest hint; AWS's own, of each queue",
        namespace=QUEUES,
    ),
)


class Metrics(Protocol):
    """Where counts go. Nothing here changes the work that is counted."""

    def count(self, metric: Metric, value: float = 1, **dimensions: str) -> None:
        """Adds to the metric. Raises ValueError for dimensions the metric does not have."""

    def flush(self) -> None:
        """Hands out what was counted, before the function is frozen."""


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Metrics are off."""

    def count(self, metric: Metric, value: float = 1, **dimensions: str) -> None:
        """Forgotten."""

    def flush(self) -> None:
        """Nothing was kept."""


UNCOUNTED = Uncounted()
