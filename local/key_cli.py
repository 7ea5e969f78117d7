"""Commands for the API keys of a deployed stack."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from local.client_command import ClientCommand, as_text

if TYPE_CHECKING:
    from local.client import Client


@click.group("key")
def api_keys() -> None:
    """Make, list and revoke API keys."""


@api_keys.command(cls=ClientCommand)
@click.argument("name")
@click.option("--tenant", default="", help="whose documents it may ask")
@click.option("--json", "as_json", is_flag=True, help="print the key as JSON")
@click.pass_obj
def add(client: Client, name: str, tenant: str, as_json: bool) -> None:
    """Make a key for NAME; its value is shown this once."""
    from local.keys import Keys, told_plainly

    with told_plainly("the key could not be made"):
        made, value = Keys.of(client.target).add(name, tenant)
    if as_json:
        click.echo(as_text(asdict(made) | {"value": value}))
        return
    click.echo(f"{made.id}  {value}")
    click.echo("Keep the value: it is not shown again.", err=True)


@api_keys.command("list", cls=ClientCommand)
@click.option("--json", "as_json", is_flag=True, help="print the keys as JSON")
@click.pass_obj
def list_keys(client: Client, as_json: bool) -> None:
    """The keys there are, without their values."""
    from local.keys import Keys, told_plainly

    with told_plainly("the keys cannot be listed"):
        keys = list(Keys.of(client.target).list())
    if as_json:
        click.echo(as_text({"keys": [asdict(each) for each in keys]}))
        return
    for each in keys:
        click.echo(f"{each.id}  {each.name}" + (f"  tenant {each.tenant}" if each.tenant else ""))


@api_keys.command(cls=ClientCommand)
@click.argument("ids", nargs=-1, required=True)
@click.pass_obj
def rm(client: Client, ids: tuple[str, ...]) -> None:
    """Revoke keys by their IDS."""
    from local.keys import Keys, told_plainly
    from local.target import ClientFailed

    keys = Keys.of(client.target)
    for each in ids:
        with told_plainly(f"{each} could not be revoked"):
            if not keys.remove(each):
                raise ClientFailed(f"the stack has no key {each}; `askbucket key list` tells all")
        click.echo(f"revoked {each}")
