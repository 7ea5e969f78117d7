"""InvokeModel for MiniLM in the wire format of Cohere Embed v3: up to 96 texts in one call."""

import uuid
from typing import Any

from local.bedrock.errors import ServiceError, invalid, malformed
from local.bedrock.minilm import MAX_TOKENS, MiniLM, token_ids, unit
from local.bedrock.titan import Embedded

MOST_TEXTS = 96
MOST_CHARS = 2048
INPUT_TYPES = ("search_document", "search_query", "classification", "clustering")


def embedding_reply(body: Any, model: MiniLM) -> Embedded:
    """`embeddings`, 384 floats of unit length for each text. Raises ServiceError as Cohere would:
    a text over MiniLM's limit refuses the whole call, and does not say which one it was."""
    texts = _texts(body)
    ids = [token_ids(text) for text in texts]
    if any(len(each) > MAX_TOKENS for each in ids):
        raise invalid("Input is too long for requested model.")
    reply = {
        "id": str(uuid.uuid4()),
        "response_type": "embeddings_floats",
        "embeddings": [unit(model.pooled(each)).tolist() for each in ids],
        "texts": texts,
    }
    return Embedded(reply, len(texts), sum(map(len, ids)))


def _texts(body: Any) -> list[str]:
    if not isinstance(body, dict):
        raise malformed("expected type: JSONObject")
    if unknown := body.keys() - {"texts", "input_type", "truncate"}:
        raise malformed(f"extraneous key [{min(unknown)}] is not permitted")
    if body.get("input_type") not in INPUT_TYPES:
        raise malformed(f"#/input_type: {body.get('input_type')} is not a valid enum value")
    if body.get("truncate", "NONE") != "NONE":
        raise malformed("#/truncate: this model only refuses what is too long (NONE)")
    texts = body.get("texts")
    if not isinstance(texts, list) or not texts:
        raise malformed("required key [texts] not found")
    if len(texts) > MOST_TEXTS:
        raise malformed(f"#/texts: expected maximum item count: {MOST_TEXTS}, found: {len(texts)}")
    return [_text(at, text) for at, text in enumerate(texts)]


def _text(at: int, text: Any) -> str:
    if not isinstance(text, str):
        raise malformed(f"#/texts/{at}: expected type: String")
    if not text.strip():
        raise _length(at, "minLength: 1", text)
    if len(text) > MOST_CHARS:
        raise _length(at, f"maxLength: {MOST_CHARS}", text)
    return text


def _length(at: int, expected: str, text: str) -> ServiceError:
    return malformed(f"#/texts/{at}: expected {expected}, actual: {len(text)}")
