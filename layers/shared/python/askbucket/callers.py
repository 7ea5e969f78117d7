"""Which tenant and groups a caller is of whom no token tells: IAM principals and API keys.

One item a caller in the answers table, written by `askbucket tenant assign`: `id`
("caller#<name>"), `tenant` (of the table's index), `kind` and `groups`. It does not expire. A role
is named without its session, whose name is up to whoever assumes it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from askbucket.errors import TryAgain

KIND = "caller"
_ROLE = re.compile(r"arn:([a-z-]+):iam::(\d{12}):role/(?:.*/)?([^/]+)")
_SESSION = re.compile(r"(arn:[a-z-]+:sts::\d{12}:assumed-role/[^/]+)/.+")


@dataclass(frozen=True, slots=True)
class Assigned:
    """What a caller was assigned to."""

    tenant: str
    groups: frozenset[str]


class Callers:
    """The assignments. Raises TryAgain on any service fault."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def get(self, subject: str) -> Assigned | None:
        """What the gateway's subject is assigned to, read consistently; None for nothing."""
        reply = self._call("get_item", Key={"id": _id_of(subject)}, ConsistentRead=True)
        item = reply.get("Item")
        return Assigned(item["tenant"], frozenset(item["groups"])) if item else None

    def assign(self, subject: str, tenant: str, groups: Collection[str] = ()) -> None:
        """Puts the caller there, and nowhere else any more."""
        item = {"id": _id_of(subject), "tenant": tenant, "kind": KIND, "groups": sorted(groups)}
        self._call("put_item", Item=item)

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        try:
            reply: dict[str, Any] = getattr(self._table, operation)(**request)
        except (ClientError, BotoCoreError) as error:
            raise TryAgain(f"the answers table refused {operation}: {error}") from error
        return reply


def name_of(subject: str) -> str:
    """A caller's name: a role's ARN as its sessions show it, without the session; else itself."""
    role = _ROLE.fullmatch(subject)
    if role:
        return "arn:{}:sts::{}:assumed-role/{}".format(*role.groups())
    session = _SESSION.fullmatch(subject)
    return session.group(1) if session else subject


def _id_of(subject: str) -> str:
    return f"{KIND}#{name_of(subject)}"
