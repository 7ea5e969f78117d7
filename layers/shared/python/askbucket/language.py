"""A cheap guess of the language a text in Latin letters is written in, by its function words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

ENGLISH = "english"
LETTERS = re.compile(r"[^\W\d_]+")
SCRIPTS_BEGIN = "\u0370"  # letters below are Latin (Unicode, blocks up to Greek)
# By the name of its Snowball stemmer, the words a language cannot do without: what most sentences
# and questions hold one of. A word may belong to several.
FUNCTION_WORDS = {
    ENGLISH: """
        a i the of and to in is was for that with are on as by it at from be this which who what
        when where why how many much did does do were an his her not or has have had its their
    """,
    "danish": """
        og at er en et den det til af på med for der som de var ikke har han hun blev fra efter
        eller om hvad hvem hvor hvornår hvilken hvilke hvorfor mange
    """,
    "dutch": """
        de het een en van in is op te dat die voor met zijn niet aan er om ook als door naar bij
        uit werd wordt worden wat wie waar wanneer welke waarom hoeveel hoe
    """,
    "french": """
        le la les des du de un une et est en dans que qui pour par sur au aux avec ce cette ses
        son sa il elle ne pas plus sont été était ont quel quelle quels quelles où quand combien
        comment pourquoi
    """,
    "german": """
        der die das und ist nicht ein eine einen einem einer den dem des mit von zu im in auf für
        sich auch wie wird werden wurde wurden sind bei nach aus hat war als an zum zur durch wer
        was wo wann warum wieviel viele welche welcher welches welchen
    """,
    "italian": """
        il lo la gli le un una è di del della dei delle nel nella in che chi per con non da dal si
        sono come al alla ha più anche cosa quale quali dove quando quanto quanti perché
    """,
    "norwegian": """
        og at er en et den det til av på med for som de var ikke har han hun ble fra etter eller
        om hva hvem hvor hvilken hvilke hvorfor mange når
    """,
    "portuguese": """
        os as um uma é de do da dos das em no na nos nas que para por com não se ao foi são mais
        como seu sua qual quais quem onde quando quanto quantos quantas porque
    """,
    "spanish": """
        el la los las un una es de del en que por con para no se al lo su sus fue son más como
        entre qué quién quiénes cuál cuáles dónde cuándo cuánto cuántos cuántas cómo
    """,
    "swedish": """
        och att är en ett den det till av på med för som de var inte har han hon blev från efter
        eller om vad vem var vilken vilket vilka varför hur många när
    """,
}


def languages_of(words: Iterable[str]) -> tuple[str, ...]:
    """The languages whose function words are the most frequent among these words in lower case;
    several where they are even, none where English is one of them or there is no such word."""
    known = _languages()
    counts = Counter(language for word in words for language in known.get(word, ()))
    most = max(counts.values(), default=0)
    if counts[ENGLISH] == most:
        return ()
    return tuple(language for language, count in counts.items() if count == most)


def may_be_english(text: str) -> bool:
    """False where the script or the function words tell of another language."""
    words = LETTERS.findall(text.lower())
    letters = "".join(words)
    latin = sum(letter < SCRIPTS_BEGIN for letter in letters)
    return 2 * latin >= len(letters) and not languages_of(words)


@cache
def _languages() -> dict[str, tuple[str, ...]]:
    """By function word, the languages that have it."""
    known: dict[str, tuple[str, ...]] = {}
    for language, words in FUNCTION_WORDS.items():
        for word in set(words.split()):
            known[word] = (*known.get(word, ()), language)
    return known
