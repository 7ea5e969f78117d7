"""`askbucket import`: another bucket's objects into this one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from local.client_command import ClientCommand, as_text
from local.counting import counted
from local.terminal import one_line, say

if TYPE_CHECKING:
    from local.client import Client
    from local.importing import Imported

MIB = 1024 * 1024


@click.command("import", cls=ClientCommand)
@click.argument("source")
@click.option("--prefix", default="", help="put before every key")
@click.option("--dry-run", is_flag=True, help="count objects and bytes, copy nothing")
@click.option("--json", "as_json", is_flag=True, help="print the counts as JSON")
@click.pass_obj
def import_(client: Client, source: str, prefix: str, dry_run: bool, as_json: bool) -> None:
    """Copy the objects of SOURCE, a BUCKET or BUCKET/PREFIX, into this stack's bucket.

    S3 copies them itself, with metadata and tags. What an earlier run brought in is left as it is.
    Exit code 1 if an object could not be copied.
    """
    bucket, _, under = source.removeprefix("s3://").partition("/")
    if not bucket:
        raise click.UsageError(f"{source!r} names no bucket; write BUCKET or BUCKET/PREFIX")
    if bucket == client.target.bucket:
        raise click.UsageError(f"{bucket} is this stack's own bucket")
    found = client.objects(bucket, under, prefix)
    if dry_run:
        size = sum(each.size for each in found)
        told: dict[str, Any] = {"objects": len(found), "bytes": size}
        plain = f"{counted(len(found), 'object')}, {size / MIB:,.1f} MiB"
        click.echo(as_text(told) if as_json else plain)
        return
    with _bar(len(found)) as bar:
        done = client.bring_in(bucket, found, lambda _: bar.update(1))
    click.echo(as_text(_told(done))) if as_json else say(_shown(done))
    if done.refused:
        sys.exit(1)


def _bar(length: int) -> Any:
    """A progress bar on a terminal, on standard error so that output can be redirected."""
    return click.progressbar(
        length=length, label="importing", file=sys.stderr, hidden=not sys.stderr.isatty()
    )


def _told(done: Imported) -> dict[str, Any]:
    counts = {str(outcome): count for outcome, count in done.objects.items()}
    return counts | {"bytes": done.bytes, "refusals": done.refused}


def _shown(done: Imported) -> str:
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in done.objects.items())
    refusals = [
        f"refused   {one_line(key)}\n          {why}" for key, why in sorted(done.refused.items())
    ]
    return "\n".join([*refusals, f"{counts} ({done.bytes / MIB:,.1f} MiB)"])
