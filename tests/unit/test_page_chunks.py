"""A page's chunks, found by searching for its words."""

from __future__ import annotations

from typing import Any

from askbucket.models import Document
from askbucket.stores.port import point_id
from local.page_chunks import MOST_SEARCHES, QUERY_CHARS, PageChunk, chunks_of, sides_of, uncovered

KEY = "a.pdf"
ID = Document("bucket", KEY).id
DOCUMENT = {"id": ID, "document": KEY, "chunks": 9, "attempt": {"generation": 5}}


def box(row: int) -> dict[str, Any]:
    return {"page": 1, "left": 0.1, "top": row / 100 + 1e-7, "width": 0.5, "height": 0.01}


def page(rows: int) -> dict[str, Any]:
    lines = [{"text": f"words of line {row}", "box": box(row)} for row in range(rows)]
    return {"page": 1, "version": "v1", "lines": lines}


class Index:
    """Chunks as rows of the page; a search finds those that hold the query's first line."""

    def __init__(self, chunks: dict[int, range], **of: Any) -> None:
        self.chunks, self.of, self.asked = chunks, of, list[str]()

    def search(self, query: str, **options: Any) -> dict[str, Any]:
        assert options["filter"] == {"document": KEY}
        self.asked.append(query)
        row = int(query.split()[3])
        return {"hits": [self.hit(n, rows) for n, rows in self.chunks.items() if row in rows]}

    def hit(self, number: int, rows: range) -> dict[str, Any]:
        boxes = [{**box(row), "top": round(box(row)["top"], 5)} for row in rows]
        name = point_id(ID, 5, number)
        return {"chunk_id": name, "page": 1, "version": "v1", "boxes": boxes, **self.of}


def test_every_chunk_is_found_and_numbered_in_the_order_of_the_page() -> None:
    index = Index({7: range(4, 10), 6: range(5), 8: range(10, 12)})

    chunks = chunks_of(index, DOCUMENT, page(12))

    assert [chunk.number for chunk in chunks] == [6, 7, 8]
    assert [len(chunk.boxes) for chunk in chunks] == [5, 6, 2]
    assert uncovered(page(12)["lines"], chunks) == 0
    assert len(index.asked) == 3
    assert max(map(len, index.asked)) <= QUERY_CHARS


def test_hits_of_other_pages_and_versions_are_left_out() -> None:
    for other in ({"page": 2}, {"version": "v0"}):
        chunks = chunks_of(Index({0: range(2)}, **other), DOCUMENT, page(2))
        assert chunks == []
        assert uncovered(page(2)["lines"], chunks) == 2


def test_a_line_that_nothing_holds_is_asked_for_once() -> None:
    index = Index({})

    assert chunks_of(index, DOCUMENT, page(3)) == []
    assert len(index.asked) == 3
    many = Index({})
    chunks_of(many, DOCUMENT, page(99))
    assert len(many.asked) == MOST_SEARCHES


def test_a_chunk_of_an_earlier_attempt_has_no_number() -> None:
    later = {**DOCUMENT, "attempt": {"generation": 6}}

    [chunk] = chunks_of(Index({3: range(1)}), later, page(1))

    assert chunk == PageChunk(None, (sides_of(box(0)),))
