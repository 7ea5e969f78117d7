"""What a question is asked of: folders, prefixes, documents, labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from qdrant_client import QdrantClient

from askbucket.answer import retrieval
from askbucket.answer.question import Scope
from askbucket.answer.retrieval import Retriever
from askbucket.answer.visibility import Found, VisibleSearch
from askbucket.embedders import EMBEDDERS
from askbucket.errors import CallerError
from askbucket.manifest import Manifest
from askbucket.models import Status
from askbucket.stores.qdrant import QdrantStore
from tests.unit.answer.parts import hit
from tests.unit.lambdas.parts import (
    BUCKET,
    DIMENSIONS,
    NOW,
    Library,
    committed,
    made_buckets,
    made_table,
)

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")


class OneVector:
    """Embeds every question alike."""

    spec = EMBEDDERS["askbucket.minilm-l6-v2"]
    tokens = 0

    def embed_all(self, texts: Any) -> list[list[float] | None]:
        return [[1.0, 0.0, 0.0] for _ in texts]

    def embed_question(self, _text: str) -> list[float]:
        return [1.0, 0.0, 0.0]


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        manifest = Manifest(made_table())
        store = QdrantStore(QdrantClient(":memory:"), "c", DIMENSIONS)
        library = Library(made_buckets(), manifest, store)
        library.add("a/b/lease.txt", "rent is due", labels={"team": "legal", "cost.center": "7"})
        library.add("a/b-side.txt", "rent of b", labels={"team": "legal"})
        library.add("a/c/pets.txt", "rent of pets", labels={"team": "zoo"})
        library.add("top.txt", "rent at the top")
        yield library


def keys(library: Library, scope: Scope, top_k: int = 10) -> set[str]:
    hits = retriever(library)("rent", scope=scope, tenant="default", top_k=top_k)
    return {hit.document for hit in hits}


def retriever(library: Library) -> Retriever:
    return Retriever(
        search=VisibleSearch(library.store, library.manifest, lambda: NOW + 10_000),
        manifest=library.manifest,
        embedder=OneVector(),
        bucket=BUCKET,
        dense_weight=0.35,
        foreign_dense_weight=0.2,
        candidates=50,
    )


ALL = {"a/b/lease.txt", "a/b-side.txt", "a/c/pets.txt", "top.txt"}


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (Scope(), ALL),
        (Scope(prefixes=("",)), ALL),
        (Scope(prefixes=("a/",)), ALL - {"top.txt"}),
        (Scope(prefixes=("a/b/",)), {"a/b/lease.txt"}),
        (Scope(prefixes=("a/b",)), {"a/b/lease.txt", "a/b-side.txt"}),
        (Scope(prefixes=("to",)), {"top.txt"}),
        (Scope(prefixes=("nothing",)), set()),
        (Scope(prefixes=("nothing/",)), set()),
        (Scope(prefixes=("a/b/", "a/c/")), {"a/b/lease.txt", "a/c/pets.txt"}),
        (Scope(prefixes=("a/b/", "to")), {"a/b/lease.txt", "top.txt"}),
        (Scope(prefixes=("a/b/", "")), ALL),
        (Scope(document="top.txt"), {"top.txt"}),
        (Scope(document="top"), set()),
        (Scope(document=""), set()),
        (Scope(prefixes=("a/",), document="top.txt"), set()),
        (Scope(labels={"team": ("legal",)}), {"a/b/lease.txt", "a/b-side.txt"}),
        (Scope(labels={"team": ("legal",), "cost.center": ("7",)}), {"a/b/lease.txt"}),
        (Scope(labels={"team": ("LEGAL",)}), set()),
        (Scope(labels={"team": ("zoo", "legal")}), ALL - {"top.txt"}),
        (Scope(labels={"team": ("zoo", "legal"), "cost.center": ("7", "8")}), {"a/b/lease.txt"}),
        (Scope(prefixes=("a/b/",), labels={"team": ("legal",)}), {"a/b/lease.txt"}),
    ],
)
def test_a_scope_narrows_the_search(library: Library, scope: Scope, found: set[str]) -> None:
    assert keys(library, scope) == found


def test_a_deleted_document_s_prefix_finds_nothing(library: Library) -> None:
    library.add("gone.txt", "rent of the gone")
    assert keys(library, Scope(prefixes=("gone",))) == {"gone.txt"}

    committed(library.manifest, "gone.txt", Status.DELETED, version=None)

    assert keys(library, Scope(prefixes=("gone",))) == set()


def test_a_text_under_two_keys_is_one_hit_that_names_both(library: Library) -> None:
    library.add("copy.txt", "rent of pets")

    hits = retriever(library)("pets", scope=Scope(), tenant="default", top_k=10)

    committed(library.manifest, "copy.txt", Status.DELETED, version=None)
    [pets] = [hit for hit in hits if hit.text == "rent of pets"]
    assert {pets.document, *(p.document for p in pets.duplicates)} == {"a/c/pets.txt", "copy.txt"}


def test_no_more_than_top_k_best_first(library: Library) -> None:
    hits = retriever(library)("rent pets", scope=Scope(), tenant="default", top_k=2)

    assert hits[0].document == "a/c/pets.txt"
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score


def test_another_tenant_finds_nothing(library: Library) -> None:
    assert retriever(library)("rent", scope=Scope(), tenant="other", top_k=5) == []


def test_a_prefix_that_matches_too_many_documents_is_refused_with_the_way_out(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval, "PREFIX_DOCUMENTS", 2)

    with pytest.raises(CallerError, match=r"'a' matches more than 2 documents; make it longer"):
        keys(library, Scope(prefixes=("a",)))
    assert keys(library, Scope(prefixes=("a/",))) == ALL - {"top.txt"}


def test_a_question_without_words_is_searched_by_meaning_alone(library: Library) -> None:
    hits = retriever(library)("of the ?", scope=Scope(), tenant="default", top_k=4)

    assert {hit.document for hit in hits} == ALL
    assert {hit.score for hit in hits} == {0.35}


def test_at_least_top_k_candidates_are_taken_of_each_list(library: Library) -> None:
    limits: list[int] = []

    class Watched(QdrantStore):
        def search(self, *request: Any) -> Any:
            limits.append(request[-1])
            return [], []

    store = Watched(QdrantClient(":memory:"), "c", DIMENSIONS)
    watched = Library(library.s3, library.manifest, store)
    for top_k in (5, 70):
        retriever(watched)("rent", scope=Scope(), tenant="default", top_k=top_k)

    assert limits == [50, 70]


class TwoLists:
    """A search whose dense and sparse lists disagree."""

    def __call__(self, *_: Any, **__: Any) -> Found:
        return Found((hit(chunk="dense", score=1.0),), (hit(chunk="words", score=1.0),))


@pytest.mark.parametrize(
    ("embedder", "question", "first"),
    [
        ("askbucket.minilm-l6-v2", "What is the rent?", "dense"),
        ("askbucket.minilm-l6-v2", "Wie hoch ist die Miete?", "words"),
        ("amazon.titan-embed-text-v2:0", "Wie hoch ist die Miete?", "dense"),
    ],
)
def test_an_embedder_of_english_weighs_less_elsewhere(
    embedder: str, question: str, first: str
) -> None:
    vectors: Any = OneVector()
    vectors.spec = EMBEDDERS[embedder]
    parts: Any = {"search": TwoLists(), "manifest": None, "embedder": vectors}
    found = Retriever(
        **parts, bucket=BUCKET, dense_weight=0.6, foreign_dense_weight=0.3, candidates=50
    )(question, scope=Scope(), tenant="default", top_k=2)
    assert found[0].chunk_id == first
