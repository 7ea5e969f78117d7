"""What a configured model name means: which service, asked for what, and priced as which model.

Three forms:
`us.amazon.nova-lite-v1:0`: a Bedrock foundation model, an inference profile, or the ARN of one;
`us.amazon.nova-lite-v1:0=arn:…`: a Bedrock ARN that does not tell its model, such as that of an
application inference profile, and the model behind it;
`llama3.1@http://10.0.0.5:11434/v1`: a model of an OpenAI-compatible server (OpenAI, Ollama, vLLM,
Hugging Face's router and its endpoints), by the server's base URL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

# Prefixes of cross-region inference profiles (Bedrock guide, "Supported Regions and models").
GEOGRAPHIES = ("us", "eu", "apac", "global", "jp", "au", "us-gov", "ca", "sa", "amer")
BEDROCK_ID = re.compile(r"[a-z0-9-]{1,63}\.[A-Za-z0-9.:-]{1,150}")
ARN = re.compile(
    r"arn:aws[\w-]*:bedrock:[a-z0-9-]{1,20}:\d{0,12}:([a-z-]+)/([A-Za-z0-9.:/-]{1,200})"
)
TELL_THEIR_MODEL = ("foundation-model", "inference-profile")


@dataclass(frozen=True, slots=True)
class ChatModel:
    """`name` is what requests and replies call it, `target` what the service is asked for, `base`
    the Bedrock id it is priced as, `server` an OpenAI-compatible base URL or, on Bedrock, empty."""

    name: str
    target: str
    base: str
    server: str = ""

    @property
    def provider(self) -> str:
        """Who made a Bedrock model: `amazon`, `anthropic`, …"""
        return geography_and_base(self.base)[1].partition(".")[0]


def chat_model(text: str) -> ChatModel:
    """Raises ValueError naming the text and the forms there are."""
    name, at, server = text.partition("@")
    if at:
        return _of_server(text, name, server)
    base, equals, target = text.partition("=")
    if equals:
        if BEDROCK_ID.fullmatch(base) and ARN.fullmatch(target):
            return ChatModel(base, target, base)
        raise _unknown(text)
    if BEDROCK_ID.fullmatch(text):
        return ChatModel(text, text, text)
    arn = ARN.fullmatch(text)
    if arn and arn[1] in TELL_THEIR_MODEL:
        return ChatModel(arn[2], text, arn[2])
    raise _unknown(text)


def chat_models(default: str, allowed: str) -> dict[str, ChatModel]:
    """All models of a comma-separated list by name, the default first and always among them.

    Raises ValueError, also where two of them have one name.
    """
    found: dict[str, ChatModel] = {}
    for text in dict.fromkeys([default, *filter(None, map(str.strip, allowed.split(",")))]):
        model = chat_model(text)
        if model.name in found:
            raise ValueError(f"two chat models are called {model.name!r}; keep one of them")
        found[model.name] = model
    return found


def geography_and_base(model_id: str) -> tuple[str, str]:
    """`("us", "amazon.nova-lite-v1:0")` for a profile's id; `("", id)` for any other."""
    geography, _, base = model_id.partition(".")
    return (geography, base) if geography in GEOGRAPHIES and "." in base else ("", model_id)


def _of_server(text: str, name: str, server: str) -> ChatModel:
    try:
        url = urlsplit(server)
    except ValueError as error:
        raise _unknown(text) from error
    if not name or url.scheme not in ("http", "https") or not url.hostname or url.username:
        raise _unknown(text)
    return ChatModel(name, name, name, server.rstrip("/"))


def _unknown(text: str) -> ValueError:
    return ValueError(
        f"{text!r} is no chat model; give a Bedrock id (us.amazon.nova-lite-v1:0), ID=ARN for an "
        "application inference profile, or NAME@URL for an OpenAI-compatible server"
    )
