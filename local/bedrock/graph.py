"""MiniLM-L6's ONNX graph, written from its safetensors file.

The package with the weights carries no graph, and the usual way to one is torch (1.4 GB). The
network is small enough to be spelled out in onnxruntime's fused operators (domain `com.microsoft`),
for a batch of one text without padding: so there is no attention mask. Scaled to unit length, its
vectors are those of sentence-transformers.
"""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HEADS = 12
LAYERS = 6
EPSILON = 1e-12  # layer_norm_eps of the model's config.json
FUSED = "com.microsoft"
GRAPH_VERSION = 1  # part of the cached file's name: raise it with any change to the graph

Weights = dict[str, NDArray[np.float32]]


def cached_graph(weights: Path, cache: Path) -> Path:
    """The graph's file in `cache`, written there on first use (90 MB, about a second).

    Processes that start at once each write a copy; the last rename wins and all copies are equal.
    """
    target = cache / f"minilm-l6-v2-{WEIGHTS_SHA256[:12]}-{GRAPH_VERSION}.onnx"
    if not target.exists():
        graph = graph_of(checked_weights(weights))
        cache.mkdir(parents=True, exist_ok=True)
        _write_atomically(target, graph.SerializeToString())
    return target


def checked_weights(path: Path) -> Weights:
    """The tensors of the pinned safetensors file: length of its header, JSON header, raw data.

    Raises ValueError for any other file.
    """
    raw = path.read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if found != WEIGHTS_SHA256:
        raise ValueError(
            f"{path} has SHA-256 {found}, expected {WEIGHTS_SHA256}: install the pinned version"
        )
    data = 8 + int.from_bytes(raw[:8], "little")
    tensors = {k: t for k, t in json.loads(raw[8:data]).items() if t.get("dtype") == "F32"}
    return {name: _tensor(raw, data, entry) for name, entry in tensors.items()}


def graph_of(weights: Weights) -> Any:
    """An onnx ModelProto: `input_ids` (1, n) to `pooled` (1, 384), the last layer's mean."""
    graph = _Graph()
    states = _embeddings(graph, weights)
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        mine = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        states = _layer(graph, mine, states, f"_{layer}")
    graph.node(
        "ReduceMean", [states, graph.weight("tokens_axis", np.array([1]))], "pooled", keepdims=0
    )
    return graph.model()


class _Graph:
    """The nodes and weights written so far; every call returns the name of what it made."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def weight(self, name: str, value: NDArray[Any]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator: str, inputs: list[str], name: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def model(self) -> Any:
        ids = helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, [1, "tokens"])
        pooled = helper.make_tensor_value_info("pooled", onnx.TensorProto.FLOAT, [1, "width"])
        graph = helper.make_graph(self.nodes, "minilm-l6-v2", [ids], [pooled], self.weights)
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid(FUSED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def _embeddings(graph: _Graph, weights: Weights) -> str:
    """Word + position + the one segment type (a single text has no second), normalised."""
    segment = weights["embeddings.token_type_embeddings.weight"][0]
    graph.weight("words", weights["embeddings.word_embeddings.weight"])
    graph.weight("positions", weights["embeddings.position_embeddings.weight"] + segment)
    graph.weight("zero", np.array([0]))
    graph.node("Gather", ["words", "input_ids"], "word")
    graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    graph.node("Slice", ["positions", "zero", "length", "zero"], "position")
    graph.node("Add", ["word", "position"], "sum")
    norm = [
        graph.weight("norm_g", weights["embeddings.LayerNorm.weight"]),
        graph.weight("norm_b", weights["embeddings.LayerNorm.bias"]),
    ]
    return graph.node("LayerNormalization", ["sum", *norm], "states", axis=-1, epsilon=EPSILON)


def _layer(graph: _Graph, weights: Weights, states: str, suffix: str) -> str:
    """Attention, then the two-step feed-forward, each added to its input and normalised."""
    parts = [f"attention.self.{part}" for part in ("query", "key", "value")]
    graph.weight("qkv" + suffix, np.concatenate([weights[f"{part}.weight"] for part in parts]).T)
    graph.weight("qkv_b" + suffix, np.concatenate([weights[f"{part}.bias"] for part in parts]))
    attended = graph.node(
        "Attention",
        [states, "qkv" + suffix, "qkv_b" + suffix],
        "attended" + suffix,
        domain=FUSED,
        num_heads=HEADS,
    )
    mixed = _dense_and_norm(graph, weights, "attention.output", states, attended, suffix)
    graph.weight("wide_w" + suffix, weights["intermediate.dense.weight"].T)
    graph.weight("wide_b" + suffix, weights["intermediate.dense.bias"])
    graph.node("MatMul", [mixed, "wide_w" + suffix], "wide" + suffix)
    wide = graph.node(
        "BiasGelu", ["wide" + suffix, "wide_b" + suffix], "gelu" + suffix, domain=FUSED
    )
    return _dense_and_norm(graph, weights, "output", mixed, wide, suffix)


def _dense_and_norm(
    graph: _Graph, weights: Weights, part: str, states: str, new: str, suffix: str
) -> str:
    """norm(states + new x W + b); `part` is the weights' name inside the layer."""
    tag = f"{part}{suffix}"
    dense = graph.weight(f"{tag}.w", weights[f"{part}.dense.weight"].T)
    rest = [
        graph.weight(f"{tag}.g", weights[f"{part}.LayerNorm.weight"]),
        graph.weight(f"{tag}.b", weights[f"{part}.LayerNorm.bias"]),
        graph.weight(f"{tag}.c", weights[f"{part}.dense.bias"]),
    ]
    product = graph.node("MatMul", [new, dense], f"{tag}.product")
    inputs = [states, product, *rest]
    return graph.node(
        "SkipLayerNormalization", inputs, f"{tag}.states", domain=FUSED, epsilon=EPSILON
    )


def _tensor(raw: bytes, data: int, entry: dict[str, Any]) -> NDArray[np.float32]:
    start, end = entry["data_offsets"]
    return np.frombuffer(raw, np.float32, (end - start) // 4, data + start).reshape(entry["shape"])


def _write_atomically(target: Path, content: bytes) -> None:
    """Nobody ever sees half a file: written beside the target, synced, then renamed."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
