"""`python -m evals`: reading, retrieval and answers, measured and compared with the baseline.

Exit code 1 where a measure is worse than `evals/baseline.json` says by more than noise. `--gate`
asks only the shipped documents, of ours alone: no network, no other library, seconds.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from evals import answers, asked, baseline, compare
from evals.baseline import Figure, Figures
from evals.bedrock import served_bedrock
from evals.data import data_folder
from evals.embedding import CachedEmbedder
from evals.gate import answer_figures, figures_of, gate_figures
from evals.library import library
from evals.measures import Mean
from evals.reading import __main__ as reading
from local.serve import ROOT

BASELINE = ROOT / "evals" / "baseline.json"
REPORT = ROOT / "build" / "evals.json"
PARTS = ("reading", "retrieval", "answers")
FOLDERS = {"filings": "financebench"}  # where a set is not named after its documents


@click.command()
@click.option("--gate", is_flag=True, help="Only the shipped set, without other systems.")
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), default=PARTS)
@click.option("--set", "names", multiple=True, help="Only these sets of retrieval and answers.")
@click.option("--data", type=Path, help="The folder of the sets, else that of the environment.")
@click.option("--cache", default=".cache/evals", type=Path, help="Where vectors are kept.")
@click.option("--json", "report", default=REPORT, type=Path, help="Where the figures are written.")
@click.option("--baseline", "known", default=BASELINE, type=Path, help="What they are held to.")
@click.option("--update-baseline", is_flag=True, help="Write the figures into the baseline.")
def main(
    gate: bool,
    parts: Sequence[str],
    names: Sequence[str],
    data: Path | None,
    cache: Path,
    report: Path,
    known: Path,
    update_baseline: bool,
) -> None:
    """Measure every set that is there."""
    folder, embed = data_folder(data), CachedEmbedder(cache)
    figures: Figures = {}
    for name, figure in _gated(embed) if gate else _whole(parts, names, folder, embed):
        figures[name] = figure
        click.echo(f"{name:<42} {figure.mean}  of {figure.questions:,}")
        for other, told in figure.beside.items():
            click.echo(f"    {other:<14} {told}")
    _write(report, json.dumps({name: each.as_json() for name, each in figures.items()}, indent=1))
    before = baseline.loaded(known)
    if update_baseline:
        _write(known, baseline.merged(before, figures))
        return
    fallen: list[object] = [*baseline.drops(figures, before)]
    if gate:
        missing = [*baseline.gone(figures, before, "retrieval shipped")]
        missing += baseline.gone(figures, before, "answers shipped")
        fallen += [f"{name} is in the baseline and was not measured" for name in missing]
    for drop in fallen:
        click.echo(f"worse: {drop}", err=True)
    raise SystemExit(1 if fallen else 0)


def _gated(embed: CachedEmbedder) -> Iterator[tuple[str, Figure]]:
    with served_bedrock() as bedrock:
        yield from gate_figures(embed, bedrock).items()


def _whole(
    parts: Sequence[str], names: Sequence[str], folder: Path | None, embed: CachedEmbedder
) -> Iterator[tuple[str, Figure]]:
    """Figures as they are measured, since all of them take long."""
    if "reading" in parts:
        yield from _reading(folder).items()
    if "retrieval" in parts:
        for name in _present(compare.SETS, names, folder):
            collection = compare.SETS[name](folder)
            result = compare.compared(name, collection, embed, compare.installed())
            yield from figures_of(result).items()
    if "answers" in parts:
        yield from _answers(names, folder, embed)


def _answers(
    names: Sequence[str], folder: Path | None, embed: CachedEmbedder
) -> Iterator[tuple[str, Figure]]:
    with ExitStack() as open_:
        chat = answers.variables(open_.enter_context(served_bedrock()), None)
        for name in _present(asked.SETS, names, folder):
            questions = asked.SETS[name](folder)
            with library(questions.contents, embed, chat) as of:
                yield from answer_figures(name, questions, of).items()


def _reading(folder: Path | None) -> Figures:
    """Its tables are printed by its own command, which also writes the means."""
    with tempfile.TemporaryDirectory() as place:
        told = Path(place) / "reading.json"
        given = ["--data", str(folder)] if folder else []
        reading.main([*given, "--json", str(told)], standalone_mode=False)
        sets = json.loads(told.read_text("utf-8"))
    return {
        f"reading {name} {measure}": Figure(
            Mean(mean["value"], mean["low"], mean["high"]), mean["count"]
        )
        for name, table in sets.items()
        for measure, mean in table["means"].items()
    }


def _present(sets: Iterable[str], names: Sequence[str], folder: Path | None) -> list[str]:
    """Of the sets named, or of all, those whose documents are there; the shipped one always is."""
    return [name for name in sets if (not names or name in names) and _is_there(name, folder)]


def _is_there(name: str, folder: Path | None) -> bool:
    own = FOLDERS.get(name, name.split("-", maxsplit=1)[0])
    return name == "shipped" or (folder is not None and (folder / own).is_dir())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
