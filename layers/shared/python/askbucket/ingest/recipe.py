"""What the index of a document is made by; a document of another recipe is indexed anew."""

from __future__ import annotations

from askbucket.embedders import EmbedderSpec
from askbucket.ingest.source import READER_RECIPE

CHUNKER_RECIPE = "chunker-2"  # raise it when chunks of the same settings change


def recipe_of(chunk_chars: int, chunk_overlap_chars: int, spec: EmbedderSpec) -> str:
    """Reader, chunker and embedder in one line."""
    chunker = f"{CHUNKER_RECIPE}:{chunk_chars}:{chunk_overlap_chars}"
    return f"{READER_RECIPE}|{chunker}|{spec.model_id}:{spec.dimensions}:{spec.variant}"
