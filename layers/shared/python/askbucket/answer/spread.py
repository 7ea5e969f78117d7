"""Pages beside pages: a page that is among the hits already gives way a little to others.

What a question needs often stands on two pages, and the second chunk of the first says much of what
its best one says. A second chunk that fits clearly better than other pages do keeps its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from askbucket.models import Hit

STEP = 0.06  # of the score, for every better hit of the same page; measured in evals/README.md


def spread(hits: Sequence[Hit], step: float = STEP) -> list[Hit]:
    """The hits, best first, each with its score lessened for the better ones of its page; those of
    formats without pages keep theirs. Hits must come best first."""
    better: Counter[tuple[str, int]] = Counter()
    spread_out: list[Hit] = []
    for hit in hits:
        if hit.page is None:
            spread_out.append(hit)
            continue
        place = hit.document_id, hit.page
        lessened = max(0.0, round(hit.score - step * better[place], 6))
        spread_out.append(replace(hit, score=lessened))
        better[place] += 1
    return sorted(spread_out, key=lambda hit: (-hit.score, hit.chunk_id))
