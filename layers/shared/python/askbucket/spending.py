"""What was paid for a document, kept in its item: sums that only grow while its version stays.

    spent_version    the version they are of
    spent_generation the attempt that began them; an older one cannot bring them back to its version
    spent_ocr, spent_embedding   nanodollars
    spent_jobs       names of the OCR jobs in them

Money is spent whoever wins: no sum depends on which attempt commits, and two attempts add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from boto3.dynamodb.conditions import Attr, ConditionBase

from askbucket.entries import ConditionFailed

Part = Literal["ocr", "embedding"]


class Update(Protocol):
    """`Manifest._update`: one conditional update of a document's item."""

    def __call__(
        self,
        document_id: str,
        expression: str,
        values: Mapping[str, Any],
        *,
        names: Mapping[str, str],
        condition: ConditionBase | None = None,
    ) -> dict[str, Any]: ...


def spend(
    update: Update,
    document_id: str,
    generation: int,
    version: str,
    part: Part,
    nano: int,
    *,
    job: str = "",
) -> bool:
    """Adds to the sum; False where it stands there already, or a later attempt is at another
    version. `job` names what was paid for where it may be told twice."""
    of_version = Attr("spent_version").eq(version)
    newer = Attr("spent_generation").not_exists() | Attr("spent_generation").lt(generation)
    begun = Attr("generation").exists()  # never creates an item
    unheard = ~Attr("spent_jobs").contains(job) if job else begun
    sums = {":nano": nano, **({":job": {job}} if job else {})}
    add = f"ADD spent_{part} :nano" + (", spent_jobs :job" if job else "")
    begin = (
        f"SET spent_version = :version, spent_generation = :generation, spent_{part} = :nano"
        + (", spent_jobs = :job" if job else "")
        + f" REMOVE {' , '.join(_others(part, job))}"
    )
    first = {**sums, ":version": version, ":generation": generation}
    for expression, values, condition in (
        (add, sums, of_version & unheard),
        (begin, first, begun & newer & ~of_version),
        (add, sums, of_version & unheard),  # another attempt at this version has just begun them
    ):
        try:
            update(document_id, expression, values, names={}, condition=condition)
        except ConditionFailed:
            continue
        return True
    return False


def _others(part: Part, job: str) -> list[str]:
    """What a new version's sums leave out."""
    rest = {"spent_ocr", "spent_embedding"} - {f"spent_{part}"}
    return sorted(rest | (set() if job else {"spent_jobs"}))
