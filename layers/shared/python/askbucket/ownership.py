"""Whose a document is, and who of them may see it: told by its key, its labels and two settings.

A tenant never comes from a request: a document's is in its key, a caller's in the identity that the
gateway verified. Groups narrow a document down within its tenant. Both stand in every point, as
the store's filter, and in the manifest, as the reader's check; either alone would be enough.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from askbucket.entry import Entry
from askbucket.errors import Forbidden, UnreadableDocument
from askbucket.models import DEFAULT_TENANT
from askbucket.stores.port import Filter, TenantFilter

Tenants = Literal["single", "prefix"]

NOBODY = ""  # whose a document is that no tenant's prefix begins; no caller can be it
TENANT_RULE = "1 to 64 of a-z, 0-9, `.`, `_` and `-`, but neither `.` nor `..`"
_TENANT = re.compile(r"(?!\.{1,2}$)[a-z0-9._-]{1,64}")
_BETWEEN = re.compile(r"[,\s]+")  # a tag cannot hold a comma


def is_tenant(name: str) -> bool:
    """Whether a tenant can be called so, and be the first segment of a key."""
    return _TENANT.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Rights:
    """What a caller may see: documents of one tenant and, of those, its groups'.

    `groups` are marks as documents carry them (see Ownership); None where groups do not count.
    """

    tenant: str
    groups: tuple[str, ...] | None = None

    def filter(self, within: Filter) -> TenantFilter:
        """What of `within` a search may find."""
        return TenantFilter(self.tenant, within, self.groups)

    def admit(self, entry: Entry) -> bool:
        """Whether the caller may see what was last committed of a document."""
        return entry.tenant == self.tenant and self._share(entry.groups)

    def know(self, entry: Entry) -> bool:
        """Whether the caller may know that there is the document: whoever must not see what it
        holds, or what is being made of it now, must not. One of unknown groups is nobody's."""
        if self.groups is None:
            return self.admit(entry)
        committed = (entry.groups,) if entry.fingerprint is not None else ()
        coming = (entry.coming,) if entry.coming is not None else ()
        known = (*committed, *coming)
        return entry.tenant == self.tenant and bool(known) and all(map(self._share, known))

    def _share(self, groups: Sequence[str]) -> bool:
        return self.groups is None or not set(self.groups).isdisjoint(groups)


@dataclass(frozen=True, slots=True)
class Ownership:
    """The two settings, and what they make of keys, labels and callers.

    A document is marked `label=group` for each of its groups, or `label=` where it names none, and
    every caller has that mark too: so marks made by another label, or by none, open nothing.
    """

    tenants: Tenants = "single"
    groups_label: str = ""

    def tenant_of(self, key: str) -> str:
        """The tenant whose a key is, or NOBODY."""
        if self.tenants == "single":
            return DEFAULT_TENANT
        first, slash, rest = key.partition("/")
        return first if slash and rest and is_tenant(first) else NOBODY

    def require_tenant(self, key: str) -> None:
        """Raises UnreadableDocument for a key that is nobody's."""
        if self.tenant_of(key) == NOBODY:
            raise UnreadableDocument(
                "its key names no tenant: with ASKBUCKET_TENANTS=prefix it is what stands before "
                f"the first slash, {TENANT_RULE}, as in acme/report.pdf"
            )

    def tenant_named(self, claim: str) -> str:
        """The tenant of a caller whose verified identity claims this one.

        Raises Forbidden for a claim that cannot be one.
        """
        if self.tenants == "single":
            return DEFAULT_TENANT
        if not is_tenant(claim):
            raise Forbidden(
                f"your identity names the tenant {claim[:80]!r}, which none can be: a tenant is "
                f"{TENANT_RULE}; the operator names yours, by a claim or `askbucket tenant assign`"
            )
        return claim

    def prefix_of(self, tenant: str) -> str:
        """What all keys of a tenant begin with; blank where there is one tenant."""
        return "" if self.tenants == "single" else f"{tenant}/"

    def narrowed(self, tenant: str, prefix: str) -> str | None:
        """The part of a prefix that is the tenant's; None where none is."""
        own = self.prefix_of(tenant)
        if prefix.startswith(own):
            return prefix
        return own if own.startswith(prefix) else None

    def groups_of(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """The marks of a document with these labels, sorted; none where groups do not count.

        A label without a single name in it is for nobody.
        """
        if not self.groups_label:
            return ()
        if self.groups_label not in labels:
            return (self._mark(""),)
        names = filter(None, _BETWEEN.split(labels[self.groups_label]))
        return tuple(sorted(set(map(self._mark, names))))

    def rights(self, tenant: str, groups: Collection[str]) -> Rights:
        """What a caller of this tenant, in these groups, may see."""
        if not self.groups_label:
            return Rights(tenant)
        return Rights(tenant, tuple(sorted({self._mark(name) for name in ("", *groups)})))

    @property
    def recipe(self) -> str:
        """The part of documents' recipe that a change of the settings changes; often blank."""
        tenants = "" if self.tenants == "single" else f"|tenants:{self.tenants}"
        return tenants + (f"|groups:{self.groups_label}" if self.groups_label else "")

    def _mark(self, group: str) -> str:
        return f"{self.groups_label}={group}"


ONE_TENANT = Ownership()
