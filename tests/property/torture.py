"""Thousands of histories of the real code, and every rival until it is caught: `make torture`.

Prints in how many histories readers were wrong in which way; exits with 1 where the real code was,
or a rival was not. A seed replays its history: `--replay SEED`.
"""

# ruff: noqa: T201  (a command that prints a table)

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.property import chance, directed
from tests.property.history import History, moto_on
from tests.property.judge import WRONGS
from tests.property.rivals import RIVALS
from tests.property.variant import Variant

MOST_RIVAL_HISTORIES = 200
FOR_GOOD = ExitStack()  # never left: the process ends with it
SEEDS_APART = 1_000_000  # histories of one --seed
HEADS = ("histories", *WRONGS, "broken")


@dataclass(slots=True)
class Result:
    """What one history came to, in what can cross between processes."""

    name: str
    wrongs: tuple[str, ...]
    happened: Counter[str]
    first: str = ""


@dataclass(slots=True)
class Row:
    """Histories of one variant, in how many of them what was wrong, and the first of them."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    caught: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        self.counts.update(("histories", *result.wrongs))
        self.happened.update(+Counter(dict.fromkeys(+result.happened, 1)))
        if result.wrongs:
            self.caught.append(result)


def result_of(name: str, variant: Variant, history: str | int) -> Result:
    """The history of a seed, or a directed one by its name."""
    try:
        played = (
            directed.play(history, variant)
            if isinstance(history, str)
            else chance.play(history, variant)
        )
    except Exception as error:  # noqa: BLE001  (counted; a replay raises it)
        return Result(name, ("broken",), Counter(), repr(error))
    wrongs = tuple(wrong for wrong in WRONGS if played.judge.wrongs[wrong])
    return Result(name, wrongs, played.happened, played.judge.first)


def caught(rival: Variant, seeds: Iterable[int]) -> Row:
    """The rival until something is wrong: in its directed history if it has one, else by seeds."""
    row = Row(rival.name)
    for history in [rival.schedule] if rival.schedule else seeds:
        row.add(result_of(str(history), rival, history))
        if row.caught and row.caught[-1].wrongs != ("broken",):
            break
    return row


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    if options.replay is not None:
        return _replay(options.replay, options.rival)
    began = time.monotonic()
    first = options.seed * SEEDS_APART
    print(" " * 34 + "".join(f"{head:>12}" for head in HEADS))
    rule = Row(Variant.name)
    with multiprocessing.Pool(options.jobs, _moto_for_good) as pool:
        for result in pool.imap_unordered(_of_the_rule, range(first, first + options.histories)):
            rule.add(result)
            for wrong in result.wrongs:
                print(f"{wrong}: --replay {result.name}: {result.first}", file=sys.stderr)
        print(_line(rule), flush=True)
        rivals = list(_shown(pool.imap(_of_a_rival, ((n, first) for n in range(len(RIVALS))))))
    seconds = time.monotonic() - began
    print(
        "\nhistories of the rule with",
        ", ".join(f"{k} {v}" for k, v in sorted(rule.happened.items())),
    )
    print(f"seeds {first} to {first + options.histories - 1}, {seconds:.0f} s")
    missed = [row.name for row in rivals if not any(row.counts[wrong] for wrong in WRONGS)]
    for name in missed:
        print(f"not caught: {name}", file=sys.stderr)
    return 1 if rule.caught or missed else 0


def _shown(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        by = f"  {row.caught[-1].name}" if row.caught else "  not caught"
        print(_line(row) + by, flush=True)
        yield row


def _line(row: Row) -> str:
    return f"{row.name:<34}" + "".join(f"{row.counts[head]:>12}" for head in HEADS)


def _of_the_rule(seed: int) -> Result:
    return result_of(str(seed), Variant(), seed)


def _of_a_rival(work: tuple[int, int]) -> Row:
    number, first = work
    return caught(RIVALS[number](), itertools.islice(itertools.count(first), MOST_RIVAL_HISTORIES))


def _moto_for_good() -> None:
    FOR_GOOD.enter_context(moto_on())


def _replay(seed: int, rival: str) -> int:
    variant = next((each for each in RIVALS if each.name == rival), Variant)()
    histories: list[History] = []
    with moto_on():
        try:
            chance.play(seed, variant, histories.append)
        finally:
            print("\n".join(histories[0].log))
    print(dict(histories[0].judge.wrongs), histories[0].judge.first)
    return 1 if histories[0].judge.wrongs else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.property.torture", description=__doc__)
    parser.add_argument("--histories", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--replay", type=int, metavar="SEED", help="play this one, and tell it")
    parser.add_argument("--rival", default="", help="the rival to replay, by its name in the table")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
