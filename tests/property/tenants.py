"""Random questions of random callers while tenants with near-equal documents overwrite and delete.

Every text ends in whose it is, so a hit tells by itself whether its reader may see it, whatever
points and manifest say. Callers ask between any two calls of a worker, too.

`python -m tests.property.tenants` asks 10,000 questions of the real code and of its broken
variants, and prints how many hits leaked.
"""

# ruff: noqa: T201  (a command that prints a table)

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from askbucket.answer.question import Scope
from askbucket.answer.retrieval import Retriever
from askbucket.answer.visibility import VisibleSearch
from askbucket.clock import Deadline
from askbucket.entry import Entry
from askbucket.models import Hit, SparseVector
from askbucket.ownership import Ownership, Rights
from askbucket.stores.port import Filter, TenantFilter
from evals.memory_store import MemoryStore
from tests.property.history import moto_on
from tests.property.memory_s3 import MemoryS3
from tests.unit.ingest.parts import BUCKET, INVOCATION_MS, TABLE, World, clients, make_table
from tests.unit.ingest.scripted_textract import ScriptedTextract

TENANTS = ("acme", "acme-2", "globex", "a.b", "default")
GROUPS = ("hr", "board", "hr-2")
NAMES = ("report.txt", "acme/lease.txt")
OWNER = re.compile(r"of ([a-z0-9.-]+) for ([a-z0-9 -]+)$")
QUESTIONS = ("what is the rent", "acme report", "rent lease 577", "euros of globex for board")
CHANGES_PER_QUESTIONS = 20


class Unfiltered(MemoryStore):
    """Finds points of everybody, as a store whose filter is broken does."""

    def search(
        self, dense: Sequence[float], sparse: SparseVector, matching: TenantFilter, limit: int
    ) -> tuple[list[Hit], list[Hit]]:
        return super().search(dense, sparse, cast(TenantFilter, _Everybody(matching.within)), limit)


@dataclass(frozen=True)
class _Everybody:
    whole: Filter


class _Trusting(Rights):
    """Takes the store's word."""

    def admit(self, entry: Entry) -> bool:  # noqa: ARG002
        return True


class Unchecked(Ownership):
    """Owners are told as ever, but the reader's check does not look at them."""

    def rights(self, tenant: str, groups: Any) -> Rights:
        told = Ownership.rights(self, tenant, groups)
        return _Trusting(told.tenant, told.groups)


@dataclass(slots=True)
class Tally:
    """What came of the questions."""

    questions: int = 0
    hits: int = 0
    leaks: list[str] = field(default_factory=list)


class Town:
    """Tenants, their documents, and everybody's questions, all drawn from one seed."""

    def __init__(self, world: World, ownership: Ownership, seed: int) -> None:
        self._world = world
        self._chance = random.Random(seed)  # noqa: S311  (repeatable on purpose)
        self._ownership = ownership
        world.ownership = ownership
        search = VisibleSearch(world.store, world.manifest, world.clock)
        self._retriever = Retriever(
            search=search,
            manifest=world.manifest,
            embedder=world.embedder,  # type: ignore[arg-type]
            bucket=BUCKET,
            dense_weight=0.5,
            foreign_dense_weight=0.5,
            candidates=12,
            ownership=ownership,
        )
        self._most = 0
        self.tally = Tally()

    def live(self, questions: int) -> Tally:
        """Asks that many questions, most of them while something changes."""
        for tenant in TENANTS:
            for name in NAMES:
                self._put(f"{tenant}/{name}", tenant)
        self._most = questions
        while self.tally.questions < questions:
            self._change()
            self._world.clock.at += 5000
            for _ in range(CHANGES_PER_QUESTIONS):
                self._ask()
        return self.tally

    def _change(self) -> None:
        tenant = self._chance.choice(TENANTS)
        key = f"{tenant}/{self._chance.choice(NAMES)}"
        if self._chance.random() < 0.25:
            self._world.remove(key)
        else:
            return self._put(key, tenant)
        return self._sync(key)

    def _put(self, key: str, tenant: str) -> None:
        groups = self._chance.sample(GROUPS, self._chance.choice((0, 0, 1, 2)))
        rent = self._chance.choice(("577", "578"))
        text = f"The acme report: rent of the lease is {rent} euros of {tenant} for "
        labels = {"groups": ",".join(groups)} if groups else {}
        self._world.put(key, text + (" ".join(groups) or "all"), labels)
        self._sync(key)

    def _sync(self, key: str) -> None:
        def step(name: str) -> None:
            if self._chance.random() < 0.3:
                self._ask()

        deadline = Deadline(self._world.clock() + INVOCATION_MS, self._world.clock)
        self._world.worker(step)(key, deadline)

    def _ask(self) -> None:
        if self.tally.questions >= self._most:
            return
        tenant = self._chance.choice((*TENANTS, "nobody-yet"))
        groups = frozenset(self._chance.sample(GROUPS, self._chance.choice((0, 1, 2))))
        self.tally.questions += 1
        question = self._chance.choice(QUESTIONS)
        hits = self._retriever(
            question, scope=self._scope(), tenant=tenant, groups=groups, top_k=10
        )
        self.tally.hits += len(hits)
        for hit in hits:
            if not may_see(tenant, groups, hit.text):
                self.tally.leaks.append(f"{tenant} in {sorted(groups)} saw {hit.text!r}")

    def _scope(self) -> Scope:
        """Often one that names what is somebody else's."""
        key = f"{self._chance.choice(TENANTS)}/{self._chance.choice(NAMES)}"
        prefix = key[: self._chance.randrange(1, len(key))]
        return self._chance.choice((Scope(), Scope((prefix,)), Scope(document=key)))


def may_see(tenant: str, groups: frozenset[str], text: str) -> bool:
    """By the text's own word."""
    owner = OWNER.search(text)
    assert owner is not None, text
    allowed = owner[2].split()
    return owner[1] == tenant and (allowed == ["all"] or bool(groups.intersection(allowed)))


VARIANTS: dict[str, tuple[type[MemoryStore], type[Ownership]]] = {
    "filter and check": (MemoryStore, Ownership),
    "check alone": (Unfiltered, Ownership),
    "filter alone": (MemoryStore, Unchecked),
    "neither": (Unfiltered, Unchecked),
}


def played(variant: str, questions: int, seed: int = 0) -> Tally:
    """What came of so many questions in a town of that variant; needs moto to be on."""
    store, ownership = VARIANTS[variant]
    s3, (_, dynamodb, _) = MemoryS3(), clients()
    make_table(dynamodb)
    world = World(s3, dynamodb, None, store(), ScriptedTextract(s3))  # type: ignore[arg-type]
    try:
        return Town(world, ownership("prefix", "groups"), seed).live(questions)
    finally:
        dynamodb.Table(TABLE).delete()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--variant", choices=VARIANTS, help="only this one")
    asked = parser.parse_args()
    print(f"{'variant':<18}{'questions':>10}{'hits':>10}{'leaked':>8}")
    with moto_on():
        for variant in [asked.variant] if asked.variant else VARIANTS:
            tally = played(variant, asked.questions, asked.seed)
            print(f"{variant:<18}{tally.questions:>10,}{tally.hits:>10,}{len(tally.leaks):>8,}")


if __name__ == "__main__":
    main()
