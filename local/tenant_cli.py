"""Commands on tenants, by the operator's own credentials: list, assign, rm."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from local.client_command import ClientCommand, as_text
from local.counting import counted

if TYPE_CHECKING:
    from local.client import Client


@click.group()
def tenant() -> None:
    """Tenants: whose documents are (ASKBUCKET_TENANTS=prefix)."""


@tenant.command("list", cls=ClientCommand)
@click.option("--json", "as_json", is_flag=True, help="print the counts as JSON")
@click.pass_obj
def list_(client: Client, as_json: bool) -> None:
    """Name every tenant that has documents, and how many."""
    found = _tenants(client).counts()
    if as_json:
        click.echo(as_text({"tenants": found}))
        return
    for name, documents in found.items():
        click.echo(f"{name or '(nobody: failed)'}  {counted(documents, 'document')}")


@tenant.command(cls=ClientCommand)
@click.argument("name")
@click.argument("callers", nargs=-1, required=True)
@click.option("--groups", default="", help="groups they are in, separated by commas")
@click.pass_obj
def assign(client: Client, name: str, callers: tuple[str, ...], groups: str) -> None:
    """Say of whom IAM principals (ARNs of users and roles) and API keys (their ids) are.

    A caller is of one tenant: the last word counts. A role is meant with all of its sessions.
    """
    _tenants(client).assign(name, callers, [each for each in groups.split(",") if each])
    click.echo(f"{counted(len(callers), 'caller')} assigned to {name}")


@tenant.command(cls=ClientCommand)
@click.argument("name")
@click.option("--yes", is_flag=True, help="do not ask")
@click.option("--json", "as_json", is_flag=True, help="print what is left as JSON")
@click.pass_obj
def rm(client: Client, name: str, yes: bool, as_json: bool) -> None:
    """Remove a tenant for good: every version of its files, and all that was made of them.

    Its bytes cannot be brought back. Traces in Langfuse are not removed. Exit code 1 if anything is
    left because of uploads on the way: run it again.
    """
    removal = _tenants(client).removal(name)
    if not yes:
        there = as_text(removal.counts)
        click.confirm(f"{there}\nRemove all of this of {name} for good?", abort=True, err=True)
    left = removal.run()
    click.echo(as_text(left) if as_json else "\n".join(f"{left[k]:>7,} {k}" for k in left))
    if not as_json:
        click.echo(
            "traces in Langfuse are not removed: delete those tagged or filtered by it there"
        )
    sys.exit(1 if any(left.values()) else 0)


def _tenants(client: Client) -> Any:
    from local.tenants import Tenants

    return Tenants(client)


COMMANDS = (tenant,)
