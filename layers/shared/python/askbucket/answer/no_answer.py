"""What a caller is told where the documents hold no answer, in the language of the question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from askbucket.language import ENGLISH, FUNCTION_WORDS, LETTERS, languages_of
from askbucket.models import Hit

NO_ANSWER = "The documents do not hold an answer to this question."
# By language: that there is no answer, and that what was found is in another language. An embedder
# may not bridge the two, so that asking again in the documents' own may find what is there.
TOLD = {
    ENGLISH: (
        NO_ANSWER,
        "What was found is in another language; asked in it, they may answer.",
    ),
    "arabic": (
        "لا تحتوي المستندات على إجابة عن هذا السؤال.",
        "ما عُثر عليه مكتوب بلغة أخرى؛ قد تجد الإجابة إذا سألت بها.",
    ),
    "chinese": (
        "文档中没有这个问题的答案。",
        "找到的内容是另一种语言的，用那种语言提问也许能找到答案。",
    ),
    "danish": (
        "Dokumenterne indeholder ikke et svar på dette spørgsmål.",
        "Det fundne er på et andet sprog; spurgt på det kan de måske svare.",
    ),
    "dutch": (
        "De documenten bevatten geen antwoord op deze vraag.",
        "Wat gevonden is, is in een andere taal; in die taal gevraagd antwoorden ze misschien wel.",
    ),
    "french": (
        "Les documents ne contiennent pas de réponse à cette question.",
        "Ce qui a été trouvé est dans une autre langue ; la question posée dans celle-ci"
        " trouverait peut-être sa réponse.",
    ),
    "german": (
        "Die Dokumente enthalten keine Antwort auf diese Frage.",
        "Gefundenes ist in einer anderen Sprache; in ihr gefragt antworten sie vielleicht.",
    ),
    "italian": (
        "I documenti non contengono una risposta a questa domanda.",
        "Ciò che è stato trovato è in un'altra lingua; chiedendo in quella, forse rispondono.",
    ),
    "japanese": (
        "文書にはこの質問への答えがありません。",
        "見つかった内容は別の言語で書かれています。その言語で尋ねると答えが見つかるかもしれません。",
    ),
    "norwegian": (
        "Dokumentene inneholder ikke noe svar på dette spørsmålet.",
        "Det som ble funnet, er på et annet språk; spurt på det kan de kanskje svare.",
    ),
    "portuguese": (
        "Os documentos não contêm uma resposta a esta pergunta.",
        "O que foi encontrado está noutra língua; perguntando nela, talvez respondam.",
    ),
    "spanish": (
        "Los documentos no contienen una respuesta a esta pregunta.",
        "Lo que se encontró está en otro idioma; preguntando en él, quizá respondan.",
    ),
    "swedish": (
        "Dokumenten innehåller inget svar på den här frågan.",
        "Det som hittades är på ett annat språk; på det språket kan de kanske svara.",
    ),
}
ENGLISH_WORDS = frozenset(FUNCTION_WORDS[ENGLISH].split())
# Of a text's letters, how many tell its script: Japanese has Chinese characters too.
SCRIPTS = (
    ("japanese", re.compile("[\u3040-\u30ff]"), 0.1),
    ("chinese", re.compile("[\u4e00-\u9fff]"), 0.5),
    ("arabic", re.compile("[\u0600-\u06ff]"), 0.5),
)


def no_answer(question: str, hits: Sequence[Hit] = ()) -> str:
    """English where the language cannot be told; what was found in another language is named."""
    language = _language(question)
    if language is None:
        return NO_ANSWER
    nothing, elsewhere = TOLD[language]
    found = _language(" ".join(hit.text for hit in hits))
    return f"{nothing} {elsewhere}" if found and found != language else nothing


def _language(text: str) -> str | None:
    """None where there is no word to tell it by, or two languages are as likely."""
    words = LETTERS.findall(text.lower())
    letters = "".join(words)
    for name, script, share in SCRIPTS:
        if letters and len(script.findall(letters)) >= share * len(letters):
            return name
    likely = languages_of(words)
    if likely:
        return likely[0] if len(likely) == 1 else None
    return ENGLISH if not ENGLISH_WORDS.isdisjoint(words) else None
