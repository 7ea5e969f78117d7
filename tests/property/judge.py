"""What every key held over time, and the verdict on what readers see of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from askbucket.models import Document, Hit
from tests.unit.ingest.parts import BUCKET

WRONGS = ("lost", "resurrected", "stale", "mixed", "half")
Texts = frozenset[str]
NOTHING: Texts = frozenset()


class Judge:
    """Knows the chunks of every body; counts what is wrong.

    An attempt reads the bucket after it has taken its generation. So once it has committed, no
    reader may see what the key held only before that: `floor` is that state's number.
    """

    def __init__(self) -> None:
        self.wrongs: Counter[str] = Counter()
        self.first = ""
        self._states: dict[str, list[Texts]] = {}
        self._names: dict[str, str] = {}
        self._claimed: dict[tuple[str, int], int] = {}
        self._floors: Counter[str] = Counter()

    def holds(self, key: str, texts: Iterable[str]) -> None:
        """The key's next state."""
        self._names[Document(BUCKET, key).id] = key
        self._of(key).append(frozenset(texts))

    def now(self, key: str) -> Texts:
        return self._of(key)[-1]

    def floor(self, key: str) -> int:
        return self._floors[key]

    def written(self, request: Mapping[str, Any], reply: Mapping[str, Any]) -> None:
        """An update of the manifest took effect: a claim or a commit moves what may be seen."""
        key = self._names.get(request["Key"]["id"], "")
        if "generation" in reply.get("Attributes", {}):
            number = len(self._of(key)) - 1
            self._claimed[key, int(reply["Attributes"]["generation"])] = number
        if request["ExpressionAttributeNames"].get("#f0") == "committed":
            generation = int(request["ExpressionAttributeValues"][":f0"])
            self._floors[key] = max(self._floors[key], self._claimed.get((key, generation), 0))

    def seen(self, key: str, hits: Iterable[Hit], floor: int) -> None:
        """A reader who began when the floor was this got these hits."""
        found = list(hits)
        texts = frozenset(hit.text for hit in found)
        states = self._of(key)
        if not self._whole(key, found, texts) or texts == NOTHING or texts in states[floor:]:
            return
        last = max(number for number, state in enumerate(states) if state == texts)
        deleted = NOTHING in states[last : floor + 1]
        self._wrong("resurrected" if deleted else "stale", key, f"{sorted(texts)} after commit")

    def at_rest(self, key: str, hits: Iterable[Hit]) -> None:
        """No hint is pending: the index is what the bucket is."""
        found = list(hits)
        texts, wanted = frozenset(hit.text for hit in found), self.now(key)
        if not self._whole(key, found, texts) or texts == wanted:
            return
        wrong = "lost" if not texts else "stale" if wanted else "resurrected"
        self._wrong(wrong, key, f"{sorted(texts)} at rest instead of {sorted(wanted)}")

    def _of(self, key: str) -> list[Texts]:
        return self._states.setdefault(key, [NOTHING])

    def _whole(self, key: str, hits: list[Hit], texts: Texts) -> bool:
        """Whether the hits are all chunks of one version that was once current, or none."""
        parts = [state for state in self._of(key) if texts <= state]
        if not parts or len({hit.generation for hit in hits}) > 1:
            self._wrong("mixed", key, f"{sorted(texts)}")
            return False
        if texts and texts not in parts:
            self._wrong("half", key, f"{len(texts)} chunks of {sorted(parts[0])}")
            return False
        return True

    def _wrong(self, wrong: str, key: str, detail: str) -> None:
        self.wrongs[wrong] += 1
        self.first = self.first or f"{wrong}: {key} shows {detail}"
