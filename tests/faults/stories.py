"""What happens to one document, in two parts (before and while faults strike), and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from askbucket.models import Status
from tests.faults.stack import Stack
from tests.unit.ingest.files import pdf
from tests.unit.ingest.scripted_textract import text_of_shade

Act = Callable[[Stack, str], None]


@dataclass(frozen=True)
class Story:
    """`ends` is what readers see at last, `billed` the pages that went to OCR in both parts."""

    name: str
    first: Act
    then: Act
    ends: Callable[[str], tuple[str, ...]]
    billed: int = 0
    status: Status = Status.READY


def _text(key: str, edition: str) -> str:
    """Two lines of 80 characters, which are a chunk each."""
    return "\n".join(f"Line {n} of {key}, {edition} ".ljust(80, "x") for n in (1, 2))


def _chunks(key: str, edition: str) -> tuple[str, ...]:
    return tuple(_text(key, edition).split("\n"))


def _shades(key: str) -> tuple[int, int]:
    """Two that only this key has; keys begin with a number."""
    return 2 * int(key[:3]) + 8, 2 * int(key[:3]) + 9


def _scan(key: str) -> bytes:
    return pdf([[f"A page of {key} that was typed and can be read."], *_shades(key)])


def _nothing(stack: Stack, key: str) -> None:
    """The key is new."""


def _upload(edition: str) -> Act:
    return lambda stack, key: stack.upload(key, _text(key, edition))


def _seen_of_scan(key: str) -> tuple[str, ...]:
    typed = f"A page of {key} that was typed and can be read."
    return (typed, *map(text_of_shade, _shades(key)))


STORIES = {
    story.name: story
    for story in (
        Story("text", _nothing, _upload("first"), lambda key: _chunks(key, "first")),
        Story("overwrite", _upload("first"), _upload("next"), lambda key: _chunks(key, "next")),
        Story(
            "delete",
            _upload("first"),
            lambda stack, key: stack.remove(key),
            lambda _: (),
            status=Status.DELETED,
        ),
        Story("scan", _nothing, lambda s, k: s.upload(k, _scan(k)), _seen_of_scan, billed=2),
        Story(
            "scan again with labels",
            lambda stack, key: stack.upload(key, _scan(key)),
            lambda stack, key: stack.upload(key, _scan(key), {"team": "legal"}),
            _seen_of_scan,
            billed=2,
        ),
    )
}
