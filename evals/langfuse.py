"""Questions with known answers as a dataset in Langfuse, and what a stack answers as a run of it.

    python -m evals.langfuse samples --questions samples/questions.jsonl --data .askbucket

The stack, started by `askbucket up` or named by --stack, holds the documents already. Keys come
from LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY and LANGFUSE_BASE_URL. Text is sent as it is: a
dataset is made to be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

SAMPLES = Path(__file__).parents[1] / "samples" / "questions.jsonl"
AT_ONCE = 2  # questions a stack is asked at a time

Reply = Mapping[str, Any]
"""What `POST /query` replies."""


@dataclass(frozen=True, slots=True)
class Row:
    """A question, what its answer must hold, and the (document, page) pairs that hold it.

    `answer` is None where the documents hold none; a page is None where the format has none.
    """

    id: str
    question: str
    answer: str | None
    places: tuple[tuple[str, int | None], ...]
    kind: str = ""


def rows_of(path: Path) -> list[Row]:
    """One row for each line: {"id", "question", "places": [{"document", "page"}], "answer"}."""
    return [_row(json.loads(line)) for line in path.read_text("utf-8").splitlines() if line]


def _row(given: Mapping[str, Any]) -> Row:
    places = tuple((place["document"], place["page"]) for place in given["places"])
    return Row(
        given["id"], given["question"], given["answer"] or None, places, given.get("kind", "")
    )


def push(client: Any, name: str, rows: Iterable[Row]) -> None:
    """Makes the dataset hold the rows; a row of the same id is brought up to date."""
    client.create_dataset(name=name, description="questions with known answers and their places")
    for row in rows:
        client.create_dataset_item(
            dataset_name=name,
            id=f"{name}-{row.id}",
            input={"question": row.question},
            expected_output={"answer": row.answer, "places": [list(each) for each in row.places]},
            metadata={"row": row.id, "kind": row.kind},
        )


def run(client: Any, name: str, run_name: str | None, ask: Callable[[str], Reply]) -> Any:
    """The SDK's result of one run over the dataset: a trace and scores for every question."""

    def task(*, item: Any, **_: Any) -> Reply:
        return ask(item.input["question"])

    return client.get_dataset(name).run_experiment(
        name=name,
        run_name=run_name,
        task=task,
        evaluators=[evaluated],
        run_evaluators=[averages],
        max_concurrency=AT_ONCE,
    )


def scores(reply: Reply, answer: str | None, places: Sequence[Sequence[Any]]) -> dict[str, float]:
    """1 or 0 for each thing that counts for such a question.

    `answered`: answered where, and only where, there is an answer. `document` and `page`: a
    citation of a place. `words`: the expected words in the answer or a quote, white space and case
    aside.
    """
    found = {"answered": float(reply["answered"] is (answer is not None))}
    if answer is None:
        return found
    cited = [(cite["document"], cite["page"]) for cite in reply["citations"]]
    told = _folded(" ".join([reply["answer"], *(cite["quote"] for cite in reply["citations"])]))
    found["document"] = float(bool({d for d, _ in cited} & {place[0] for place in places}))
    if any(place[1] is not None for place in places):
        found["page"] = float(bool(set(cited) & {(place[0], place[1]) for place in places}))
    return found | {"words": float(_folded(answer) in told)}


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def evaluated(*, output: Any, expected_output: Any, **_: Any) -> list[Any]:
    """The scores of one answer, as the SDK wants them."""
    from langfuse import Evaluation

    made = scores(output, expected_output["answer"], expected_output["places"])
    return [Evaluation(name=name, value=value) for name, value in made.items()]


def averages(*, item_results: Sequence[Any], **_: Any) -> list[Any]:
    """The mean of each score over the questions that have it."""
    from langfuse import Evaluation

    by_name: dict[str, list[float]] = {}
    for each in (score for result in item_results for score in result.evaluations):
        by_name.setdefault(each.name, []).append(float(each.value))
    return [
        Evaluation(name=f"mean {name}", value=sum(of) / len(of), comment=f"of {len(of)} questions")
        for name, of in by_name.items()
    ]


@click.command()
@click.argument("name")
@click.option("--questions", type=click.Path(exists=True, path_type=Path), default=SAMPLES)
@click.option("--run", "run_name", help="name of the run  [default: the dataset's, and the time]")
@click.option("--data", type=click.Path(path_type=Path), default=Path(".askbucket"))
@click.option("--stack", help="a deployed stack's name")
def main(name: str, questions: Path, run_name: str | None, data: Path, stack: str | None) -> None:
    """Push the questions as dataset NAME, ask them all, and record the run."""
    from local.client import Client
    from local.langfuse_keys import KeysMissing, client_by_environment
    from local.target import Target

    try:
        langfuse = client_by_environment()
    except KeysMissing as error:
        raise click.UsageError(str(error)) from error
    push(langfuse, name, rows_of(questions))
    with Client(Target.deployed(stack) if stack else Target.local(data)) as asked:
        done = run(langfuse, name, run_name, asked.ask)
    for each in done.run_evaluations:
        click.echo(f"{each.name:16} {each.value:.3f}  {each.comment}")
    click.echo(done.experiment_url or "")


if __name__ == "__main__":
    main()
