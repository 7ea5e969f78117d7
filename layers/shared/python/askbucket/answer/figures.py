"""The numbers of a text, and when two of them are the same amount."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

SCALES = {
    "thousand": 3, "tausend": 3, "k": 3, "m": 6, "b": 9,
    "million": 6, "millions": 6, "millionen": 6, "millones": 6, "millón": 6, "mio": 6, "mn": 6,
    "billion": 9, "billions": 9, "bn": 9, "milliarde": 9, "milliarden": 9, "milliard": 9,
    "milliards": 9, "mrd": 9, "trillion": 12, "trillions": 12,
}  # fmt: skip
MYRIADS = {"万": 4, "萬": 4, "亿": 8, "億": 8}
UNITS = {
    "$": "$", "usd": "$", "dollar": "$", "dollars": "$", "€": "€", "eur": "€", "euro": "€",
    "euros": "€", "£": "£", "gbp": "£", "pound": "£", "pounds": "£", "¥": "¥", "yen": "¥",
    "%": "%", "percent": "%", "prozent": "%", "pct": "%", "‰": "‰",
    "day": "d", "days": "d", "tag": "d", "tage": "d", "tagen": "d", "jour": "d", "jours": "d",
    "día": "d", "días": "d", "week": "w", "weeks": "w", "woche": "w", "wochen": "w",
    "semaine": "w", "semaines": "w", "semana": "w", "semanas": "w", "month": "mo", "months": "mo",
    "monat": "mo", "monate": "mo", "monaten": "mo", "mois": "mo", "mes": "mo", "meses": "mo",
    "year": "y", "years": "y", "jahr": "y", "jahre": "y", "jahren": "y", "an": "y", "ans": "y",
    "año": "y", "años": "y", "hour": "h", "hours": "h", "stunden": "h", "heures": "h", "horas": "h",
    "kg": "kg", "g": "g", "mg": "mg", "t": "t", "km": "km", "m2": "m2", "m²": "m2", "m": "m",
    "cm": "cm", "mm": "mm",
}  # fmt: skip
WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6,
    "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "deux": 2, "trois": 3,
    "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "dos": 2, "tres": 3,
    "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10,
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "tenth": 10,
}  # fmt: skip


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


NUMBER = re.compile(
    r"(?P<before>[$€£¥])?\s?(?<![^\W\d_])(?<!\d)(?P<digits>\d+(?:[.,'’\u00a0\u202f]\d+)*)"
    rf"(?:\s?-?(?:(?P<scale>{_any(SCALES)})(?!\w)|(?P<myriad>{_any(MYRIADS)})))?"
    rf"(?:[\s-]?(?P<unit>{_any(UNITS)})(?!\w))?",
    re.IGNORECASE,
)
SCALE_WORD = re.compile(rf"\b({_any(each for each in SCALES if len(each) > 2)})\b", re.IGNORECASE)
LEAST_ROUNDED = 2  # figures; "2 billion" is no rounding of 1,577 million


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: `value` without its scale, of which `step` is the last place, `scale` as a power
    of ten (0 where none is named), `unit` one of UNITS' values or ""."""

    text: str
    value: Decimal
    step: Decimal
    scale: int = 0
    unit: str = ""

    @property
    def year(self) -> bool:
        return self.text.isdigit() and len(self.text) == 4 and 1900 <= self.value <= 2100

    @property
    def amount(self) -> Decimal:
        return self.value.scaleb(self.scale)


def figures(text: str) -> list[Figure]:
    """Every reading of every number written in digits; 1.234 has two.

    Letters right before the digits make it a name: Q4, FY2022, A4.
    """
    return [figure for match in NUMBER.finditer(text) for figure in _readings(match)]


def worded(text: str) -> list[Figure]:
    """The small numbers that the text spells out, in English, German, French and Spanish."""
    found = (WORDS.get(word) for word in re.findall(r"\w+", text.casefold()))
    return [Figure(str(value), Decimal(value), Decimal(1)) for value in found if value]


def scales(text: str) -> set[int]:
    """The scales that the text names anywhere, such as "(in millions)" above a table."""
    return {SCALES[match.group(1).lower()] for match in SCALE_WORD.finditer(text)}


def same(said: Figure, told: Figure, named: set[int]) -> bool:
    """Whether both are one amount, `said` perhaps rounded, of no two units.

    `named`: scales that stand near `told`, which may leave its own to them.
    """
    if said.unit and told.unit and said.unit != told.unit:
        return False
    powers = {told.scale} if told.scale else {0, *named}
    return any(_rounds(said, told.value.scaleb(power)) for power in powers)


def _rounds(said: Figure, amount: Decimal) -> bool:
    step = said.step.scaleb(said.scale)
    if said.amount == amount:
        return True
    written = sum(letter.isdigit() for letter in said.text.lstrip("0.,"))
    return written >= LEAST_ROUNDED and abs(said.amount - amount) <= step / 2


def _readings(match: re.Match[str]) -> list[Figure]:
    mark = match["unit"] or match["before"]
    unit = UNITS[mark.lower()] if mark else ""
    digits, scale = match["digits"], _scale(match)
    return [Figure(digits, Decimal(plain), _step(plain), scale, unit) for plain in _plain(digits)]


def _scale(match: re.Match[str]) -> int:
    """5 m is five metres, $5m five million."""
    scale = (match["scale"] or "").lower()
    if match["myriad"]:
        return MYRIADS[match["myriad"]]
    return SCALES[scale] if len(scale) > 1 or (scale and match["before"]) else 0


def _plain(digits: str) -> list[str]:
    """The digits with a decimal point or none; both for 1.577, which German groups so."""
    marks = re.findall(r"\D", digits)
    whole = re.sub(r"\D", "", digits)
    if not marks or marks[-1] not in ".," or (len(marks) > 1 and len(set(marks)) == 1):
        return [whole]
    tail = re.split(r"\D", digits)[-1]
    decimal = f"{whole[: -len(tail)]}.{tail}"
    if len(marks) > 1 or len(tail) != 3:
        return [decimal]
    return [whole] if marks == [","] else [whole, decimal]


def _step(plain: str) -> Decimal:
    return Decimal(1).scaleb(int(Decimal(plain).as_tuple().exponent))
