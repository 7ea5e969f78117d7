"""The chunks of one page as searches find them: asked for by the page's own words.

No route lists a page's chunks, and cutting the page again would show what the settings of today
make of it. A search in the document for the words of a line finds the chunks that hold them, in
the index that answers come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from askbucket.stores.payload import BOX_DIGITS
from askbucket.stores.port import point_id

QUERY_CHARS = 250  # no embedder takes fewer: a token is at least one character
MOST_HITS = 20  # the API's limit
MOST_SEARCHES = 40

Sides = tuple[float, ...]  # left, top, width, height, as fractions of the page


class Searcher(Protocol):
    """The one call of the client that is needed."""

    def search(self, query: str, **options: Any) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class PageChunk:
    """A chunk with its lines' boxes. `number` counts in the document; None where it is not known,
    which is so after the same bytes were uploaded again."""

    number: int | None
    boxes: tuple[Sides, ...]


def sides_of(box: Mapping[str, float]) -> Sides:
    """As exact as the index keeps them, so that a chunk's boxes equal its lines'."""
    return tuple(round(box[side], BOX_DIGITS) for side in ("left", "top", "width", "height"))


def chunks_of(
    client: Searcher, document: Mapping[str, Any], page: Mapping[str, Any]
) -> list[PageChunk]:
    """The page's chunks in the order of their first lines.

    `document` and `page` are the API's. Each line that no chunk covers yet is searched for, so a
    chunk is missed only where its lines all belong to others too.
    """
    placed = [line for line in page["lines"] if line["box"]]
    order = {sides_of(line["box"]): at for at, line in enumerate(placed)}
    found: dict[str, tuple[Sides, ...]] = {}
    for query in _queries(placed, found):
        narrowed = {"document": document["document"]}
        for hit in client.search(query, top_k=MOST_HITS, filter=narrowed)["hits"]:
            if hit["page"] == page["page"] and hit["version"] == page["version"]:
                found[hit["chunk_id"]] = tuple(sides_of(box) for box in hit["boxes"])
    numbers = _numbers(document)
    chunks = [PageChunk(numbers.get(name), boxes) for name, boxes in found.items()]
    return sorted(chunks, key=lambda chunk: [order.get(box, len(order)) for box in chunk.boxes])


def uncovered(lines: Sequence[Mapping[str, Any]], chunks: Sequence[PageChunk]) -> int:
    """How many lines with a box no chunk covers."""
    covered = {box for chunk in chunks for box in chunk.boxes}
    return sum(1 for line in lines if line["box"] and sides_of(line["box"]) not in covered)


def _queries(
    lines: Sequence[Mapping[str, Any]], found: Mapping[str, tuple[Sides, ...]]
) -> Iterator[str]:
    """The words of each line that no chunk found so far covers, and of those after it."""
    asked = 0
    for at, line in enumerate(lines):
        covered = {box for boxes in found.values() for box in boxes}
        if sides_of(line["box"]) in covered or asked == MOST_SEARCHES:
            continue
        asked += 1
        yield " ".join(each["text"] for each in lines[at:])[:QUERY_CHARS]


def _numbers(document: Mapping[str, Any]) -> dict[str, int]:
    """Point ids are made from the chunks' numbers, so the numbers are known by their ids."""
    generation = document["attempt"]["generation"]
    return {
        point_id(document["id"], generation, number): number for number in range(document["chunks"])
    }
