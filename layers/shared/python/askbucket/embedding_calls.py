"""What Bedrock's embedding models are sent and send back.

Not langchain-aws's BedrockEmbeddings: for two shapes of JSON, its import would cost every search
and every document's cold start more than half of what all else costs (`python -m bench imports`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

TOKENS_HEADER = "x-amzn-bedrock-input-token-count"
TAKES_DIMENSIONS = "cohere.embed-v4"  # of Cohere's models; Titan's all do

Purpose = Literal["search_document", "search_query"]


@dataclass(frozen=True, slots=True)
class Embedded:
    """One vector for each text sent, of unit length and in their order, and the tokens paid for."""

    vectors: list[list[float]]
    tokens: int


def titan_body(texts: Sequence[str], dimensions: int) -> dict[str, Any]:
    """Titan takes one text (Bedrock user guide, Amazon Titan Embeddings Text)."""
    [text] = texts
    return {"inputText": _on_one_line(text), "dimensions": dimensions}


def cohere_body(
    texts: Sequence[str], purpose: Purpose, model_id: str, dimensions: int
) -> dict[str, Any]:
    """Cohere takes 96 texts and is told what they are for (Bedrock user guide, Cohere Embed)."""
    body = {"input_type": purpose, "texts": [_on_one_line(text) for text in texts]}
    return body | ({"output_dimension": dimensions} if TAKES_DIMENSIONS in model_id else {})


def embedded(client: Any, model_id: str, body: dict[str, Any]) -> Embedded:
    """What the model makes of the body. Raises botocore's errors."""
    reply = client.invoke_model(
        modelId=model_id,
        body=json.dumps(body),
        contentType="application/json",
        accept="application/json",
    )
    vectors = _vectors(json.loads(reply["body"].read()))
    return Embedded([_of_unit_length(vector) for vector in vectors], _tokens(reply))


def _on_one_line(text: str) -> str:
    """As LangChain does it, so that vectors made by either are the same."""
    return text.replace("\n", " ")


def _vectors(made: dict[str, Any]) -> list[list[float]]:
    """Titan's one, or Cohere's many, which v4 keeps by their type."""
    if "embedding" in made:
        return [made["embedding"]]
    many: list[list[float]] | dict[str, list[list[float]]] = made["embeddings"]
    return many["float"] if isinstance(many, dict) else many


def _of_unit_length(vector: Sequence[float]) -> list[float]:
    length = math.hypot(*vector) or 1  # a text of no words may be all zeros
    return [value / length for value in vector]


def _tokens(reply: dict[str, Any]) -> int:
    """0 where the reply does not tell."""
    told = reply.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get(TOKENS_HEADER, "")
    return int(told) if told.isdecimal() else 0
