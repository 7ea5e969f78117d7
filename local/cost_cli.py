"""The commands that tell what things cost: the stack at rest, and files before their upload."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from local.client_command import as_text
from local.counting import counted
from local.put_files import files_of
from local.terminal import one_line, say

if TYPE_CHECKING:
    from local.estimating import Estimate


@click.command()
@click.option(
    "--stack-context", "context", multiple=True, metavar="K=V", help="as `cdk deploy -c` takes it"
)
@click.option("--switches", is_flag=True, help="also what each switch would add")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def cost(context: tuple[str, ...], switches: bool, as_json: bool) -> None:
    """What the stack costs a month at rest, from its own template."""
    from infra import costs
    from infra.idle_bill import NotPriced, idle_bill, total
    from infra.synthesis import SynthesisFailed

    chosen = dict(_pair(text) for text in context)
    try:
        items = idle_bill(*costs.synthesised(chosen))
        added = costs.dollars_added(costs.synthesised, chosen) if switches else {}
    except (SynthesisFailed, NotPriced) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        lines = {item.what: round(item.dollars, 4) for item in items}
        click.echo(as_text({"idle": lines, "together": round(total(items), 4), "added": added}))
        return
    click.echo(costs.page(items, added))


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--prefix", default="", help="what `put` would put before every key")
@click.option("--embedder", help="of the stack, if not the default one")
@click.option("--ocr-features", default="", help="of the stack, as `-c ocr_features=` takes them")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def estimate(
    paths: tuple[Path, ...], prefix: str, embedder: str | None, ocr_features: str, as_json: bool
) -> None:
    """What files would cost to index, before they are uploaded.

    They are read on this machine, and nothing of them leaves it. Exit code 1 if one would be
    refused.
    """
    from local.estimating import Plan, estimate, together

    try:
        plan = Plan.of_defaults(embedder, ocr_features)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    files = [(file, prefix + key) for path in paths for file, key in files_of(path)]
    with click.progressbar(
        files, label="reading", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        found = [estimate(file, key, plan) for file, key in bar]
    whole = together(found)
    if as_json:
        told: dict[str, Any] = {"documents": [asdict(each) for each in found]}
        click.echo(as_text(told | {"together": asdict(whole)}))
    else:
        for each in (*found, whole):
            say(_line(each))
    if any(each.refused for each in found):
        sys.exit(1)


def _line(of: Estimate) -> str:
    name = one_line(of.key)
    if of.refused:
        return f"{name}\n          refused: {of.refused}"
    parts = [counted(of.pages, "page"), f"{of.ocr_pages:,} by OCR", f"{of.tokens:,} tokens"]
    embedding = "no price" if of.embedding_usd is None else f"${of.embedding_usd:.6f}"
    return f"{name}\n          {', '.join(parts)}: OCR ${of.ocr_usd:.4f}, embedding {embedding}"


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--stack-context {text} is not K=V, such as snapstart=true")
    return name, value
