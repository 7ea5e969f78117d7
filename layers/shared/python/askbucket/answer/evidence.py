"""Whether the sources speak of what is asked at all, told before a model is paid to say so.

Most models answer about another company sooner than admit that theirs is absent. The rule is about
names, as scores depend on the embedder, and about English, as German nouns look like names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from askbucket.answer.folding import FOLDED
from askbucket.ingest import sparse
from askbucket.models import Hit

# Both must hold. Alone, the first also refuses where sources use other names, the second where
# they use other words.
LEAST_NAMES, LEAST_WORDS = 0.5, 0.6  # shares of the question's that the sources must hold
ENGLISH = frozenset("the of is was are were what which how who when did does do for and".split())
TOLD = re.compile(r"[^\W_]+(?:['&.-][^\W_]+)*")
BEGINS = re.compile(r"(?:^|[.?!:])[\s\"'(]*$")
YEAR_PREFIX = re.compile(r"^(?:FY|CY)(?=\d)")


def speak_of(hits: Sequence[Hit], question: str) -> bool:
    """False where more than half of the question's names, years and numbers, and 40 % of its words,
    stand in no source, both in English."""
    question = _asking(question)
    told = "\n".join(f"{_words(hit.document)} {hit.context} {hit.text}" for hit in hits)
    names = names_of(question)
    if not names or not (_is_english(question) and _is_english(told)):
        return True
    known = told.translate(FOLDED).casefold()
    held = sum(name in known for name in names)
    return held > LEAST_NAMES * len(names) or _shared(question, told) >= LEAST_WORDS


def _asking(question: str) -> str:
    """Up to its last question mark: what follows tells how to answer."""
    asking, mark, _ = question.rpartition("?")
    return asking + mark if mark else question


def names_of(question: str) -> list[str]:
    """Capitalised words that begin no sentence, and numbers, in lower case; FY2022 is 2022."""
    found = []
    for match in TOLD.finditer(question.translate(FOLDED)):
        word = YEAR_PREFIX.sub("", match.group().removesuffix("'s"))
        named = word[:1].isupper() and not BEGINS.search(question[: match.start()])
        if named or any(map(str.isdigit, word)):
            found.append(word.casefold())
    return found


def _shared(question: str, told: str) -> float:
    """The share of the question's words, stemmed and without stop words, that the sources hold."""
    asked = set(sparse.question_vector(question).indices)
    return len(asked & set(sparse.document_vector(told).indices)) / max(len(asked), 1)


def _is_english(text: str) -> bool:
    return len(ENGLISH & set(_words(text).casefold().split())) >= 2


def _words(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text)
