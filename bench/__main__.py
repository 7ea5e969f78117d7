"""`python -m bench`: every benchmark in one table. Exit code 1 where a limit is exceeded.

Times depend on the machine and on what else it does; run it on a quiet one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from bench import imports, layers, memory, reading, search, store
from bench.measured import Row, as_text

PARTS: dict[str, tuple[str, Callable[[], list[Row]]]] = {
    "store": ("Hybrid query, 20,000 points x 384 dimensions + sparse", store.rows),
    "search": ("A /search request", search.rows),
    "reading": ("Reading, CPU for each page", reading.rows),
    "memory": ("Memory of indexing, 1,024 dimensions", memory.rows),
    "imports": ("Import CPU of a cold start", imports.rows),
    "layers": ("Size of a function with its layers, unzipped", layers.rows),
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(PARTS)))
def main(names: tuple[str, ...]) -> None:
    """Measure all, or only the parts named."""
    over = False
    click.echo(f"{'':45}{'p50':>12}{'p95':>12}")
    for name in names or PARTS:
        title, rows = PARTS[name]
        found = rows()
        click.echo(as_text(title, found))
        over = over or any(row.over for row in found)
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()
