"""Follow-up questions completed by rule, in English and German: no language model.

A question that only names another thing ("And shed C?") is the last question with that thing in
it; one that leans on the last question ("Who wrote it?", "Why?") gets its content words added in
brackets. Any other is left as it is.
"""

import itertools
import re
from collections.abc import Sequence

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+(?:['’][a-z]+)?")
_LEAD = re.compile(
    r"^\W*(?:and|or|but|(?:and\s+)?(?:what|how)\s+about|und|oder|aber"
    r"|(?:und\s+)?(?:was\s+ist|wie\s+ist\s+es|wie\s+sieht\s+es|wie\s+steht\s+es)\s+mit)\b\s*",
    re.IGNORECASE,
)
_LEANING = frozenset(
    """
    it its it's they them their theirs he she him his her hers this that these those there then
    one ones same former latter
    es er sie ihn ihm ihr ihre ihren ihrem ihrer ihres sein seine seinen seinem seiner dessen deren
    davon dafür dazu darin damit darüber daran darauf dagegen dort diese dieser dieses diesen diesem
    denen derselbe dieselbe dasselbe
    """.split()
)
_FUNCTION = (
    frozenset(
        """
    a about all also am an and any are as at be been before being but by can could did do does else
    for from had has have how i if in into is may me might more much many must my no not of off on
    only or our out over per please s shall should so some such tell than the through to too under
    until up us was we were what when where which while who whom whose why will with would you your
    ab aber alle allem aller als am an auch auf aus bei beim bin bis da das dass dein dem den denn
    der des die doch du durch ein eine einem einen einer eines für ganz gibt haben hat hatte hatten
    ich im in ins ist ja kann können man mehr mein mich mir mit muss nach nein nicht noch nur ob
    oder ohne schon sind so soll über um und uns unser unter viel viele vom von vor wann war waren
    warum was weil welche welchem welchen welcher welches wem wen wenn wer werden wessen wie wieso
    wird wo wofür woher wohin womit wozu wurde wurden zu zum zur zwischen
    """.split()
    )
    | _LEANING
)
_EXPLETIVE = re.compile(
    r"(?i:\b(?:is|are|was|were|will|would)\s+there\b|\bthere\s+(?:is|are|was|were|will)\b"
    r"|\bgibt\s+es\b|\bes\s+gibt\b|\bthat\s+(?:the|a|an)\b"
    r"|\bit\s+\w+\s+(?:to|that)\b|\bes\b[^?]*,\s*(?:bis|dass|ob|wenn)\b)|(?<!^)\b(?:Sie|Ihre?[nmrs]?)\b"
)
_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # but I
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_ARTICLES = frozenset("the a an der die das den dem des ein eine einen einem einer".split())


def rewritten(question: str, history: Sequence[str]) -> str:
    """The question as it stands without the history, whose last question stands alone itself."""
    if not history or not question.strip():
        return question
    last = history[-1].strip()
    lead = _LEAD.match(question)
    if lead:
        rest = question[lead.end() :].strip()
        return _in_place(rest, last) or _completed(question, last, rest)
    return _completed(question, last, "") if _leans(question) else question


def _leans(question: str) -> bool:
    """Whether it has a word that stands for another, or hardly a word that stands for itself."""
    plain = _EXPLETIVE.sub(" ", question)
    words = {word.lower() for word in _WORD.findall(plain)}
    return bool(words & _LEANING) or len(_content(question)) <= 1


def _in_place(rest: str, last: str) -> str | None:
    """The last question with what `rest` names in the place of its like; None without a like."""
    new = [word for word in _content(rest) if word.lower() not in _lower(last)]
    if len(new) != 1 or (set(_lower(rest)) & _LEANING):
        return None
    old = _like(new[0], rest, last)
    return re.sub(rf"\b{re.escape(old)}\b", lambda _: new[0], last, count=1) if old else None


def _like(new: str, rest: str, last: str) -> str | None:
    """The word of the last question that `new` takes the place of.

    It stands after the same word ("shed C", "shed B"; "in Bonn", "in Rom"), or is the only other
    year, or the only other name.
    """
    before = _before(new, _without_articles(rest))
    words = _without_articles(last)
    after_same: list[str] = [
        word
        for previous, word in itertools.pairwise(words)
        if before and previous.lower() == before and word.lower() not in _FUNCTION
    ]
    if after_same:
        return after_same[-1]
    alike = [word for word in words[1:] if _kind(word) and _kind(word) == _kind(new)]
    said = {*_lower(last), *_FUNCTION, new.lower()}
    bare = said.issuperset(_lower(rest))
    return alike[0] if len(alike) == 1 and bare else None


def _before(word: str, words: Sequence[str]) -> str | None:
    at = words.index(word)
    return words[at - 1].lower() if at else None


def _without_articles(text: str) -> list[str]:
    return [w for w in _WORD.findall(text) if w.lower() not in _ARTICLES or w in _LETTERS]


def _kind(word: str) -> str | None:
    """Years are alike, and so are names: words with a capital, where not every noun has one."""
    if _YEAR.fullmatch(word):
        return "year"
    return "name" if word[0].isupper() else None


def _completed(question: str, last: str, rest: str) -> str:
    """With the content words of the last question that it does not have, in brackets at its end."""
    said = set(_lower(question))
    given_up = {_like(word, rest, last) for word in _content(rest)} if rest else set()
    years = [word for word in _WORD.findall(question) if _YEAR.fullmatch(word)]
    added = [
        word
        for word in dict.fromkeys(_content(last))
        if word.lower() not in said
        and word not in given_up
        and not (years and _YEAR.fullmatch(word))
    ]
    stem = question.rstrip().rstrip("?").rstrip()
    mark = "?" if question.rstrip().endswith("?") else ""
    return f"{stem} ({' '.join(added)}){mark}" if added else question


def _content(text: str) -> list[str]:
    """The words that say what it is about; a capital letter alone names a thing ("shed A")."""
    words = _WORD.findall(text)
    return [
        word
        for at, word in enumerate(words)
        if word.lower() not in _FUNCTION or (at and len(word) == 1 and word in _LETTERS)
    ]


def _lower(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
