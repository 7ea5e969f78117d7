"""What a commit was made from: if none of it changed, there is nothing to do."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from askbucket.models import ObjectHead

ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`made_of` names labels and recipe, `version` the bytes; equal text, equal commit."""

    version: str
    made_of: str

    @classmethod
    def of(cls, head: ObjectHead, recipe: str) -> Fingerprint:
        return cls(_hash(head.version, head.etag), _hash(dict(head.labels), recipe))

    def __str__(self) -> str:
        return f"{self.version}.{self.made_of}"

    def same_version(self, other: str | None) -> bool:
        return other is not None and other.partition(".")[0] == self.version

    def same_but_version(self, other: str | None) -> bool:
        """Whether only the version differs, so that equal bytes mean an equal document."""
        return other is not None and other.partition(".")[2] == self.made_of


def _hash(*parts: object) -> str:
    text = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
