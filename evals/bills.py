"""`python -m evals.bills`: how right `askbucket estimate` is.

Files are estimated, then put into an offline stack one after another. What they took is asked of
those who would send the bill: the Textract endpoint counts pages, the Bedrock endpoint tokens, and
the document tells its dollars. The offline embedder is free, so tokens are priced as Titan's.
"""

from __future__ import annotations

import json
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from askbucket.embedders import TITAN
from askbucket.prices import embedding_usd
from evals.collections import SHIPPED
from evals.data import data_folder
from local.client import Client
from local.demo import DOCUMENTS, SAMPLES
from local.estimating import Estimate, estimate
from local.planning import Plan, deployed_variables
from local.put_files import files_of
from local.stack import OfflineStack, Running
from local.target import Target

SETS = {  # folders of the documents outside the repository
    "scanned_filings": "scanned_filings/pdfs",
    "sroie_receipts": "sroie_receipts/images",
    "formats": "formats/files",
    "nasty": "nasty/files",
    "financebench": "financebench/pdfs",
}
LONG = ("financebench",)  # only where they are named
WAIT_SECONDS = 1800.0
HEADER = """| {} | pages by OCR, estimated | paid | tokens, estimated | embedded | ratio \
| dollars, estimated | paid | ratio |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""


@dataclass(frozen=True, slots=True)
class Bill:
    """Pages, tokens, and dollars for both; what was estimated, or what was paid."""

    pages: int
    tokens: int
    usd: float

    def __add__(self, other: Bill) -> Bill:
        return Bill(self.pages + other.pages, self.tokens + other.tokens, self.usd + other.usd)


@dataclass(frozen=True, slots=True)
class Compared:
    """One document; `refused` tells where the estimate and the product do not agree on that."""

    name: str
    estimated: Bill
    paid: Bill
    refused: str = ""

    @property
    def row(self) -> str:
        told, paid = self.estimated, self.paid
        name = f"{self.name} ({self.refused})" if self.refused else self.name
        cells = [name, told.pages, paid.pages, f"{told.tokens:,}", f"{paid.tokens:,}"]
        cells += [_ratio(told.tokens, paid.tokens), f"${told.usd:.6f}", f"${paid.usd:.6f}"]
        return "| " + " | ".join(map(str, [*cells, _ratio(told.usd, paid.usd)])) + " |"


def together(name: str, compared: Sequence[Compared]) -> Compared:
    nothing = Bill(0, 0, 0.0)
    return Compared(
        name,
        sum((each.estimated for each in compared), nothing),
        sum((each.paid for each in compared), nothing),
    )


class Payer:
    """Puts files into a running stack, and asks what they took."""

    def __init__(self, client: Client, running: Running) -> None:
        self._client = client
        self._running = running

    def compared(self, path: Path, key: str, plan: Plan) -> Compared:
        told = estimate(path, key, plan)
        before = self._counted()
        document = self._client.wait(self._client.put(path, key), WAIT_SECONDS)
        after = self._counted()
        pages, tokens = after[0] - before[0], after[1] - before[1]
        paid = Bill(pages, tokens, document["usd"]["ocr"] + _usd(tokens))
        return Compared(key, _bill(told), paid, _disagreed(told, document["status"]))

    def _counted(self) -> tuple[int, int]:
        """Pages that OCR has read so far, and tokens that were embedded."""
        pages = _got(f"{self._running.textract_url}/_askbucket/pages")["pages"]
        return pages, _got(f"{self._running.bedrock_url}/_askbucket/calls")["tokens"]


def _bill(told: Estimate) -> Bill:
    return Bill(told.ocr_pages, told.tokens, told.ocr_usd + _usd(told.tokens))


def _usd(tokens: int) -> float:
    return embedding_usd(TITAN, tokens) or 0.0


def _disagreed(told: Estimate, status: str) -> str:
    if bool(told.refused) == (status == "failed"):
        return ""
    return f"estimated as {'refused' if told.refused else 'readable'}, became {status}"


def _ratio(told: float, paid: float) -> str:
    return f"{told / paid:.3f}" if paid else ("-" if not told else "inf")


def _got(url: str) -> dict[str, int]:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=10) as reply:
        return dict(json.load(reply))


def files_by_set(names: Sequence[str], data: Path | None) -> Iterator[tuple[str, list[Path]]]:
    """The sets asked for, or all that are there and do not take long."""
    wanted = names or ("demo", "shipped", *(name for name in SETS if name not in LONG))
    for name in wanted:
        if name == "demo":
            yield name, [SAMPLES / each for each in DOCUMENTS]
        elif name == "shipped":
            yield name, [file for file, _ in files_of(SHIPPED / "documents")]
        elif data is not None and (folder := data / SETS[name]).is_dir():
            yield name, [file for file, _ in files_of(folder)]


@contextmanager
def payer(context: Sequence[str]) -> Iterator[tuple[Payer, Plan]]:
    """A stack of its own, and by what it indexes."""
    chosen = dict(each.split("=", 1) for each in context)
    with tempfile.TemporaryDirectory(prefix="askbucket-bills-") as folder:
        data = Path(folder)
        with (
            OfflineStack(
                data, context=chosen, say=lambda text: click.echo(text, err=True)
            ) as stack,
            Client(target := Target.local(data)) as client,
        ):
            yield Payer(client, stack.running), Plan.of(deployed_variables(target))


def _said(text: str) -> None:
    click.echo(text, err=True)


@click.command()
@click.option("--set", "names", multiple=True, type=click.Choice(["demo", "shipped", *SETS]))
@click.option("--data", type=Path, help="The folder of the sets, else that of the environment.")
@click.option("--stack-context", "context", multiple=True, metavar="K=V", help="Of the stack.")
@click.option("--every-file", is_flag=True, help="A row for each file, beside those of the sets.")
@click.option("--json", "report", type=Path, help="Where the figures are written.")
def main(
    names: Sequence[str],
    data: Path | None,
    context: Sequence[str],
    every_file: bool,
    report: Path | None,
) -> None:
    """Hold estimates to what is then paid."""
    sets = list(files_by_set(names, data_folder(data)))
    found: dict[str, list[Compared]] = {}
    with payer(context) as (pays, plan):
        click.echo(f"settings: {plan}\n")
        for name, files in sets:
            click.echo(f"{name}: {len(files)} files", err=True)
            found[name] = [pays.compared(path, f"{name}/{path.name}", plan) for path in files]
    if every_file:
        click.echo(HEADER.format("file"))
        click.echo("\n".join(each.row for rows in found.values() for each in rows) + "\n")
    click.echo(HEADER.format("set"))
    for name, rows in found.items():
        click.echo(together(f"{name}, {len(rows)} files", rows).row)
    click.echo(together("**together**", [each for rows in found.values() for each in rows]).row)
    if report:
        told = {name: [asdict(each) for each in rows] for name, rows in found.items()}
        report.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
