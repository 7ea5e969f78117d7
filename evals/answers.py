"""`python -m evals.answers`: whether answers are right, cited where they stand, and withheld where
the documents have none.

Asked through the product's own HTTP API, in process, with its offline extractive answerer unless a
Bedrock model is named; then AWS credentials and a region are needed, and it costs what it costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from askbucket.models import Box
from evals.asked import SETS, AnswerSet, Asked
from evals.bedrock import served_bedrock
from evals.data import data_folder
from evals.embedding import CachedEmbedder
from evals.library import Library, library
from evals.measures import Mean
from evals.reading.scores import holds, overlap

SAME_BOX = 0.9  # overlap from which two boxes count as one; stored boxes are rounded
MEASURES = {
    "answered": "answerable questions that are answered; the rest is falsely refused",
    "answer held": "the answer's strings stand in its text or quotes; 0 where it is refused",
    "place cited": "of an answered question's citations, those of a right page or document",
    "refused": "questions without an answer in the documents that are refused",
    "quote located": "citations whose quote stands letter by letter in the lines of their page",
    "boxes right": "citations of pages whose boxes are those of the quote's lines, no more or less",
}
Row = dict[str, float]


def measured(answers: AnswerSet, embed: CachedEmbedder, chat: Mapping[str, str]) -> dict[str, Row]:
    """By question, the measures that apply to it."""
    with library(answers.contents, embed, chat) as asked_of:
        return {asked.name: row_of(asked, asked_of) for asked in answers.asked}


def row_of(asked: Asked, of: Library) -> Row:
    reply = of.ask(asked.text, asked.narrowed)
    cites = reply["citations"]
    row: Row = {} if asked.places else {"refused": float(not reply["answered"])}
    if asked.places:
        row["answered"] = float(reply["answered"])
    if asked.wanted:
        row["answer held"] = held(reply, asked.wanted)
    if asked.places and cites:
        row["place cited"] = _share((c["document"], c["page"]) in asked.places for c in cites)
    if cites:
        pages = [of.lines(cite["id"], cite["page"]) for cite in cites]
        row["quote located"] = _share(map(located, cites, pages))
    if boxed := [cite for cite in cites if cite["page"] is not None]:
        row["boxes right"] = _share(
            boxes_right(cite, of.lines(cite["id"], cite["page"])) for cite in boxed
        )
    return row


def held(reply: Mapping[str, Any], wanted: Sequence[str]) -> float:
    """The share of the strings that the answer's text or one of its quotes holds."""
    if not reply["answered"]:
        return 0.0
    text = "\n".join([reply["answer"], *(cite["quote"] for cite in reply["citations"])])
    return _share(holds(text, each) for each in wanted)


def located(cite: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the quote stands in the lines; only how white space is shown does not count."""
    return bool(_spans(cite["quote"], lines))


def boxes_right(cite: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the boxes are those of the lines that the quote stands on, at one of its places."""
    boxes = [_box(box) for box in cite["boxes"]]
    return any(
        len(boxes) == len(span) and all(_among(_box(lines[at]["box"]), boxes) for at in span)
        for span in _spans(cite["quote"], lines)
    )


def _spans(quote: str, lines: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """For every place of the quote, the numbers of the lines that it touches."""
    text, owner = "", list[int]()
    for number, line in enumerate(lines):
        words = " ".join(line["text"].split()) + " "
        text += words
        owner += [number] * len(words)
    wanted = " ".join(quote.split())
    found, at = [], text.find(wanted) if wanted else -1
    while at >= 0:
        found.append(sorted(set(owner[at : at + len(wanted)])))
        at = text.find(wanted, at + 1)
    return found


def _among(wanted: Box | None, boxes: Sequence[Box | None]) -> bool:
    return wanted is not None and any(box and overlap(wanted, box) >= SAME_BOX for box in boxes)


def _box(sides: Mapping[str, float] | None) -> Box | None:
    return Box(sides["left"], sides["top"], sides["width"], sides["height"]) if sides else None


def _share(values: Any) -> float:
    """Of the values, those that are true."""
    known = [bool(value) for value in values]
    return sum(known) / len(known)


def by_measure(rows: Mapping[str, Row]) -> dict[str, dict[str, float]]:
    """By measure, the values of the questions it applies to."""
    found: dict[str, dict[str, float]] = {}
    for measure in MEASURES:
        values = {name: row[measure] for name, row in rows.items() if measure in row}
        if values:
            found[measure] = values
    return found


def variables(bedrock: str | None, model: str | None) -> dict[str, str]:
    """The settings of the chat model: the offline endpoint's, or a Bedrock model's."""
    if model:
        return {"ASKBUCKET_CHAT_MODEL": model}
    return {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock or ""}


@click.command()
@click.option("--data", type=Path, help="The folder of the sets, else that of the environment.")
@click.option("--cache", default=".cache/evals", type=Path, help="Where vectors are kept.")
@click.option("--set", "names", multiple=True, type=click.Choice(list(SETS)), default=list(SETS))
@click.option("--chat-model", help="A Bedrock model or inference profile instead of the offline.")
@click.option("--most-questions", type=int, help="Ask only the first so many of each set.")
@click.option("--show", is_flag=True, help="Name the questions that went wrong.")
def main(
    data: Path | None,
    cache: Path,
    names: Sequence[str],
    chat_model: str | None,
    most_questions: int | None,
    show: bool,
) -> None:
    """Ask every set and print the means."""
    folder, embed = data_folder(data), CachedEmbedder(cache)
    with ExitStack() as held_open:
        bedrock = None if chat_model else held_open.enter_context(served_bedrock())
        for name in names:
            whole = SETS[name](folder)
            asked = AnswerSet(whole.contents, whole.asked[:most_questions])
            rows = measured(asked, embed, variables(bedrock, chat_model))
            for measure, values in by_measure(rows).items():
                click.echo(
                    f"{name} {measure:<14} {Mean.of(list(values.values()))} of {len(values)}"
                )
                if show and (wrong := [each for each, value in values.items() if value < 1]):
                    click.echo(f"  not: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
