"""A stack's tenants, seen and taken away by its operator, with the functions' own settings."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from botocore.exceptions import BotoCoreError, ClientError

from askbucket import wiring, wiring_chat, wiring_ingest
from askbucket.clock import Deadline, now_ms
from askbucket.errors import AskbucketError
from askbucket.ingest.removal import Left, Removal
from askbucket.ownership import NOBODY, TENANT_RULE, is_tenant
from askbucket.s3 import S3
from local.client import Client
from local.emulator import CREDENTIALS
from local.target import ClientFailed

PASSES = 20  # over everything, while others are at work
PAUSE_SECONDS = 2.0  # for their events to come in
LIST_PAGE = 500


class Tenants:
    """Raises ClientFailed."""

    def __init__(self, client: Client) -> None:
        """The process works as one of the stack's functions from here on."""
        self._client = client
        if client.target.aws_endpoint:
            os.environ.update(CREDENTIALS, AWS_ENDPOINT_URL=client.target.aws_endpoint)
        os.environ.update(environment_of(client.target.outputs))

    def counts(self) -> dict[str, int]:
        """How many documents each tenant has, by name; those of nobody under a blank one."""
        counts: Counter[str] = Counter()
        cursor = None
        while True:
            page = wiring.manifest().list(wiring.settings().bucket, limit=LIST_PAGE, cursor=cursor)
            counts.update(entry.tenant or NOBODY for entry in page.entries)
            cursor = page.cursor
            if cursor is None:
                return dict(sorted(counts.items()))

    def assign(self, tenant: str, callers: Sequence[str], groups: Sequence[str]) -> None:
        if not is_tenant(tenant):
            raise ClientFailed(f"{tenant!r} cannot be a tenant: {TENANT_RULE}")
        try:
            for caller in callers:
                wiring.callers().assign(caller, tenant, groups)
        except AskbucketError as error:
            raise ClientFailed(str(error)) from error

    def removal(self, tenant: str) -> Leaving:
        """Nothing is removed yet."""
        try:
            return Leaving(removal_of(tenant), self._client.followed_hints)
        except AskbucketError as error:
            raise ClientFailed(str(error)) from error


def environment_of(outputs: Mapping[str, str]) -> dict[str, str]:
    """The settings of the query and ingest functions."""
    try:
        names = [outputs[each] for each in ("QueryFunction", "IngestFunction")]
        told = [wiring.client("lambda").get_function_configuration(FunctionName=n) for n in names]
    except KeyError as error:
        raise ClientFailed(
            "this needs a stack's outputs: name a deployed one by --stack, or a running local one "
            "by --data"
        ) from error
    except (ClientError, BotoCoreError) as error:
        raise ClientFailed(f"the functions cannot be looked up: {error}") from error
    found = (each["Environment"]["Variables"].items() for each in told)
    return {k: v for each in found for k, v in each if k.startswith("ASKBUCKET_")}


class Leaving:
    """A tenant's removal, repeated until nothing is left and nobody is at work any more."""

    def __init__(
        self,
        removal: Removal,
        followed: Callable[[], int],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._removal = removal
        self._followed = followed
        self._pause = pause

    @property
    def counts(self) -> dict[str, int]:
        return asdict(self._removal.left())

    def run(self) -> dict[str, int]:
        """What is left, by kind: zeros, unless uploads went on all the while."""
        try:
            return asdict(self._repeated())
        except AskbucketError as error:
            raise ClientFailed(f"{error}; run it again: it goes on from here") from error

    def _repeated(self) -> Left:
        """Whoever follows a hint now may have looked at the bucket before: so the last look comes
        after that, if it ends in time. A hint that waits finds nothing, and leaves nothing."""
        left = self._removal.run()
        for _ in range(PASSES):
            self._pause(PAUSE_SECONDS)
            idle = self._followed() == 0
            left = self._removal.left()
            if left.nothing and idle:
                return left
            left = self._removal.run()
        return left


def removal_of(tenant: str) -> Removal:
    """Of the parts that wiring chooses. Raises CallerError."""
    of = wiring.settings()
    return Removal(
        tenant,
        ownership=wiring.ownership(),
        objects=S3(wiring.client("s3"), of.bucket),
        artifacts=wiring.artifacts(),
        manifest=wiring.manifest(),
        store=wiring.store(),
        answering=wiring_chat.kept_of_tenants(),
        sync=lambda key: wiring_ingest.sync()(key, Deadline(now_ms() + 300_000, now_ms)),
    )
