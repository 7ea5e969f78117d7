"""How near a text is to the truth: pure functions, each with its definition."""

from __future__ import annotations

import random
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from askbucket.models import Box, Line

SHINGLE_CHARS = 8
RESAMPLES = 1000
CONFIDENCE = 0.95
MARKUP = re.compile(r"<!--.*?-->|\\(?=[_*#<>])", re.DOTALL)

Words = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its 95 % bootstrap interval, and how many values it is of."""

    value: float
    low: float
    high: float
    count: int


def mean_of(values: Sequence[float]) -> Mean:
    """By the percentile bootstrap (Efron 1979) over the values, with a fixed seed.

    Raises ValueError for no values at all.
    """
    if not values:
        raise ValueError("there is nothing to take the mean of")
    rng = random.Random(7)  # noqa: S311 - repeatable on purpose
    means = sorted(statistics.fmean(rng.choices(values, k=len(values))) for _ in range(RESAMPLES))
    tail = round(RESAMPLES * (1 - CONFIDENCE) / 2)
    return Mean(statistics.fmean(values), means[tail], means[-1 - tail], len(values))


def page_text(lines: Sequence[Line]) -> str:
    """The lines' text; the bars between the cells of a table's row are ours and left out."""
    return "\n".join(line.text.replace(" | ", " ") if line.table else line.text for line in lines)


def words(text: str) -> list[str]:
    """What stands between white space, with compatibility characters made plain (NFKC)."""
    return unicodedata.normalize("NFKC", text).split()


def folded_words(text: str) -> list[str]:
    """Words without case."""
    return words(text.casefold())


def bare_words(text: str) -> list[str]:
    """Runs of letters and digits, without case: markup and punctuation do not count."""
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", MARKUP.sub("", text)).casefold())


def recall(truth: Sequence[str], found: Sequence[str]) -> float:
    """Share of the truth's words found, each as often as it occurs, in any order; 1 for none."""
    return _share(truth, found)


def precision(truth: Sequence[str], found: Sequence[str]) -> float:
    """Share of the found words that are true; 1 for none."""
    return _share(found, truth)


def _share(wanted: Sequence[str], there: Sequence[str]) -> float:
    common = (Counter(wanted) & Counter(there)).total()
    return common / len(wanted) if wanted else 1.0


def character_error_rate(truth: str, found: str) -> float:
    """Edits (insert, delete, replace) from the truth to the text, for each of its characters.

    White space counts as one blank. The order of lines counts too: what stands elsewhere is deleted
    here and inserted there, so the rate may exceed 1.
    """
    wanted, there = " ".join(words(truth)), " ".join(words(found))
    return Levenshtein.distance(wanted, there) / max(1, len(wanted))


def shingle_share(wanted: str, text: str) -> float:
    """Share of the wanted text's runs of eight characters that occur in the text.

    White space and case do not count, so neither words run together nor lines in another order
    hide a passage.
    """
    runs, there = _shingles(wanted), _shingles(text)
    return len(runs & there) / len(runs) if runs else 1.0


def _shingles(text: str) -> set[str]:
    dense = "".join(folded_words(text))
    return {dense[at : at + SHINGLE_CHARS] for at in range(max(1, len(dense) - SHINGLE_CHARS + 1))}


def holds(text: str, wanted: str) -> bool:
    """Whether the text has the string, whatever white space or case; a number must be whole."""
    letters = [re.escape(letter) for letter in "".join(folded_words(wanted))]
    if not letters:
        return True
    before = r"(?<!\d)" if wanted.strip()[0].isdigit() else ""
    after = r"(?!\d)" if wanted.strip()[-1].isdigit() else ""
    pattern = before + r"\s*".join(letters) + after
    return re.search(pattern, " ".join(folded_words(text))) is not None


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    wide = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    high = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    if wide <= 0 or high <= 0:
        return 0.0
    shared = wide * high
    return shared / (one.width * one.height + other.width * other.height - shared)


def matched(truth: Sequence[Box], found: Sequence[Box]) -> list[float]:
    """The overlap of each true box with its own found box, 0 for none.

    Pairs are made from the greatest overlap down, and no found box is used twice.
    """
    pairs = sorted(
        (
            (overlap(box, other), at, of)
            for at, box in enumerate(truth)
            for of, other in enumerate(found)
        ),
        reverse=True,
    )
    best: dict[int, float] = {}
    used: set[int] = set()
    for value, at, of in pairs:
        if value > 0 and at not in best and of not in used:
            best[at] = value
            used.add(of)
    return [best.get(at, 0.0) for at in range(len(truth))]
