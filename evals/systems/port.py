"""What a retrieval system is, whoever made it: documents in, a ranking of places out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evals.collections import Collection
from evals.embedding import CachedEmbedder
from evals.measures import Place

MOST_HITS = 20  # chunks of a ranking, as many as the API gives

Search = Callable[[str, str | None], Sequence[Place]]
"""A question, and the one document to search or None for all -> the places of the chunks found,
best first, MOST_HITS at most. Several chunks of one place are several places."""

Build = Callable[[Collection, CachedEmbedder], dict[str, Search]]
"""Indexes the collection; the ways to search it, by name. Each file of this folder has one named
`build`, which imports the library it is about."""
