"""The embedder: known orders, unit length, its token limit, its file."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from local.bedrock.graph import cached_graph, checked_weights
from local.bedrock.minilm import (
    DIMENSIONS,
    MAX_TOKENS,
    MiniLM,
    TooManyTokensError,
    model_folder,
    tokens,
)

TEXTS = [
    "a cat on the sofa",
    "the kitten sleeps",
    "quarterly revenue rose",
    "Größe 42 – naïve café",
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(cache: Path) -> MiniLM:
    return MiniLM(cache)


def test_nearer_meaning_has_the_higher_cosine(model: MiniLM) -> None:
    question = model.embed("Where is the cat?")
    cosines = [float(model.embed(text) @ question) for text in TEXTS[:3]]
    assert cosines == sorted(cosines, reverse=True)
    assert cosines[0] > 0.5
    assert cosines[2] < 0.2


@pytest.mark.parametrize(
    ("text", "cosine"),
    [
        ("That is a happy dog", 0.6946),
        ("That is a very happy person", 0.9429),
        ("Today is a sunny day", 0.2569),
    ],
)
def test_cosines_equal_the_published_ones(model: MiniLM, text: str, cosine: float) -> None:
    # the model's example on Hugging Face, computed with torch
    found = model.embed("That is a happy person") @ model.embed(text)
    assert float(found) == pytest.approx(cosine, abs=1e-4)


@pytest.mark.parametrize("text", TEXTS)
def test_vectors_have_unit_length(model: MiniLM, text: str) -> None:
    vector = model.embed(text)
    assert vector.shape == (DIMENSIONS,)
    assert float(np.linalg.norm(vector)) == pytest.approx(1.0, abs=1e-6)


def test_threads_and_sessions_agree(model: MiniLM, cache: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        many = list(threads.map(model.embed, TEXTS * 5))
    again = MiniLM(cache)
    for text, vector in zip(TEXTS * 5, many, strict=True):
        assert np.array_equal(vector, again.embed(text))


def test_tokens_count_the_two_special_ones() -> None:
    assert tokens("") == 2
    assert tokens("hello world") == 4
    assert tokens("word " * 1000) == 1002


def test_the_limit_is_exact(model: MiniLM) -> None:
    fits = "word " * (MAX_TOKENS - 2)
    assert model.embed(fits).shape == (DIMENSIONS,)
    with pytest.raises(TooManyTokensError, match=r"Max input tokens: 256, .* count: 257"):
        model.embed(fits + "word")


def test_ranking_reads_the_first_tokens_of_a_monster(model: MiniLM) -> None:
    start = "word " * (MAX_TOKENS - 2)
    assert np.array_equal(model.sentence_vector(start + "and more"), model.embed(start))


def test_graphs_written_at_once_are_one_good_file(tmp_path: Path) -> None:
    weights = model_folder() / "model.safetensors"
    with ThreadPoolExecutor(2) as threads:
        files = set(threads.map(lambda _: cached_graph(weights, tmp_path), range(2)))
    assert list(tmp_path.iterdir()) == list(files)
    assert MiniLM(tmp_path).embed("whole").shape == (DIMENSIONS,)


def test_other_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    with pytest.raises(ValueError, match=r"SHA-256 .* expected 53aa5117"):
        checked_weights(tmp_path / "model.safetensors")
