"""Text as it is compared: without what copying changes, and with what OCR confuses made one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

FOLDED = str.maketrans({
    "‘": "'", "’": "'", "‛": "'", "‚": "'", "`": "'", "´": "'", "′": "'", "‹": "'", "›": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
    "…": "...",
    "|": " ",  # stands between the cells of a table
    "\u00ad": None, "\u200b": None, "\u2060": None, "\ufeff": None,  # they have no width
})  # fmt: skip
RAISED = ("<super>", "<sub>", "<fraction>")  # 10² is not 102, nor ½ a 1 and a 2
POINTS = ".,"  # what a number holds between its digits
GROUPERS = POINTS + "'’\u00a0\u2009\u202f"
CURRENCIES = "$€£¥₹"

# What OCR takes for another within a word. "Not all capitals" keeps FAIL and fall apart, six
# letters keep modern and modem, corner and comer.
NOISE = str.maketrans({"I": "l", "1": "l", "0": "o"})
NOISE_LETTERS = 4  # shorter words are too easily another: AI and Al
JOINED = (("rn", "m"), ("vv", "w"))
JOINED_LETTERS = 6
WORD = re.compile(r"\w+")

NEGATION = re.compile(
    r"\b(?:(?:can)?not|no(?!\.?\s*\d)|none|never|nor|neither|nobody|nothing|nowhere|without"
    r"|nicht|nichts|kein(?:e[mnrs]?)?|nie|niemals|niemand|ohne|weder"
    r"|ne|pas|jamais|aucune?|sans|non|nunca|ning[uú]n(?:[oa]s?)?|sin|tampoco"
    r"|senza|nessun[oa]?|não|nem|sem|nenhuma?|niet|geen|nooit|zonder)\b"
    r"|n['’]t\b|\bn['’](?=\w)|[不没沒未無无非]|(?:\b|و)(?:لا|ليس|لم|لن)\b",
    re.IGNORECASE,
)
NEGATED_BEFORE = re.compile(rf"(?:{NEGATION.pattern})(\s*)\Z", re.IGNORECASE)
NEGATED_AFTER = re.compile(rf"(\s*)(?:{NEGATION.pattern})", re.IGNORECASE)
NEAR = 20  # characters; no negation is longer
# After a number, what says of what or how many: cut off, another amount is left.
SCALE = re.compile(
    r"\s?(?:[%‰°]|(?:thousand|[mb]illi?on|[mb]n|mio|mrd|milliarden?|milliards?|millionen|millones"
    r"|miles|millions|billions|trillions?|tausend|percent|prozent)\b|[万萬亿億千百])",
    re.IGNORECASE,
)
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


@dataclass(frozen=True, slots=True)
class Folded:
    """The letters that count, and the place and width of each one's origin in the text."""

    letters: str
    places: list[int]
    widths: list[int]

    @classmethod
    def of(cls, text: str, *, noisy: bool = False) -> Folded:
        """Case, marks of one kind and white space folded; between digits white space counts.

        `noisy` makes one of what OCR confuses within a word of letters.
        """
        found = _counted(_letters(text, _noise(text) if noisy else {}))
        letters = "".join(letter for letter, _, _ in found)
        return cls(letters, [place for _, place, _ in found], [width for _, _, width in found])


Letter = tuple[str, int, int]  # as compared, its place, and the width of what stood there


def cuts(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] ends within a word or a number such as 1,577, -5, (5) or 5 %, or
    leaves out the negation right before or after it."""
    return _cuts(text, start) or _cuts(text, end) or _parts_negation(text, start, end)


def negations(text: str) -> int:
    """How many words of the text negate: "notable" none, "not able" one."""
    return len(NEGATION.findall(text))


def _cuts(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    cut = unicodedata.combining(after) or _one_word(before, after)
    return bool(cut) or _cuts_number(text, at)


def _one_word(before: str, after: str) -> bool:
    """Two letters or figures side by side, of a script that parts its words by spaces."""
    if before.isdigit() and after.isdigit():
        return True
    names = unicodedata.name(before, ""), unicodedata.name(after, "")
    return before.isalnum() and after.isalnum() and not any(n.startswith(UNSPACED) for n in names)


def _cuts_number(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if before.isdigit() and (
        SCALE.match(text, at) or (after in GROUPERS and text[at + 1 : at + 2].isdigit())
    ):
        return True
    amount = text[at + 1 : at + 2] if after in CURRENCIES else after
    if not amount.isdigit():
        return False
    further = text[at - 2] if at > 1 else " "
    if before in GROUPERS:
        return further.isdigit()
    if before == "(":
        return re.match(r"[\d.,]+%?\)", text[at:].lstrip(CURRENCIES)) is not None
    if before in CURRENCIES:
        return at > 1 and _cuts_number(text, at - 1)
    return before.translate(FOLDED) == "-" and (further.isspace() or further in "(|")


def _parts_negation(text: str, start: int, end: int) -> bool:
    """Only white space between; a capital on a new line begins something else."""
    behind, ahead = text[max(0, start - NEAR) : start], text[end : end + NEAR]
    sides = (
        (NEGATED_BEFORE.search(behind), text[start]),
        (NEGATED_AFTER.match(ahead), ahead.lstrip()[:1]),
    )
    return any(found and not ("\n" in found[1] and then.isupper()) for found, then in sides)


def _letters(text: str, noise: dict[int, str]) -> list[Letter]:
    found: list[Letter] = []
    spaced = False
    place = 0
    while place < len(text):
        width = 2 if noise.get(place) in ("m", "w") and text[place] in "rRvV" else 1
        for folded in _folded(noise.get(place, text[place])):
            if folded.isspace():
                spaced = True
                continue
            if spaced and folded.isdigit() and found and _numeric(found[-1][0]):
                found.append((" ", place - 1, 1))
            found.append((folded, place, width))
            spaced = False
        place += width
    return found


def _folded(letter: str) -> str:
    raised = unicodedata.decomposition(letter).startswith(RAISED)
    known = letter.translate(FOLDED)
    return unicodedata.normalize("NFD" if raised else "NFKD", known).casefold()


def _numeric(letter: str) -> bool:
    return letter.isdigit() or letter in POINTS


def _counted(found: list[Letter]) -> list[Letter]:
    """Without a hyphen between two letters, which may only be where a line was broken."""
    letters = [" ", *(letter for letter, _, _ in found), " "]
    around = zip(letters, letters[1:], letters[2:], strict=False)
    return [
        each
        for each, (before, here, after) in zip(found, around, strict=True)
        if not (here == "-" and before.isalpha() and after.isalpha())
    ]


def _noise(text: str) -> dict[int, str]:
    """What stands at a place once the words that OCR may have misread are made one."""
    noise: dict[int, str] = {}
    for match in WORD.finditer(text):
        word = match.group()
        if _misreadable(word):
            for offset, letter in enumerate(word):
                noise[match.start() + offset] = letter.translate(NOISE)
            noise |= _joined(word, match.start())
    return noise


def _misreadable(word: str) -> bool:
    """Small letters after the first, and fewer figures than letters, each a 0 or a 1."""
    figures = sum(letter in "01" for letter in word)
    small = sum(letter.islower() for letter in word)
    rest = word[1:].translate(NOISE)
    return len(word) >= NOISE_LETTERS and small > figures and rest.isalpha() and rest.islower()


def _joined(word: str, start: int) -> dict[int, str]:
    """`m` for "rn" and `w` for "vv", at the place of the first letter."""
    found = {
        start + match.start(): one
        for two, one in JOINED
        for match in re.finditer(two, word, re.IGNORECASE)
    }
    return found if len(word) - len(found) >= JOINED_LETTERS else {}
