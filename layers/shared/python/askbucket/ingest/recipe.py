"""What the index of a document is made by; a document of another recipe is indexed anew."""

from __future__ import annotations

from dataclasses import dataclass

from askbucket.embedders import EmbedderSpec
from askbucket.ingest.features import NO_RULES, TEXT_ALONE, FeatureRules, named
from askbucket.ingest.readers.source import READER_RECIPE
from askbucket.ownership import ONE_TENANT, Ownership

CHUNKER_RECIPE = "chunker-3"  # raise it when chunks, or what is searched of them, change
POINT_RECIPE = "points-2"  # raise it when sparse vectors or payloads of the same chunk change
OCR_MARK = "|ocr:"


@dataclass(frozen=True, slots=True)
class Recipe:
    """`text` is the recipe of documents that need no OCR; that of all others also says what OCR
    looked for, so that a change of `features` touches only them."""

    text: str
    features: FeatureRules = NO_RULES

    def with_ocr(self, key: str) -> str:
        """That of a document with this key which needs OCR, or might."""
        return f"{self.text}{OCR_MARK}{named(self.features(key))}"

    def is_current(self, recipe: str | None, key: str) -> bool:
        """Whether a document with this key, made by `recipe`, would be made the same way now."""
        return recipe in (self.text, self.with_ocr(key))


def recipe_of(
    chunk_chars: int,
    chunk_overlap_chars: int,
    spec: EmbedderSpec,
    ownership: Ownership = ONE_TENANT,
) -> str:
    """Reader, chunker, embedder, what points hold and how owners are told in one line."""
    chunker = f"{CHUNKER_RECIPE}:{chunk_chars}:{chunk_overlap_chars}"
    embedder = f"{spec.model_id}:{spec.dimensions}:{spec.variant}"
    return f"{READER_RECIPE}|{chunker}|{embedder}|{POINT_RECIPE}{ownership.recipe}"


def ocr_of(recipe: str | None) -> str:
    """The name of what OCR looked for in a document of this recipe, as `named` gives it."""
    return (recipe or "").partition(OCR_MARK)[2] or TEXT_ALONE
