"""Vectors in two passes: the second is cut as the first, whoever else was at work in between."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askbucket.artifacts import Artifacts, Cleared
from askbucket.clock import Deadline
from askbucket.errors import OutOfTime, TryAgain
from askbucket.ingest import vectors as module
from askbucket.ingest.vectors import BLOCK_CHUNKS, CACHED_BLOCKS, VectorArtifacts, VectorChunk
from askbucket.models import Chunk
from askbucket.s3 import S3
from tests.property.memory_s3 import MemoryS3
from tests.unit.ingest.hash_embedder import HashEmbedder, hash_vector

NEVER = Deadline(1_000_000, lambda: 0)
TEXTS = st.lists(st.text("ab c", min_size=1, max_size=12).filter(str.strip), max_size=250)


def chunks_of(texts: Sequence[str]) -> Iterator[Chunk]:
    return (Chunk(n, None, 0, len(text), text) for n, text in enumerate(texts))


def parts(count: int, name: str = "part") -> list[str]:
    return [f"{name} {number}" for number in range(count)]


class Kept:
    """Artifacts in memory, an embedder, and what is embedded with them."""

    def __init__(self, longest: int = 10_000) -> None:
        self.embedder = HashEmbedder(longest)
        self.reads: list[str] = []
        self.artifacts = Artifacts(S3(CountedS3(self.reads), "artifacts"))

    def vectors(self, content: str = "one", kind: type[VectorArtifacts] = VectorArtifacts):  # type: ignore[no-untyped-def]
        return kind(self.artifacts, "document", content, self.embedder)

    def staged(self, texts: Sequence[str], kind: type[VectorArtifacts] = VectorArtifacts):  # type: ignore[no-untyped-def]
        """What both passes make of the texts."""
        vectors = self.vectors(kind=kind)
        embedded = vectors.embed(chunks_of(texts), None, NEVER)
        done = [each for block in vectors.embedded(chunks_of(texts)) for each in block]
        assert len(done) == embedded.chunks
        return done


class CountedS3(MemoryS3):
    def __init__(self, reads: list[str]) -> None:
        super().__init__()
        self._reads = reads

    def get_object(self, **request: str):  # type: ignore[no-untyped-def,override]
        self._reads.append(request["Key"])
        return super().get_object(**request)  # type: ignore[arg-type]


def assert_all_of(texts: Sequence[str], done: Sequence[VectorChunk], longest: int) -> None:
    """Every text in order, in pieces that the model takes, each with its own vector."""
    assert [each.chunk.number for each in done] == list(range(len(done)))
    assert "".join("".join(each.chunk.text for each in done).split()) == "".join(
        "".join(texts).split()
    )
    for each in done:
        assert len(each.chunk.text) <= longest
        assert each.vector == array("f", hash_vector(each.chunk.text))


@given(texts=TEXTS, longest=st.integers(1, 12))
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)
def test_both_passes_cut_alike_and_every_piece_has_its_vector(
    texts: list[str], longest: int
) -> None:
    assert_all_of(texts, Kept(longest).staged(texts), longest)


class ForgetsRefusals(VectorArtifacts):
    """A second pass that does not know what the first one learned of the model."""

    def embedded(self, chunks):  # type: ignore[no-untyped-def]
        self._refused.clear()
        return super().embedded(chunks)


def test_a_second_pass_that_forgets_refusals_is_told_of() -> None:
    texts = ["a short one", "one that is too long for it"]
    with pytest.raises((AssertionError, Cleared)):
        assert_all_of(texts, Kept(15).staged(texts, ForgetsRefusals), 15)


def test_a_block_is_let_go_of_once_it_is_kept() -> None:
    kept = Kept()
    vectors = kept.vectors()
    texts = parts(BLOCK_CHUNKS * (CACHED_BLOCKS + 5))
    vectors.embed(chunks_of(texts), None, NEVER)
    held = [vector for block in vectors._recent.values() for vector in block.values()]
    assert len(held) == BLOCK_CHUNKS * CACHED_BLOCKS


def test_each_block_is_read_once_by_a_pass_over_unchanged_texts() -> None:
    # given
    kept = Kept()
    texts = parts(BLOCK_CHUNKS * (CACHED_BLOCKS + 5))
    kept.staged(texts)
    kept.reads.clear()
    # when
    vectors = kept.vectors()
    vectors.embed(chunks_of(texts), None, NEVER)
    blocks = len(set(kept.reads))
    for _ in vectors.embedded(chunks_of(texts)):
        pass
    # then: once to learn what is there, once to stage
    assert blocks == CACHED_BLOCKS + 5
    assert len(kept.reads) <= 2 * blocks
    assert len(kept.embedder.embedded) == len(texts)


def test_what_is_shared_with_the_former_content_is_kept_for_this_one_too() -> None:
    # given
    kept = Kept(longest=20)
    texts = [*parts(150), "a text that the model refuses for its length"]
    kept.vectors("former").embed(chunks_of(texts), None, NEVER)
    asked = len(kept.embedder.embedded)
    # when
    embedded = kept.vectors("one").embed(chunks_of(texts), "former", NEVER)
    kept.artifacts.delete(kept.artifacts.keys("document/former/"))
    # then
    assert (embedded.new, len(kept.embedder.embedded)) == (0, asked)
    again = kept.vectors("one")
    again.embed(chunks_of(texts), None, NEVER)
    assert len(kept.embedder.embedded) == asked
    done = [each for block in again.embedded(chunks_of(texts)) for each in block]
    assert_all_of(texts, done, 20)


def test_vectors_cleared_away_between_the_passes_are_missed() -> None:
    kept = Kept()
    texts = parts(BLOCK_CHUNKS * (CACHED_BLOCKS + 1))
    vectors = kept.vectors()
    vectors.embed(chunks_of(texts), None, NEVER)
    kept.artifacts.delete(kept.artifacts.keys(""))
    with pytest.raises(Cleared, match="cleared away"):
        list(vectors.embedded(chunks_of(texts)))


def test_chunks_nobody_embedded_are_not_staged() -> None:
    vectors = Kept().vectors()
    vectors.embed(chunks_of(["one text"]), None, NEVER)
    with pytest.raises(Cleared):
        list(vectors.embedded(chunks_of(["another text"])))


class Numbered(VectorArtifacts):
    """Blocks named by their number: attempts side by side write over each other's."""

    def _keep(self, work: module._Work) -> None:
        unsaved = {n: v for n, v in work.made.items() if n not in self._where}
        if unsaved:
            key = f"{self._prefix}vectors-{len(set(self._where.values())):05d}"
            self._artifacts.put(key, module.vectors_to_bytes(unsaved))
            self._where |= dict.fromkeys(unsaved, key)


SLOW_TEXTS = parts(250)
QUICK_TEXTS = [*SLOW_TEXTS[:30], *SLOW_TEXTS[100:]]  # as after a change of the chunk size


def side_by_side(kept: Kept, kind: type[VectorArtifacts]) -> list[list[VectorChunk]]:
    """Two attempts at one content; the quick one embeds all while the slow one is on its way."""
    slow, quick = kept.vectors(kind=kind), kept.vectors(kind=kind)

    def meanwhile() -> Iterator[Chunk]:
        for number, chunk in enumerate(chunks_of(SLOW_TEXTS)):
            if number == BLOCK_CHUNKS:
                quick.embed(chunks_of(QUICK_TEXTS), None, NEVER)
            yield chunk

    slow.embed(meanwhile(), None, NEVER)
    staged = []
    for each, texts in ((slow, SLOW_TEXTS), (quick, QUICK_TEXTS)):
        each._recent.clear()  # as after many more blocks
        blocks = each.embedded(chunks_of(texts))
        staged.append([pair for block in blocks for pair in block])
    return staged


def test_attempts_side_by_side_do_not_lose_each_others_vectors() -> None:
    slow, quick = side_by_side(Kept(), VectorArtifacts)
    assert_all_of(SLOW_TEXTS, slow, 100)
    assert_all_of(QUICK_TEXTS, quick, 100)


def test_blocks_named_by_number_would_lose_them() -> None:
    with pytest.raises(KeyError):
        side_by_side(Kept(), Numbered)


class FaultyAfter(HashEmbedder):
    """Meets a fault at the text of that number, and says so for all after it."""

    def __init__(self, good: int) -> None:
        super().__init__()
        self._good = good

    def embed_all(self, texts: Sequence[str]):  # type: ignore[no-untyped-def,override]
        fine = max(0, self._good - len(self.embedded))
        made = super().embed_all(texts[:fine])
        return [*made, *(TryAgain("busy") for _ in texts[fine:])]


def test_a_fault_keeps_what_was_made_before_it() -> None:
    # given
    kept = Kept()
    kept.embedder = FaultyAfter(130)
    told: list[int] = []
    # when
    with pytest.raises(TryAgain, match="busy"):
        kept.vectors().embed(chunks_of(parts(250)), None, NEVER, progress=told.append)
    kept.embedder = HashEmbedder()
    embedded = kept.vectors().embed(chunks_of(parts(250)), None, NEVER, progress=told.append)
    # then
    assert (embedded.chunks, embedded.new) == (250, 120)
    assert told == [100, 100, 200, 250]


def test_time_that_ran_out_stops_only_before_a_text_that_is_not_known() -> None:
    kept = Kept()
    late = Deadline(0, lambda: 1)
    with pytest.raises(OutOfTime, match="embedded 0 chunks") as cut:
        kept.vectors().embed(chunks_of(parts(3)), None, late)
    assert not cut.value.grew
    kept.vectors().embed(chunks_of(parts(3)), None, NEVER)
    assert kept.vectors().embed(chunks_of(parts(3)), None, late).chunks == 3
