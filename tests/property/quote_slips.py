"""What is planted into a quote: slips that copying and OCR make, and changes that make another
statement of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Change = Callable[[str], str]

SENTENCES = (
    "The monthly payment of the former tenant is $ 1,577.50 and is not refundable.",
    "Total current liabilities | (2,318) | 12.5 % | -7 million euros",
    "Ingrid Solheim must not discuss the government report of 3 May before 12 people leave.",
    "Die Kaution beträgt kein ganzes Monatsgehalt, sondern 1.450 Euro in 30 Tagen.",
    "Given written consent no formal alteration of the pavillon may cost over 10 billion.",
)


def _first(pattern: str, made: str | Callable[[re.Match[str]], str]) -> Change:
    return lambda text: re.sub(pattern, made, text, count=1)


def _emphasised(text: str) -> str:
    return " ".join(f"**{word}**" if n % 3 == 0 else word for n, word in enumerate(text.split()))


ALLOWED: Mapping[str, Change] = {
    "nothing": lambda text: text,
    "case": str.upper,
    "l read as 1": _first(r"(?<=[a-z])l(?=[a-z])", "1"),
    "l read as I": _first(r"(?<=[a-z])l(?=[a-z])", "I"),
    "o read as 0": _first(r"(?<=[a-z]{2})o(?=[a-z])", "0"),
    "m read as rn": _first(r"(?<=[a-z]{3})m(?=[a-z]{2})", "rn"),
    "doubled spaces": lambda text: text.replace(" ", "  "),
    "a lost space": _first(r"(?<=[a-z]{4})(?<!kein) (?=[a-z]{4})", ""),
    "broken lines": lambda text: re.sub(r"(?<=[a-z]) (?=[a-z])", "\n", text),
    "bars left out": lambda text: text.replace(" | ", " "),
    "ligatures": lambda text: text.replace("fi", "ﬁ").replace("ff", "ﬀ"),
    "full width": _first(r"(?<![a-z])\d", lambda found: chr(ord(found.group()) + 0xFEE0)),
    "emphasis": _emphasised,
    "no last mark": lambda text: text.rstrip("."),
    "another last mark": lambda text: text.rstrip(".") + ";",
    "quotation marks": lambda text: f"„{text}“",
}


def _doubled(found: re.Match[str]) -> str:
    return found.group() * 2


FORBIDDEN: Mapping[str, Change] = {
    "a digit": _first(r"\d", lambda found: str((int(found.group()) + 1) % 10)),
    "a digit more": _first(r"\d", _doubled),
    "a decimal point": _first(r"(?<=\d)[.,](?=\d)", ""),
    "a point for a comma": _first(r"(?<=\d),(?=\d)", "."),
    "a sign": _first(r"(?<=[ $(])(?=\d)", "-"),
    "no sign": _first(r"-(?=\d)", ""),
    "no brackets": _first(r"\((\d[\d,]*)\)", r"\1"),
    "a currency": _first(r"\$|euros|Euro", "£"),
    "a scale": _first(r"million|billion", "trillion"),
    "m for b": _first(r"million|billion", lambda f: {"m": "b", "b": "m"}[f.group()[0]] + "illion"),
    "no negation": _first(r"\b(?:not|no|kein) ", ""),
    "a negation": _first(r" (?=of|is|must|ganzes)", " not "),
    "a negation grown in": _first(r"\b(not|no|kein) (?=\w)", r"\1"),
    "a name": _first(r"Solheim|Kaution|Total|Given|payment", "Solberg"),
    "a name's letter": _first(r"Ingrid|Monatsgehalt|Total|former", lambda f: f.group()[:-1] + "x"),
    "a word left out": _first(r" (?:payment|current|written|report|ganzes) ", " "),
    "two words swapped": _first(r"\b(\w{4,}) (\w{4,})", r"\2 \1"),
    "a prefix": _first(r"\b(?=refundable|formal|written|current|discuss)", "un"),
    "a negation elided": _first(r"\b(?:not|no|kein)\b", "…"),
    "a word and its opposite": _first(r"before|over|former|current", "after"),
}
