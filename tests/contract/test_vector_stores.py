"""What every vector store must do. A new store is one more fixture; a known gap of one is a strict
expected failure with its reason (`lacks`)."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Iterator

import pytest
from qdrant_client import QdrantClient

from askbucket.errors import CallerError
from askbucket.models import Box, Document, SparseVector
from askbucket.stores.batches import MOST_POINTS
from askbucket.stores.payload import labelled
from askbucket.stores.port import AnyOf, Below, Equals, Filter, PointRef, TenantFilter, VectorStore
from askbucket.stores.qdrant import SCROLL_PAGE, QdrantStore, connect
from evals.memory_store import MemoryStore
from tests.contract.qdrant_served import served
from tests.contract.stored_points import (
    API_KEY,
    DIMENSIONS,
    EAST,
    EVERYTHING,
    MINE,
    NO_WORDS,
    NORTH,
    UP,
    only,
    point,
)

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

Made = Callable[[], VectorStore]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("qdrant"), API_KEY) as url:
        yield url


@pytest.fixture
def qdrant_in_memory() -> Made:
    """qdrant-client's own engine in Python."""
    return lambda: QdrantStore(QdrantClient(":memory:"), "contract", DIMENSIONS)


@pytest.fixture
def qdrant_endpoint(endpoint: str) -> Iterator[Made]:
    """The offline endpoint over Qdrant Edge, through REST like a server."""
    client = connect(endpoint, API_KEY)
    yield lambda: QdrantStore(client, f"contract-{uuid.uuid4().hex}", DIMENSIONS)
    client.close()


@pytest.fixture
def exact_in_memory() -> Made:
    """The store that evals search exactly."""
    return MemoryStore


LACKS = {
    ("qdrant_in_memory", "test_a_missing_collection_holds_nothing"): (
        "qdrant-client's in-memory engine raises ValueError where a server answers 404"
    ),
    ("exact_in_memory", "test_health_names_the_store_and_its_version"): "it is no Qdrant",
}


@pytest.fixture(params=["qdrant_in_memory", "qdrant_endpoint", "exact_in_memory"])
def made(request: pytest.FixtureRequest) -> Made:
    """Makes a store over a collection that does not exist yet."""
    gap = LACKS.get((request.param, request.node.originalname))
    if gap:
        request.applymarker(pytest.mark.xfail(reason=gap, strict=True))
    fixture: Made = request.getfixturevalue(request.param)
    return fixture


@pytest.fixture
def store(made: Made) -> VectorStore:
    store = made()
    store.ensure()
    return store


def found(store: VectorStore, matching: Filter) -> set[str]:
    """The keys of the matching points, by every way the store has of telling."""
    scrolled = list(store.scroll(matching))
    tenants = [TenantFilter(name, matching) for name in ("default", "other")]
    dense = [hit for tenant in tenants for hit in store.search(EAST, NO_WORDS, tenant, 100)[0]]
    read = [hit for tenant in tenants for hit in store.contents(tenant, 100)]
    assert store.count(matching) == len(scrolled) == len(dense) == len(read)
    assert {ref.document for ref in scrolled} == {hit.document for hit in dense}
    assert {ref.document for ref in scrolled} == {hit.document for hit in read}
    return {ref.document for ref in scrolled}


# --- writing ------------------------------------------------------------------------------------


def test_the_same_point_twice_is_kept_once(store: VectorStore) -> None:
    store.upsert([point(), point()])
    store.upsert([point()])

    assert store.count(EVERYTHING) == 1


def test_a_second_write_replaces_the_first(store: VectorStore) -> None:
    store.upsert([point(text="old", dense=EAST, labels={"a": "1"})])
    store.upsert([point(text="new", dense=NORTH, labels={"b": "2"})])

    (hit,), _ = store.search(NORTH, NO_WORDS, MINE, 5)
    assert hit.text == "new"
    assert hit.score == pytest.approx(1.0, abs=1e-5)
    assert store.count(only(Equals("labels.a", "1"))) == 0


def test_more_than_one_batch_is_searchable_as_soon_as_the_write_returns(store: VectorStore) -> None:
    store.upsert([point(number=number) for number in range(MOST_POINTS * 2 + 1)])

    assert store.count(EVERYTHING) == MOST_POINTS * 2 + 1


def test_writing_nothing_is_fine(store: VectorStore) -> None:
    store.upsert([])

    assert store.count(EVERYTHING) == 0


def test_a_point_without_words_and_one_without_meaning_are_both_kept(store: VectorStore) -> None:
    store.upsert([point("a", sparse=NO_WORDS), point("b", sparse=SparseVector((7,), (0.5,)))])

    _, words = store.search(EAST, SparseVector((7,), (1.0,)), MINE, 5)
    assert [hit.document for hit in words] == ["b"]
    assert store.count(EVERYTHING) == 2


# --- what comes back ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["naïve 日本語 🙂 \u202eRTL", 'quote " back \\ slash', "NUL \x00 tab\t\nline", ""]
)
def test_a_hit_is_what_was_written(store: VectorStore, text: str) -> None:
    written = point(f"ordner/ü +%2F/../{text}.pdf", text=text, generation=1_800_000_000_000)
    store.upsert([written])

    (hit,), _ = store.search(EAST, NO_WORDS, MINE, 5)

    assert (hit.chunk_id, hit.document_id) == (written.id, written.document.id)
    assert (hit.document, hit.text) == (written.document.key, text)
    assert (hit.generation, hit.tenant, hit.version) == (1_800_000_000_000, "default", "v1")
    assert (hit.page, hit.boxes) == (2, (Box(0.1, 0.25, 0.5, 0.0125),))
    assert list(store.scroll(EVERYTHING)) == [
        PointRef(written.id, written.document.id, written.document.key, 1_800_000_000_000)
    ]


def test_contents_are_everything_that_matches_whole(store: VectorStore) -> None:
    written = [point("a", number, text=f"text {number}") for number in range(SCROLL_PAGE + 2)]
    store.upsert([*written, point("b"), point("a", 1, generation=2)])

    of_a = only(Equals("document_id", written[0].document.id), Equals("generation", 1))
    matching = TenantFilter("default", of_a)
    found = store.contents(matching, SCROLL_PAGE * 2)

    assert sorted((hit.number, hit.text) for hit in found) == [
        (each.chunk.number, each.chunk.text) for each in written
    ]
    assert found[0].boxes == written[0].chunk.boxes
    assert {hit.score for hit in found} == {0.0}
    assert len(store.contents(matching, SCROLL_PAGE + 1)) == SCROLL_PAGE + 1
    assert len(store.contents(matching, 3)) == 3


def test_dense_hits_come_in_the_order_of_their_cosine(store: VectorStore) -> None:
    half = math.sqrt(0.5)
    store.upsert(
        [
            point("far", dense=NORTH),
            point("near", dense=EAST),
            point("between", dense=(half, half, 0.0, 0.0)),
            point("opposite", dense=(-1.0, 0.0, 0.0, 0.0)),
        ]
    )

    dense, sparse = store.search(EAST, NO_WORDS, MINE, 10)

    assert [hit.document for hit in dense] == ["near", "between", "far", "opposite"]
    assert [hit.score for hit in dense] == pytest.approx([1.0, half, 0.0, -1.0], abs=1e-4)
    assert sparse == []


def test_sparse_hits_come_in_the_order_of_weight_and_rarity(store: VectorStore) -> None:
    common, rare = 3, 9
    store.upsert(
        [
            point("often", sparse=SparseVector((common,), (2.0,))),
            point("once", sparse=SparseVector((common,), (1.0,))),
            point("rare", sparse=SparseVector((common, rare), (1.0, 1.0))),
            point("other", sparse=SparseVector((5,), (9.0,))),
        ]
    )

    _, sparse = store.search(UP, SparseVector((common, rare), (1.0, 1.0)), MINE, 10)

    assert [hit.document for hit in sparse] == ["rare", "often", "once"]
    assert all(hit.score > 0 for hit in sparse)


def test_each_list_is_at_most_as_long_as_asked(store: VectorStore) -> None:
    words = SparseVector((1,), (1.0,))
    store.upsert([point(number=number, sparse=words) for number in range(9)])

    dense, sparse = store.search(EAST, words, MINE, 4)

    assert (len(dense), len(sparse)) == (4, 4)


# --- filters ------------------------------------------------------------------------------------


@pytest.fixture
def filled(store: VectorStore) -> VectorStore:
    store.upsert(
        [
            point("a/b/1.txt", generation=1, labels={"team": "legal", "cost.center": "7 a"}),
            point("a/b/2.txt", generation=2, labels={"team": "zoo"}),
            point(
                "a/3.txt",
                generation=3,
                labels={"aws:owner/x@y": "legal", "größe": "L", 'größe="x"': "L\\ ü'"},
                groups=("g=hr", "g=board"),
            ),
            point("4.txt", generation=4, tenant="other"),
        ]
    )
    return store


IDS = {key: Document("bucket", key).id for key in ("a/b/1.txt", "a/b/2.txt", "a/3.txt", "4.txt")}


@pytest.mark.parametrize(
    ("matching", "keys"),
    [
        (EVERYTHING, "1234"),
        (only(Equals("folders", "a/")), "123"),
        (only(Equals("folders", "a/b/")), "12"),
        (only(Equals("folders", "a")), ""),
        (only(Equals("document_id", IDS["4.txt"])), "4"),
        (only(Equals("generation", 2)), "2"),
        (only(Equals("tenant", "other")), "4"),
        (only(AnyOf("document_id", (IDS["4.txt"], IDS["a/3.txt"], "none"))), "34"),
        (only(AnyOf("document_id", ())), ""),
        (only(AnyOf("groups", ("g=", "g=board"))), "3"),
        (only(AnyOf("groups", ("g=", "g=boar", "g=hr,board"))), ""),
        (only(Below("generation", 3)), "12"),
        (only(Below("generation", 1)), ""),
        (only(Equals("folders", "a/"), Below("generation", 2)), "1"),
        (only(Equals("labels.team", "legal")), "1"),
        (only(Equals("labels.cost.center", "7 a")), "1"),
        (only(Equals("labels.aws:owner/x@y", "legal")), "3"),
        (only(Equals("labels.größe", "L")), "3"),
        (only(Equals("labels.none", "legal")), ""),
        (only(AnyOf("labelled", (labelled("team", "zoo"), labelled("team", "legal")))), "12"),
        (only(AnyOf("labelled", (labelled("cost.center", "7 a"), "none"))), "1"),
        (only(Equals("labelled", labelled('größe="x"', "L\\ ü'"))), "3"),
        (only(Equals("labelled", labelled("team", "lega"))), ""),
        (only(AnyOf("folders", ("a/b/", "c/"))), "12"),
        (Filter((), ((Equals("generation", 1),), (Equals("generation", 4),))), "23"),
        (Filter((), ((Equals("folders", "a/b/"), Equals("generation", 2)),)), "134"),
        (Filter((), ((Equals("folders", "a/b/"), Equals("generation", 9)),)), "1234"),
        (
            Filter(
                (Equals("folders", "a/"),),
                ((Equals("generation", 3),), (Equals("labels.team", "zoo"),)),
            ),
            "1",
        ),
    ],
)
def test_a_filter_means_the_same_to_search_count_and_scroll(
    filled: VectorStore, matching: Filter, keys: str
) -> None:
    assert {key[-5] for key in found(filled, matching)} == set(keys)


def test_a_label_with_a_quotation_mark_is_the_caller_s_fault(filled: VectorStore) -> None:
    with pytest.raises(CallerError, match="quotation mark"):
        filled.count(only(Equals('labels.a"b', "x")))


@pytest.mark.parametrize(
    ("matching", "keys"),
    [
        (TenantFilter("default"), "123"),
        (TenantFilter("other"), "4"),
        (TenantFilter("othe"), ""),
        (TenantFilter("other", only(Equals("folders", "a/"))), ""),
        (TenantFilter("default", Filter((), ((Equals("generation", 3),),))), "12"),
        (TenantFilter("default", groups=("g=", "g=hr")), "3"),
        (TenantFilter("default", groups=("g=",)), ""),
        (TenantFilter("default", groups=()), ""),
        (TenantFilter("other", groups=("g=hr",)), ""),
    ],
)
def test_a_search_finds_and_reads_only_a_tenant_s_points(
    filled: VectorStore, matching: TenantFilter, keys: str
) -> None:
    dense, _ = filled.search(EAST, NO_WORDS, matching, 100)

    assert {hit.document[-5] for hit in dense} == set(keys)
    assert {hit.document[-5] for hit in filled.contents(matching, 100)} == set(keys)


# --- deleting and reading all -------------------------------------------------------------------


def test_a_delete_removes_what_matches_and_returns_when_it_is_gone(filled: VectorStore) -> None:
    filled.delete(only(Equals("folders", "a/b/")))

    assert found(filled, EVERYTHING) == {"a/3.txt", "4.txt"}
    filled.delete(Filter((Below("generation", 9),), ((Equals("tenant", "other"),),)))
    assert found(filled, EVERYTHING) == {"4.txt"}


def test_deleting_what_is_not_there_is_fine(filled: VectorStore) -> None:
    filled.delete(only(Equals("document_id", "none")))
    filled.delete(only(AnyOf("document_id", ())))

    assert filled.count(EVERYTHING) == 4


def test_a_deleted_point_can_be_written_again(store: VectorStore) -> None:
    store.upsert([point()])
    store.delete(EVERYTHING)
    store.upsert([point()])

    assert store.count(EVERYTHING) == 1


def test_every_point_of_many_is_scrolled_once_and_deleted_at_once(store: VectorStore) -> None:
    many = 10_000
    assert many > SCROLL_PAGE
    store.upsert([point(number=number) for number in range(many)])
    store.upsert([point("kept.txt")])
    of_a = only(Equals("document_id", Document("bucket", "a.txt").id))

    ids = [ref.id for ref in store.scroll(of_a)]
    assert len(ids) == len(set(ids)) == store.count(of_a) == many

    store.delete(of_a)

    assert store.count(of_a) == 0
    assert [ref.document for ref in store.scroll(EVERYTHING)] == ["kept.txt"]


def test_a_missing_collection_holds_nothing(made: Made) -> None:
    missing = made()

    assert missing.search(EAST, SparseVector((1,), (1.0,)), MINE, 5) == ([], [])
    assert missing.count(EVERYTHING) == 0
    assert list(missing.scroll(EVERYTHING)) == []
    missing.delete(EVERYTHING)


def test_the_first_write_makes_the_collection(made: Made) -> None:
    fresh = made()

    fresh.upsert([point()])

    assert fresh.count(EVERYTHING) == 1


def test_health_names_the_store_and_its_version(store: VectorStore) -> None:
    assert "qdrant" in store.health().lower()
