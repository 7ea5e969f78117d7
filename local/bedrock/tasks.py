"""The other prompts of `askbucket.answer`, told by their blocks: what no question is asked in.

Text in a prompt is XML-escaped, so a block's tag can only come from whoever wrote the prompt.
"""

import re
from dataclasses import dataclass
from xml.sax.saxutils import unescape

from local.bedrock.extractive import Answer, Embed
from local.bedrock.follow_up import rewritten
from local.bedrock.quoting import Source
from local.bedrock.summary import central

_FOLLOW_UP = re.compile(r"</history>\s*<follow_up>(.*)</follow_up>\s*\Z", re.DOTALL)
_SUMMARY = re.compile(r"</sources>\s*<task>summary</task>\s*\Z")
_CLAIMS = re.compile(r"</claims>\s*<question>(.*)</question>\s*\Z", re.DOTALL)
_CONTEXT = re.compile(r"<context>.*?</context>\n?", re.DOTALL)
_PIECE = re.compile(r'<(source|claim) id="(\d+)"[^>]*>(.*?)</\1>', re.DOTALL)
_ASKED = re.compile(r"<turn><asked>(.*?)</asked>", re.DOTALL)


@dataclass(frozen=True)
class Said(Answer):
    """A text that is no answer with quotes."""

    text: str = ""

    def __str__(self) -> str:
        return self.text


def said_to(prompt: str, embed: Embed) -> Answer | None:
    """What the prompt's task makes of it; None for the prompt of a question."""
    follow_up = _FOLLOW_UP.search(prompt)
    if follow_up:
        asked = [unescape(question) for question in _ASKED.findall(prompt)]
        return Said((), 0.0, rewritten(unescape(follow_up[1]), asked))
    if _SUMMARY.search(prompt):
        return Answer(central(_pieces(prompt), embed), evidence=1.0)
    claims = _CLAIMS.search(prompt)
    if claims:
        return Answer(central(_pieces(prompt), embed, unescape(claims[1])), evidence=1.0)
    return None


def _pieces(prompt: str) -> list[Source]:
    found = _PIECE.findall(_CONTEXT.sub("", prompt))
    return [Source(marker, unescape(text)) for _, marker, text in found]
