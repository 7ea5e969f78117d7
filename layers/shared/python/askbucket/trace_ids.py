"""Trace ids that prove whose answer they belong to, so that feedback needs no memory of answers."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime

from askbucket.clock import Clock, now_ms

TIME_DIGITS = 8  # of 32 hex digits: when it was made, in seconds since 1970
RANDOM_DIGITS = 12
MAC_DIGITS = 12


class TraceIds:
    """Makes ids of the time, random digits, and a mac over both and the tenant.

    The mac has 48 bits: whoever tries to score an answer that was not theirs has to guess it
    through the API, one request at a time.
    """

    def __init__(self, secret: str, clock: Clock = now_ms) -> None:
        self._key = hashlib.sha256(f"trace ids {secret}".encode()).digest()
        self._clock = clock

    def new(self, tenant: str) -> str:
        """32 hex digits that nobody else can make for this tenant."""
        digits = f"{self._clock() // 1000:0{TIME_DIGITS}x}{secrets.token_hex(RANDOM_DIGITS // 2)}"
        return digits + self._mac(digits, tenant)

    def issued(self, trace_id: str, tenant: str) -> datetime | None:
        """When `new` made the id for this tenant; None where it did not."""
        digits, mac = trace_id[:-MAC_DIGITS], trace_id[-MAC_DIGITS:]
        if not hmac.compare_digest(mac.encode(), self._mac(digits, tenant).encode()):
            return None
        return datetime.fromtimestamp(int(digits[:TIME_DIGITS], 16), UTC)

    def _mac(self, digits: str, tenant: str) -> str:
        mac = hashlib.blake2b(f"{digits} {tenant}".encode(), key=self._key)
        return mac.hexdigest()[:MAC_DIGITS]
