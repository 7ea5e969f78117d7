"""Converse and ConverseStream for the extractive answerer: prompt in, wire format out.

The prompt it understands is the one `askbucket.answer` writes: the last user message holds
`<sources><source id="1">text</source>...</sources>` and then `<question>text</question>`, their
text XML-escaped; tasks.py has the others. A source's `<context>` and its `document` and `uploaded`
are known, and never quoted. Earlier messages, the system prompt and the inference settings change
nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from xml.sax.saxutils import unescape

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from local.bedrock.blocking import guarded_text
from local.bedrock.errors import invalid, malformed
from local.bedrock.extractive import Answer, answer
from local.bedrock.minilm import MiniLM, tokens
from local.bedrock.quoting import Source
from local.bedrock.support import LEAST_EVIDENCE
from local.bedrock.tasks import said_to

_CONTEXT = re.compile(r"<context>(.*?)</context>\n?", re.DOTALL)  # what a source stands under
_SOURCE = re.compile(r'<source\b([^<>]*?\bid="[^"<>]+"[^<>]*)>(.*?)</source>', re.DOTALL)
_ATTRIBUTE = re.compile(r'\b(\w+)="([^"<>]*)"')


@dataclass(frozen=True)
class Prompt:
    question: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Reply:
    """The text, the tokens of the whole request and of the text, the `stopReason`, and what the
    model says of itself."""

    text: str
    input_tokens: int
    output_tokens: int
    stop: str = "end_turn"
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def usage(self) -> dict[str, int]:
        return {
            "inputTokens": self.input_tokens,
            "outputTokens": self.output_tokens,
            "totalTokens": self.input_tokens + self.output_tokens,
        }


def reply_to(request: Any, model: MiniLM) -> Reply:
    """Tokens are MiniLM's. Raises ServiceError for anything but the prompts described above."""
    texts = [text for _, text in said(request)]
    found = said_to(texts[-1], model.sentence_vector) or _answered(texts[-1], model)
    text = str(found)
    return Reply(text, sum(map(tokens, texts)), tokens(text), about=_about(found))


def _answered(text: str, model: MiniLM) -> Answer:
    prompt = parsed_prompt(text)
    return answer(prompt.question, prompt.sources, model.sentence_vector)


def parsed_prompt(text: str) -> Prompt:
    """The question and sources of a user message. Raises ServiceError where there are none."""
    sources, question = _block(text, "sources"), _block(text, "question")
    if sources is None or question is None:
        raise invalid(
            "askbucket.extractive is no language model: it quotes sentences from a <sources> block "
            "that answer the <question> after it, and this message lacks one of the two."
        )
    found = tuple(_parsed_source(about, body) for about, body in _SOURCE.findall(sources))
    return Prompt(unescape(question).strip(), found)


def _parsed_source(about: str, body: str) -> Source:
    told = {name: unescape(value, {"&quot;": '"'}) for name, value in _ATTRIBUTE.findall(about)}
    context = _CONTEXT.search(body)
    return Source(
        told["id"],
        unescape(_CONTEXT.sub("", body)),
        unescape(context[1]) if context else "",
        told.get("document", ""),
        told.get("uploaded", ""),
    )


def converse_reply(reply: Reply, latency_ms: int) -> dict[str, Any]:
    """A ConverseResponse."""
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": reply.text}]}},
        "stopReason": reply.stop,
        "usage": reply.usage,
        "metrics": {"latencyMs": latency_ms},
        "additionalModelResponseFields": reply.about,
    }


def stream_events(reply: Reply, latency_ms: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """A ConverseStreamOutput as (event type, payload), the text sentence by sentence."""
    yield "messageStart", {"role": "assistant"}
    for line in reply.text.splitlines(keepends=True):
        yield "contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": line}}
    yield "contentBlockStop", {"contentBlockIndex": 0}
    yield (
        "messageStop",
        {"stopReason": reply.stop, "additionalModelResponseFields": reply.about},
    )
    yield "metadata", {"usage": reply.usage, "metrics": {"latencyMs": latency_ms}}


def said(request: Any) -> list[tuple[str, str]]:
    """Who says what: `system`, then the messages' roles, `user` last. Raises ServiceError."""
    _check_shape(request)
    if request.get("toolConfig"):
        raise invalid("This model doesn't support tool use.")
    messages = request.get("messages", [])
    if not messages or messages[-1]["role"] != "user":
        raise invalid("A conversation must end with a user message. Try again with one.")
    rules = [("system", _joined([block])) for block in request.get("system", [])]
    return [*rules, *((each["role"], _joined(each["content"])) for each in messages)]


def _check_shape(request: Any) -> None:
    """Raises ServiceError unless the body is a ConverseRequest (whose `modelId` is in the path)."""
    if not isinstance(request, dict):
        raise malformed("expected type: JSONObject")
    report = ParamValidator().validate({**request, "modelId": "any"}, _request_shape())
    if report.has_errors():
        raise malformed(report.generate_report())


@cache
def _request_shape() -> Any:
    # Converse's own has the same members but for a stream's way with guardrails.
    description = Loader().load_service_model("bedrock-runtime", "service-2")
    return ServiceModel(description).shape_for("ConverseStreamRequest")


def _joined(blocks: list[dict[str, Any]]) -> str:
    found = (block.get("text", guarded_text(block)) for block in blocks)
    texts = [text for text in found if text is not None]
    if len(texts) < len(blocks):
        raise invalid("This model takes text only: every content block must be a `text` block.")
    return "\n".join(texts)


def _block(text: str, tag: str) -> str | None:
    """What stands in the last `<tag>...</tag>`; escaped ones inside it are only text."""
    _, opening, rest = text.rpartition(f"<{tag}>")
    inside, closing, _ = rest.partition(f"</{tag}>")
    return inside if opening and closing else None


def _about(found: Answer) -> dict[str, Any]:
    """What the answerer says of itself, and the figures behind this answer."""
    return {
        "model": "extractive: sentences quoted from the sources, no language model",
        "evidence": found.evidence,
        "leastEvidence": LEAST_EVIDENCE,
        "quotes": [
            {"marker": q.marker, "cosine": round(q.cosine, 4), "score": round(q.score, 4)}
            for q in found.quotes
        ],
    }
