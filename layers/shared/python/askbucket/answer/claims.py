"""Whether a sentence says what its quotes say: their figures, and not the opposite.

The rule: every figure in a sentence stands in its quotes, or is the result of a calculation that
the sentence shows and whose every operand stands there. A year may stand in the source instead.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation
from pathlib import PurePath

from askbucket.answer.figures import Figure, figures, same, scales, worded
from askbucket.answer.folding import negations
from askbucket.answer.prompt import uploaded
from askbucket.answer.quotes import Located
from askbucket.models import Hit

COMPUTED = "(computed)"
SAME_WORDS = 0.8  # share of words in common, of the longer one's: the same statement
LEAST_WORDS = 3  # fewer are too few to tell
NUMBER = r"[$€£]?\s?\d[\d.,]*(?:\s?%|\s?(?:thousand|million|billion|bn)\b)?"
CALCULATION = re.compile(
    rf"(?P<left>[(\s]*{NUMBER}(?:[)\s]*[-−–+*×·/÷:][(\s]*{NUMBER}[)\s]*)+)\s*[=≈]\s*[-−–]?(?P<right>{NUMBER})"
)
FREE = {*map(Decimal, (2, 4, 12, 100, 365))}  # for a mean, quarters, months, percent, days
SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", ":": "/"})
OPERATIONS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The figures that a sentence may use."""

    quoted: list[Figure]
    years: set[Decimal]
    named: set[int]

    def holds(self, figure: Figure) -> bool:
        if figure.year and figure.value in self.years:
            return True
        return any(same(figure, told, self.named) for told in self.quoted)


def claimed(sentence: str, found: Sequence[tuple[Hit, Located]]) -> str | None:
    """The sentence, marked if it computes; None where its quotes do not speak for it."""
    if any(_negates(sentence, located.quote) for _, located in found):
        return None
    evidence = _evidence(found)
    stated = _without_names(sentence, found)
    calculations = list(CALCULATION.finditer(stated))
    if not all(_adds_up(each, evidence) for each in calculations):
        return None
    told = CALCULATION.sub(" ", stated)
    results = [figure for each in calculations for figure in figures(each["right"])]
    evidence.quoted.extend(results)
    if not all(_supported(reading, evidence) for reading in _by_number(told)):
        return None
    return f"{sentence} {COMPUTED}" if calculations else sentence


def _without_names(sentence: str, found: Sequence[tuple[Hit, Located]]) -> str:
    """Without the names and days of the documents, whose figures state nothing."""
    for hit, _ in found:
        for name in filter(None, (hit.document, PurePath(hit.document).name, uploaded(hit))):
            sentence = sentence.replace(name, " ")
    return sentence


def _evidence(found: Sequence[tuple[Hit, Located]]) -> _Evidence:
    quotes = [located.quote for _, located in found]
    sources = [f"{hit.document}\n{hit.context}\n{hit.text}" for hit, _ in found]
    quoted = [figure for quote in quotes for figure in [*figures(quote), *worded(quote)]]
    years = {Decimal(year) for each in sources for year in re.findall(r"(?:19|20)\d\d", each)}
    return _Evidence(quoted, years, {scale for each in sources for scale in scales(each)})


def _by_number(text: str) -> list[list[Figure]]:
    """The readings of each number."""
    numbers: dict[str, list[Figure]] = {}
    for figure in figures(text):
        numbers.setdefault(f"{figure.text} {figure.scale} {figure.unit}", []).append(figure)
    return list(numbers.values())


def _supported(readings: Sequence[Figure], evidence: _Evidence) -> bool:
    return any(map(evidence.holds, readings))


def _negates(sentence: str, quote: str) -> bool:
    """Whether it says in the quote's own words that it is not so, or that it is."""
    if bool(negations(sentence)) == bool(negations(quote)):
        return False
    said, told = map(_words, (sentence, quote))
    least = SAME_WORDS * max(len(said), len(told))
    return len(said) >= LEAST_WORDS and len(said & told) >= least


def _words(text: str) -> set[str]:
    """Those that do not negate."""
    return {word for word in re.findall(r"\w+", text.casefold()) if not negations(word)}


def _adds_up(calculation: re.Match[str], evidence: _Evidence) -> bool:
    """Whether the operands are quoted and the result is theirs, as it is or in percent."""
    operands = _by_number(calculation["left"])
    quoted = all(r[0].value in FREE or _supported(r, evidence) for r in operands)
    value = _value(calculation["left"])
    if value is None or not quoted:
        return False
    return any(_comes_to(said, value) for said in figures(calculation["right"]))


def _comes_to(said: Figure, value: Decimal) -> bool:
    """Operands that are all in millions may give a result that says so."""
    percent = value * 100 if said.unit == "%" else value
    results = [Figure("", each, Decimal(1)) for each in (value, percent)]
    return any(same(said, each, {said.scale}) for each in results)


def _value(expression: str) -> Decimal | None:
    """What the expression comes to, each number in its own scale; None if it is none."""
    plain = re.sub(NUMBER, lambda found: _operand(found.group()), expression.translate(SIGNS))
    try:
        return abs(_reckoned(ast.parse(plain.strip(), mode="eval").body))
    except (SyntaxError, ValueError, DivisionByZero, InvalidOperation):
        return None


def _operand(text: str) -> str:
    (first, *_) = figures(text)
    return f" {first.amount:f} "


def _reckoned(node: ast.expr) -> Decimal:
    if isinstance(node, ast.Constant):
        return Decimal(str(node.value))
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](_reckoned(node.left), _reckoned(node.right))
    raise ValueError("no calculation")
