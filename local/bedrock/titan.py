"""InvokeModel for MiniLM in the wire format of Titan Text Embeddings V2."""

from dataclasses import dataclass
from typing import Any

from local.bedrock.errors import ServiceError, invalid, malformed
from local.bedrock.minilm import DIMENSIONS, MiniLM, TooManyTokensError, token_ids, unit


@dataclass(frozen=True)
class EmbeddingRequest:
    text: str
    normalize: bool


@dataclass(frozen=True)
class Embedded:
    """A reply, and how many texts and tokens were embedded for it."""

    reply: dict[str, Any]
    texts: int
    tokens: int


def embedding_reply(body: Any, model: MiniLM) -> Embedded:
    """`embedding`, 384 floats, and `inputTextTokenCount`. Raises ServiceError as Titan would."""
    request = _request(body)
    ids = token_ids(request.text)
    try:
        pooled = model.pooled(ids)
    except TooManyTokensError as error:
        raise invalid(f"400 Bad Request: {error}") from error
    vector = unit(pooled) if request.normalize else pooled
    reply = {"embedding": vector.tolist(), "inputTextTokenCount": len(ids)}
    return Embedded(reply, 1, len(ids))


def _request(body: Any) -> EmbeddingRequest:
    if not isinstance(body, dict):
        raise malformed("expected type: JSONObject")
    if unknown := body.keys() - {"inputText", "dimensions", "normalize"}:
        raise malformed(f"extraneous key [{min(unknown)}] is not permitted")
    if body.get("dimensions", DIMENSIONS) != DIMENSIONS:
        raise malformed(
            f"#/dimensions: {body['dimensions']} is not a valid enum value ({DIMENSIONS})"
        )
    if not isinstance(body.get("normalize", True), bool):
        raise malformed("#/normalize: expected type: Boolean")
    return EmbeddingRequest(_text(body), body.get("normalize", True))


def _text(body: dict[str, Any]) -> str:
    if "inputText" not in body:
        raise malformed("required key [inputText] not found")
    text = body["inputText"]
    if not isinstance(text, str):
        raise malformed("#/inputText: expected type: String")
    if not text.strip():
        raise _too_short(len(text))
    return text


def _too_short(length: int) -> ServiceError:
    return malformed(f"#/inputText: expected minLength: 1 besides white space, actual: {length}")
