"""The commands that tell what things cost: the stack at rest, and files before their upload."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from local.client_command import (
    DEFAULT_DATA,
    as_text,
    chosen_target,
    target_of,
    target_options,
)
from local.counting import counted
from local.put_files import files_of
from local.terminal import one_line, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.estimating import Estimate
    from local.planning import Plan


@click.command()
@click.option(
    "--stack-context", "context", multiple=True, metavar="K=V", help="as `cdk deploy -c` takes it"
)
@click.option("--switches", is_flag=True, help="also what each switch would add")
@click.option("--usage", is_flag=True, help="instead, what a thousand pages and questions cost")
@click.option("--page-tokens", default=700, show_default=True, help="of a page, for --usage")
@click.option("--prompt-tokens", default=3000, show_default=True, help="of a question's prompt")
@click.option("--answer-tokens", default=300, show_default=True, help="of an answer")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def cost(
    context: tuple[str, ...],
    switches: bool,
    usage: bool,
    as_json: bool,
    page_tokens: int,
    prompt_tokens: int,
    answer_tokens: int,
) -> None:
    """What the stack costs a month at rest, from its own template, and in use."""
    from infra import costs
    from infra.idle_bill import NotPriced, idle_bill, total
    from infra.synthesis import SynthesisFailed
    from infra.usage_bill import Typical

    chosen = dict(_pair(text) for text in context)
    try:
        items = idle_bill(*costs.synthesised(chosen))
        added = costs.dollars_added(costs.synthesised, chosen) if switches else {}
    except (SynthesisFailed, NotPriced) as error:
        raise click.ClickException(str(error)) from error
    typical = Typical(page_tokens, prompt_tokens, answer_tokens)
    if as_json:
        lines = {item.what: round(item.dollars, 4) for item in items}
        click.echo(as_text({"idle": lines, "together": round(total(items), 4), "added": added}))
        return
    click.echo(costs.usage(items, typical) if usage else costs.page(items, added))


@click.command(params=target_options())
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--prefix", default="", help="what `put` would put before every key")
@click.option(
    "--stack-context",
    "context",
    multiple=True,
    metavar="K=V",
    help="as `cdk deploy -c` takes it, for a stack that is not deployed",
)
@click.option("--embedder", help="another than the stack's")
@click.option("--ocr-features", help="others than the stack's, as `-c ocr_features=` takes them")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@click.pass_context
def estimate(ctx: click.Context, /, paths: tuple[Path, ...], prefix: str, **options: Any) -> None:
    """What files would cost to index, before they are uploaded.

    By the settings of the stack that is named or runs here, else by those it would be deployed
    with. Files are read on this machine, and nothing of them leaves it. Exit code 1 if one would be
    refused.
    """
    from local.estimating import estimate, together

    plan, told = _plan(ctx, **options)
    files = [(file, prefix + key) for path in paths for file, key in files_of(path)]
    with click.progressbar(
        files, label="reading", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        found = [estimate(file, key, plan) for file, key in bar]
    whole = together(found)
    if options["as_json"]:
        about = {"settings": {"of": told, "used": str(plan)}}
        documents = {"documents": [asdict(each) for each in found]}
        click.echo(as_text(about | documents | {"together": asdict(whole)}))
    else:
        say(f"settings of {told}: {plan}")
        for each in (*found, whole):
            say(_line(each))
    if any(each.refused for each in found):
        sys.exit(1)


def _plan(
    ctx: click.Context,
    *,
    context: tuple[str, ...],
    embedder: str | None,
    ocr_features: str | None,
    **_: object,
) -> tuple[Plan, str]:
    """By what files would be indexed, and whose settings these are."""
    from local.planning import Plan

    given = {"ASKBUCKET_EMBEDDER": embedder, "ASKBUCKET_OCR_FEATURES": ocr_features}
    asked = {name: value for name, value in given.items() if value is not None}
    try:
        variables, told = _variables(ctx, dict(_pair(text) for text in context))
        return Plan.of(variables | asked), told + (", but for options given" if asked else "")
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _variables(ctx: click.Context, context: dict[str, str]) -> tuple[dict[str, str], str]:
    """The settings, and whose they are. Raises ValueError for a context that cannot be deployed."""
    from local.planning import context_variables, deployed_variables
    from local.stack import DESCRIPTION
    from local.target import ClientFailed

    chosen = chosen_target(ctx)
    if any(chosen.values()) and context:
        raise click.UsageError("--stack-context is of a stack that is not deployed; name one alone")
    running = (DEFAULT_DATA / DESCRIPTION).exists() and not context
    if any(chosen.values()) or running:
        try:
            return deployed_variables(target_of(**chosen)), _name_of(chosen)
        except ClientFailed as error:
            if any(chosen.values()):
                raise click.ClickException(str(error)) from error  # else it was killed
    pairs = ", ".join(f"{name}={value}" for name, value in context.items())
    told = "a stack deployed from here"
    return context_variables(context), f"{told} with {pairs}" if pairs else told


def _name_of(chosen: Mapping[str, str | None]) -> str:
    return f"stack {chosen['stack']}" if chosen["stack"] else "the running local stack"


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
