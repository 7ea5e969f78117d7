"""`python -m evals.reading [SET...]`: how well files are read, in one table for each set.

Without the documents with known truth only the shipped samples are measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from evals.data import data_folder, set_folder
from evals.reading import filings, formats, nasty, receipts, samples, scans
from evals.reading.offline_ocr import OfflineOcr, offline_ocr
from evals.reading.table import Table

SAMPLES = "samples"
SETS: dict[str, Callable[[Path, OfflineOcr], Table]] = {
    "scanned_filings": scans.measured,
    "sroie_receipts": receipts.measured,
    "financebench": lambda folder, _: filings.measured(folder),
    "formats": formats.measured,
    "nasty": nasty.measured,
}


@click.command()
@click.argument("names", nargs=-1, metavar="[SET]...", type=click.Choice([SAMPLES, *SETS]))
@click.option("--data", type=click.Path(path_type=Path), help="folder with the sets")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="also write this file")
@click.option("--fresh", is_flag=True, help="recognise scanned pages again")
def main(names: tuple[str, ...], data: Path | None, json_file: Path | None, fresh: bool) -> None:
    """Measure all sets there are, or only those named."""
    folder = data_folder(data)
    if folder is None and not names:
        click.echo("No documents with known truth at hand: only the samples.\n", err=True)
    chosen = names or (SAMPLES, *(name for name in SETS if folder and (folder / name).is_dir()))
    folders = {name: set_folder(folder, name) for name in chosen if name != SAMPLES}
    told = {}
    with offline_ocr(fresh=fresh) as ocr:
        for name in chosen:
            table = SETS[name](folders[name], ocr) if name in folders else samples.measured(ocr)
            click.echo(table.as_text() + "\n")
            told[name] = table.as_json()
    if json_file:
        json_file.write_text(json.dumps(told, indent=2, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
