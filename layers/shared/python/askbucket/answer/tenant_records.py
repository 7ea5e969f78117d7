"""All of a tenant in the answers table: sessions, replies, questions, callers, counted calls."""

from __future__ import annotations

from askbucket.answer.queued.questions import KIND
from askbucket.answer.records import Records


class TenantRecords:
    """Counts and clears it. Raises TryAgain."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def count(self, tenant: str) -> int:
        return sum(1 for _ in self._records.ids_of(tenant))

    def clear(self, tenant: str) -> None:
        """All but questions that are being answered now, whose worker may still keep a reply or a
        turn of a session: they go once it is done, or its lease is over."""
        for each in list(self._records.ids_of(tenant)):
            if not (each.startswith(f"{KIND}#") and self._records.is_held(each)):
                self._records.remove(each)
