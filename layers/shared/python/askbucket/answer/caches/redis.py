"""Kept replies in Redis, Valkey, or whatever else speaks their protocol."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from askbucket.answer.records import RecordKey
from askbucket.errors import TryAgain
from askbucket.log import event as log

T = TypeVar("T")
WAIT_SECONDS = 0.2  # for the connection, and for each reply
PATIENT_SECONDS = 10.0  # where an answer matters more than the time it takes
SCAN_PAGE = 1000
REST_SECONDS = 10.0  # after a wait in vain nobody waits for so long


def connected(
    url: str, username: str | None, password: str | None, wait_seconds: float = WAIT_SECONDS
) -> Redis:
    """A client that asks once and waits briefly; nothing is connected to yet."""
    given = {"username": username, "password": password}
    return Redis.from_url(
        url,
        socket_timeout=wait_seconds,
        socket_connect_timeout=wait_seconds,
        retry=Retry(NoBackoff(), 0),
        **{name: value for name, value in given.items() if value},
    )


class RedisCache:
    """Over a client of ours; keys begin with `askbucket:`."""

    def __init__(
        self, client: Redis, hours: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client: Any = client
        self._seconds = hours * 3600
        self._clock = clock
        self._resting_until = float("-inf")

    def get(self, tenant: str, name: str) -> str | None:
        found = self._try(lambda: self._client.get(_key(tenant, name)))
        return found.decode("utf-8", "replace") if isinstance(found, bytes) else None

    def put(self, tenant: str, name: str, text: str) -> None:
        self._try(lambda: self._client.set(_key(tenant, name), text, ex=self._seconds))

    def _try(self, call: Callable[[], T]) -> T | None:
        """What the call returns; None where it fails, or one did a moment ago."""
        if self._clock() < self._resting_until:
            return None
        try:
            return call()
        except (RedisError, OSError) as error:
            self._resting_until = self._clock() + REST_SECONDS
            log("cache_missed", error=repr(error))
            return None


class RedisReplies:
    """A tenant's replies, for its removal, over a patient client. Raises TryAgain."""

    def __init__(self, client: Redis) -> None:
        self._client: Any = client

    def count(self, tenant: str) -> int:
        return len(self._keys(tenant))

    def clear(self, tenant: str) -> None:
        """One by one: keys of a cluster lie on different nodes."""
        for key in self._keys(tenant):
            self._asked(partial(self._client.delete, key))

    def _keys(self, tenant: str) -> set[bytes]:
        """A scan may name a key twice; what is quoted in a tenant's name means nothing to it."""
        pattern = _key(tenant, "*")
        return self._asked(lambda: set(self._client.scan_iter(match=pattern, count=SCAN_PAGE)))

    def _asked(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except (RedisError, OSError) as error:
            raise TryAgain(f"kept replies cannot be looked up in Redis: {error}") from error


def _key(tenant: str, name: str) -> str:
    return f"askbucket:{RecordKey('reply', tenant, name).id}"
