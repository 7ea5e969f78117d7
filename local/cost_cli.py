"""The commands that tell what things cost: the stack at rest, and files before their upload."""

from __future__ import annotations

import click

from local.client_command import as_text


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


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--stack-context {text} is not K=V, such as snapstart=true")
    return name, value
