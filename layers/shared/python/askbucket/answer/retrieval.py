"""From a question to the chunks that may answer it, best first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from askbucket.answer.duplicates import collapsed
from askbucket.answer.naming import favoured
from askbucket.answer.question import Scope
from askbucket.answer.spread import spread
from askbucket.answer.visibility import Found, VisibleSearch
from askbucket.embedders import Embedder
from askbucket.entry import Entry
from askbucket.errors import CallerError
from askbucket.ingest import sparse
from askbucket.language import may_be_english
from askbucket.manifest import Manifest
from askbucket.mixed_words import parted
from askbucket.models import Document, Hit
from askbucket.ownership import ONE_TENANT, Ownership
from askbucket.stores.payload import labelled
from askbucket.stores.port import AnyOf, Condition, Equals, Filter

PREFIX_DOCUMENTS = 1000  # documents that a prefix which is no folder may match


class Retriever:
    """Dense and sparse search, checked, fused by score, each text once, its pages spread.

    Documents named in the question lead.
    """

    def __init__(
        self,
        *,
        search: VisibleSearch,
        manifest: Manifest,
        embedder: Embedder,
        bucket: str,
        dense_weight: float,
        foreign_dense_weight: float,
        candidates: int,
        ownership: Ownership = ONE_TENANT,
    ) -> None:
        self._search = search
        self._manifest = manifest
        self._embedder = embedder
        self._bucket = bucket
        self._dense_weight = dense_weight
        self._foreign_dense_weight = foreign_dense_weight
        self._candidates = candidates
        self._ownership = ownership

    def __call__(
        self,
        question: str,
        *,
        scope: Scope,
        tenant: str,
        top_k: int,
        groups: Collection[str] = (),
    ) -> list[Hit]:
        """At most `top_k` hits of what a caller of the tenant in these groups may see, scores 0..1.

        Raises CallerError for a scope that is too wide.
        """
        found = self._search(
            self._embedder.embed_question(question),
            sparse.question_vector(parted(question)),
            scope=self.filter_of(scope, tenant),
            rights=self._ownership.rights(tenant, groups),
            limit=max(self._candidates, top_k),
        )
        hits = favoured(fused(found, self._weight(question)), question)
        return spread(collapsed(hits))[:top_k]

    def _weight(self, question: str) -> float:
        """An embedder that knows only English ranks other texts little better than by chance."""
        foreign = self._embedder.spec.english_only and not may_be_english(question)
        return self._foreign_dense_weight if foreign else self._dense_weight

    def filter_of(self, scope: Scope, tenant: str) -> Filter:
        """What the scope means to the store, for a tenant whose keys alone are looked up.

        Raises CallerError for one that is too wide.
        """
        must: list[Condition] = [
            AnyOf("labelled", tuple(labelled(name, value) for value in values))
            for name, values in scope.labels.items()
        ]
        if scope.document is not None:
            must.append(Equals("document_id", Document(self._bucket, scope.document).id))
        if any(scope.prefixes) and "" not in scope.prefixes:
            narrowed = (self._ownership.narrowed(tenant, each) for each in scope.prefixes)
            must.append(self._within([each for each in narrowed if each is not None]))
        return Filter(tuple(must))

    def _within(self, prefixes: Sequence[str]) -> Condition:
        """Folders are a field of every point; other prefixes are looked up in the manifest."""
        if all(prefix.endswith("/") for prefix in prefixes):
            return AnyOf("folders", tuple(prefixes))
        ids: list[str] = []
        for prefix in prefixes:
            for entry in self._beginning(prefix):
                ids.append(entry.document.id)
                if len(ids) > PREFIX_DOCUMENTS:
                    raise CallerError(
                        f"the prefix {prefix!r} matches more than {PREFIX_DOCUMENTS} documents; "
                        "make it longer, or name folders alone, which end with a slash"
                    )
        return AnyOf("document_id", tuple(ids))

    def _beginning(self, prefix: str) -> Iterator[Entry]:
        cursor = None
        while True:
            page = self._manifest.list(self._bucket, prefix=prefix, limit=500, cursor=cursor)
            yield from page.entries
            cursor = page.cursor
            if cursor is None:
                return


def fused(found: Found, dense_weight: float) -> list[Hit]:
    """Both lists as one, best first: each score divided by its list's best, then weighed.

    Fixed weights kept the scores' meaning where rank fusion threw it away, and measured better on
    every collection tried.
    """
    scores: dict[str, float] = {}
    hits: dict[str, Hit] = {}
    for ranked, weight in ((found.dense, dense_weight), (found.sparse, 1 - dense_weight)):
        best = max((hit.score for hit in ranked), default=0.0)
        for hit in ranked:
            share = max(0.0, hit.score) / best if best > 0 else 0.0
            scores[hit.chunk_id] = scores.get(hit.chunk_id, 0.0) + weight * share
            hits.setdefault(hit.chunk_id, hit)
    ordered = sorted(hits, key=lambda chunk_id: (-scores[chunk_id], chunk_id))
    return [replace(hits[chunk_id], score=round(scores[chunk_id], 6)) for chunk_id in ordered]
