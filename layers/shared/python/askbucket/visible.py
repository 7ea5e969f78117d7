"""Text without the characters nobody sees: what a person cannot read must not reach a model either.

Which they are is Unicode's own property Default_Ignorable_Code_Point: zero-width, tag and bidi
characters, fillers, soft hyphens. Joiners and variation selectors also shape what is seen, in
Persian, in emoji; they stay where they can: one of each, after a character beyond ASCII.
"""

from __future__ import annotations

import regex

UNSEEN = r"\p{DI}\p{Cs}\ufff9-\ufffb\ufffe\uffff\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
SEEN_BEYOND_ASCII = r"[^\x00-\x7f\p{DI}\p{C}]"
SELECTOR = r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
SHAPED = rf"{SEEN_BEYOND_ASCII}{SELECTOR}?(?:[\u200c\u200d](?={SEEN_BEYOND_ASCII}))?"
ANY_UNSEEN = regex.compile(rf"[{UNSEEN}]")
SHAPED_OR_UNSEEN = regex.compile(rf"({SHAPED})|[{UNSEEN}]+")
ODD_SPACES = str.maketrans(dict.fromkeys("\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029", " "))
# Runs that no writing system has: letters as tags, bits as selectors or as zero-width characters.
SMUGGLED = regex.compile(
    rf"[\U000e0000-\U000e007f]{{8,}}|{SELECTOR}{{4,}}|[\u200b-\u200f\u2060-\u2064]{{8,}}"
)


def visible(text: str) -> str:
    """The text as a person sees it; of control characters only line ends and tabs are left.

    Other white space that ends lines becomes a space. Doing it twice changes nothing.
    """
    spaced = text.replace("\r\n", "\n").translate(ODD_SPACES)
    if not ANY_UNSEEN.search(spaced):
        return spaced
    return str(SHAPED_OR_UNSEEN.sub(lambda found: found[1] or "", spaced))


def smuggles(text: str) -> bool:
    """Whether it holds a run of unseen characters that can only be a hidden text."""
    return SMUGGLED.search(text) is not None
