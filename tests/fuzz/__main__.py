"""`make fuzz`: thousands of requests to the API; exit code 1 and every fault where one is found."""

from __future__ import annotations

import secrets
import sys
import tempfile
from pathlib import Path

import click

from tests.fuzz.backend import running
from tests.fuzz.requests import faults


@click.command()
@click.option("--requests", default=5000, show_default=True)
@click.option("--seed", type=int, help="of an earlier run, to repeat it")
def main(requests: int, seed: int | None) -> None:
    """Ask what nobody would, and hold every reply against the OpenAPI document."""
    seed = secrets.randbelow(2**32) if seed is None else seed
    click.echo(f"{requests} requests, --seed {seed}")
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as app:
        found = faults(app, requests, seed)
    for fault in found:
        click.echo(f"\n{fault}")
    told = ", ".join(f"{status}: {count:,}" for status, count in sorted(app.statuses.items()))
    click.echo(f"{app.statuses.total():,} replies ({told}), {len(found)} faults")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
