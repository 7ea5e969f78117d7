"""The bucket's part of a history: what is put into it and taken out of it."""

from __future__ import annotations

from collections import Counter

from tests.property.judge import Judge
from tests.property.variant import Message
from tests.unit.ingest.files import image
from tests.unit.ingest.parts import BUCKET, World
from tests.unit.ingest.scripted_textract import text_of_shade

UNREADABLE = b"PK\x03\x04 a zip archive"


class Changes:
    """The moves that change the bucket. Each returns the event that the bucket would tell."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.judge = Judge()
        self.happened: Counter[str] = Counter()
        self.log: list[str] = []  # every move, for whoever replays it
        self.keys: dict[str, None] = {}  # every key that was ever changed
        self._bodies: dict[bytes, tuple[str, ...]] = {UNREADABLE: ()}
        self._events = 0

    def note(self, move: str) -> None:
        self.log.append(f"{self.world.clock()} {move}")

    def body(self, key: str, size: int) -> bytes:
        """A body nobody has seen before, of so many chunks; a scan where the key is one."""
        number = len(self._bodies)
        if key.endswith(".tiff"):
            shades = [(number * 7 + page) % 256 for page in range(min(size, 3))]
            made = image(shades, "TIFF")
            self._bodies[made] = tuple(text_of_shade(shade) for shade in shades)
            return made
        rows = [f"harbour log {number} row {row} {'of the ship ' * 6}" for row in range(size)]
        made = "\n".join(row.strip() for row in rows).encode()
        self._bodies[made] = self.world.chunks_of(made.decode())
        return made

    def put(self, key: str, body: bytes, **metadata: str) -> Message:
        self.world.s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=metadata)
        return self._changed(key, gone=False)

    def remove(self, key: str) -> Message:
        """Adds a delete marker."""
        self.world.s3.delete_object(Bucket=BUCKET, Key=key)
        return self._changed(key, gone=True)

    def remove_newest(self, key: str) -> Message | None:
        """Removes the newest version for good: of a delete marker, an undelete."""
        versions = self.world.s3.versions(BUCKET, key)
        if not versions:
            return None
        self.happened["undeletes"] += versions[-1].body is None
        self.world.s3.delete_object(Bucket=BUCKET, Key=key, VersionId=versions[-1].id)
        return self._changed(key, gone=True)

    def current(self, key: str) -> bytes | None:
        found = self.world.s3.current(BUCKET, key)
        return found.body if found else None

    def texts(self, body: bytes) -> tuple[str, ...]:
        """The chunks of a body."""
        return self._bodies[body]

    def _changed(self, key: str, *, gone: bool) -> Message:
        self.keys[key] = None
        self._events += 1
        body = self.current(key)
        self.note(f"{key} holds {len(self._bodies[body]) if body is not None else 'nothing'}")
        self.judge.holds(key, self._bodies[body] if body is not None else ())
        versions = self.world.s3.versions(BUCKET, key)
        return Message(
            key,
            gone=gone,
            version=versions[-1].id if versions else "",
            sequencer=self._events,
        )
