"""Numbers of things as the commands print them, and progress as it is watched."""

from __future__ import annotations

from typing import Any

import pytest

from local.cli import _status_line, _watched
from local.counting import cost_of, progress_of


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (None, ""),
        ({"pages_read": 0, "pages": 0, "chunks_embedded": 0}, ""),
        ({"pages_read": 100, "pages": 1200, "chunks_embedded": 0}, "100 of 1,200 pages read"),
        ({"pages_read": 1, "pages": 1, "chunks_embedded": 0}, "1 of 1 page read"),
        (
            {"pages_read": 9, "pages": 9, "chunks_embedded": 100},
            "9 of 9 pages read, 100 chunks embedded",
        ),
        (
            {"pages_read": 0, "pages": 0, "chunks_embedded": 100, "chunks": 250},
            "100 of 250 chunks embedded",
        ),
    ],
)
def test_progress_is_told_in_words(progress: dict[str, int] | None, text: str) -> None:
    document: dict[str, Any] = {"progress": progress} if progress else {}
    assert progress_of(document) == text


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        ({}, ""),
        ({"ocr": 0.0, "embedding": 0.0}, ""),
        ({"ocr": 0.0015, "embedding": 0.0}, "$0.0015"),
        ({"ocr": 65.0, "embedding": 0.00000002}, "$65.00000002"),
    ],
)
def test_dollars_are_told_to_the_last_digit(usd: dict[str, float], text: str) -> None:
    assert cost_of({"usd": usd}) == text


def test_a_status_ends_in_what_the_document_cost() -> None:
    document = {"status": "ready", "document": "a.png", "warnings": [], "pages": 1}
    counts = {"ocr_pages": 1, "chunks": 2, "usd": {"ocr": 0.0015, "embedding": 0.0}}
    told = _status_line(document | counts)
    assert told == "ready     a.png  (1 page, 1 by OCR, 2 chunks, $0.0015)"


class Polled:
    """A client whose document is further at every look."""

    def __init__(self, *looks: dict[str, Any]) -> None:
        self._looks = [{"id": "1", "document": "a.pdf", "warnings": [], **look} for look in looks]

    def documents(self, **_: str) -> list[dict[str, Any]]:
        return [self._looks.pop(0)]


def test_what_is_watched_is_told_when_it_changes(capsys: pytest.CaptureFixture[str]) -> None:
    # given
    half = {"pages_read": 1, "pages": 2, "chunks_embedded": 0}
    client: Any = Polled(
        {"status": "queued"},
        {"status": "reading", "progress": half},
        {"status": "reading", "progress": half},
        {"status": "ready"},
    )
    # when
    [document] = _watched(client, {})
    # then
    assert document["status"] == "ready"
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "queued    a.pdf\nreading   a.pdf  (1 of 2 pages read)\n"
