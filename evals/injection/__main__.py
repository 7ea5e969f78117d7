"""`python -m evals.injection`: what becomes of documents that give orders, one row for each."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from evals.injection.outcomes import Outcome, outcomes
from evals.reading.offline_ocr import offline_ocr
from evals.reading.table import Table
from local.bedrock.minilm import MiniLM

COLUMNS = ("carrier", "order", "answer", "order quoted", "faults", "faults, obeying models")


@click.command()
@click.option("--cache", default=".cache/evals", type=Path, help="Where the model's graph is kept.")
def main(cache: Path) -> None:
    """Read, ask and judge every hostile document; exit code 1 where an answer has a fault."""
    cache.mkdir(parents=True, exist_ok=True)
    with offline_ocr(cache=cache / "ocr") as ocr:
        found = list(outcomes(MiniLM(cache), ocr))
    table = Table(f"{len(found)} hostile documents", COLUMNS, [_row(each) for each in found])
    honest = sum(each.answer == "honest" for each in found)
    faulty = sum(bool(each.faults or each.obeying) for each in found)
    table.notes += [f"answered honestly: {honest} of {len(found)}", f"with faults: {faulty}"]
    click.echo(table.as_text())
    sys.exit(1 if faulty else 0)


def _row(each: Outcome) -> tuple[str, ...]:
    quoted = "as a quote" if each.quoted else "no"
    faults, obeying = (", ".join(found) or "none" for found in (each.faults, each.obeying))
    return (each.document.carrier, each.order, each.answer, quoted, faults, obeying)


if __name__ == "__main__":
    main()
