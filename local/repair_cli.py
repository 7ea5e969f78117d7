"""Commands for when something is wrong: sweep, reindex, redrive, doctor."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from local.client_command import ClientCommand, as_text
from local.counting import counted
from local.doctor import diagnose
from local.terminal import say

if TYPE_CHECKING:
    from local.client import Client


@click.command(cls=ClientCommand)
@click.option("--json", "as_json", is_flag=True, help="print the counts as JSON")
@click.pass_obj
def sweep(client: Client, as_json: bool) -> None:
    """Compare bucket, manifest and index now, and repair what differs."""
    _show(client.sweep(), as_json)


@click.command(cls=ClientCommand)
@click.option("--prefix", default="", help="only keys that begin so")
@click.option("--json", "as_json", is_flag=True, help="print the counts as JSON")
@click.pass_obj
def reindex(client: Client, prefix: str, as_json: bool) -> None:
    """Index anew what was indexed by an older recipe.

    A recipe is reader, chunk size, embedder and, of scans, what OCR looks for beside text. Pages
    come from what was kept: only scans that are to be read for something else go to OCR again.
    Answers use the old index until the new one of a document is complete.
    """
    _show(client.sweep(prefix), as_json)


@click.command(cls=ClientCommand)
@click.pass_obj
def redrive(client: Client) -> None:
    """Put what ended in the dead-letter queues back to work."""
    moved = client.redrive()
    click.echo(f"{counted(moved, 'message')} put back" if moved else "no message is waiting there")


@click.command(cls=ClientCommand)
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="print the diagnosis as JSON")
@click.pass_obj
def doctor(client: Client, key: str, as_json: bool) -> None:
    """Tell what a document waits for, and what to do.

    Exit code 1 if it needs help.
    """
    document = client.document(key)
    detail = client.details(document["id"]) if document else None
    now = time.time_ns() // 1_000_000
    found = diagnose(detail, client.bucket_version(key), client.waiting_hints(), now)
    if as_json:
        click.echo(as_text({"document": key, **asdict(found)}))
    else:
        say(f"step    {found.step}\ncause   {found.cause}\naction  {found.action}")
        for step in detail["steps"] if detail else ():
            stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(step["at"] / 1000))
            say(f"        {stamp}  {step['step']}: {step['detail']}")
    sys.exit(0 if found.healthy else 1)


def _show(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(as_text(found))
        return
    deleted = found["deleted_generations"]
    leftovers = f", {counted(deleted, 'leftover')} deleted" if deleted else ""
    click.echo(f"{counted(found['keys'], 'key')} looked at{leftovers}")
    for reason, count in found["hinted"].items():
        click.echo(f"{count:,} to be indexed again: {reason}")
    if not found["hinted"]:
        click.echo("nothing to be indexed again")


COMMANDS = (sweep, reindex, redrive, doctor)
