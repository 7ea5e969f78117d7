"""Collections on disk: one folder each, one Qdrant Edge shard inside.

    data/{readable}-{hash of the name}/collection.json   its configuration; written last
    data/{readable}-{hash of the name}/shard/            Edge's files, write-ahead log included

`collection.json` makes a folder a collection: a creation that was cut short, or a deletion that
was, leaves a folder without one, which counts as absent. Folders are named by hash because names
may differ by case only, or be longer than a file name may be.

Every write is in the write-ahead log before it is confirmed, so a killed process loses nothing.
Each collection has one lock. It costs no parallelism, since Edge holds Python's own lock during
every call, and it keeps a shard from being closed under a request.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import qdrant_edge as edge
from qdrant_client.http import models

from local.qdrant.errors import Conflict, NotFound, Unprocessable, client_values, engine_calls
from local.qdrant.schema import edge_config, vector_space

QUIET_S = 1.0  # upkeep waits for this long without a request ...
OVERDUE_S = 60.0  # ... but not for longer than this
COMPACT_AFTER = 1000  # writes; Edge itself then compacts only if a fifth of the points is dead

FORBIDDEN_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00\x1f]')  # as in Qdrant
MAX_NAME_CHARS = 255


class Collection:
    """One collection: its configuration, and its shard, opened on first use."""

    def __init__(self, folder: Path, name: str, config: models.CreateCollection) -> None:
        self.name = name
        self.config = config
        self.space = vector_space(config)
        self._folder = folder
        self._lock = threading.Lock()
        self._shard: edge.EdgeShard | None = None
        self._deleted = False
        self._operations = itertools.count()
        self._writes = 0
        self._last_used = self._last_kept = time.monotonic()

    @contextmanager
    def shard(self) -> Iterator[edge.EdgeShard]:
        """The open shard, for this thread alone; NotFound if it was deleted meanwhile."""
        with self._lock, engine_calls(self.name):
            if self._deleted:
                raise NotFound(f"Not found: Collection `{self.name}` doesn't exist!")
            if self._shard is None:
                self._shard = edge.EdgeShard.load(str(self._folder / "shard"))
            self._last_used = time.monotonic()
            yield self._shard

    def write(self, operation: edge.UpdateOperation, points: int) -> int:
        """Apply an operation on about `points` points, durably; its running number."""
        with self.shard() as shard:
            shard.update(operation)
            self._writes += points
            return next(self._operations)

    def keep(self, now: float) -> None:
        """Flush, and compact after enough writes, if the moment is quiet or upkeep is overdue.

        Compacting 20,000 points takes 0.4 to 0.6 s, and requests wait for it.
        """
        quiet = now - self._last_used >= QUIET_S
        overdue = now - self._last_kept >= OVERDUE_S
        if not self._writes or not (quiet or overdue):
            return
        with self._lock, engine_calls(self.name):
            if self._shard is None:
                return
            if self._writes >= COMPACT_AFTER:
                self._shard.optimize()
            self._shard.flush()
            self._writes, self._last_kept = 0, now

    def close(self) -> None:
        """Flush and close; the next use opens it again."""
        with self._lock, engine_calls(self.name):
            self._close()

    def delete(self) -> None:
        """Remove it from disk; Locked if another process has it open."""
        with self.shard():
            (self._folder / "collection.json").unlink()
            self._deleted = True
            self._close()
            shutil.rmtree(self._folder)

    def _close(self) -> None:
        if self._shard is not None:
            self._shard.flush()
            self._shard.close()
            self._shard = None


class Collections:
    """All collections under one folder."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lock = threading.Lock()
        self._known: dict[str, Collection] = {}
        data.mkdir(parents=True, exist_ok=True)

    def names(self) -> list[str]:
        """Sorted names of the collections on disk."""
        return sorted(
            json.loads(path.read_text())["name"] for path in self._data.glob("*/collection.json")
        )

    def exists(self, name: str) -> bool:
        """Whether there is such a collection."""
        return (self._folder(name) / "collection.json").is_file()

    def get(self, name: str) -> Collection:
        """The collection; NotFound, in Qdrant's words, if there is none."""
        with self._lock:
            if name not in self._known:
                self._known[name] = self._read(name)
            return self._known[name]

    def create(self, name: str, config: models.CreateCollection) -> None:
        """Create it on disk; Conflict if it exists, Unprocessable if it cannot be named so."""
        _require_valid(name)
        with client_values():
            shard_config = edge_config(config)
        folder = self._folder(name)
        with self._lock:
            if self.exists(name):
                raise Conflict(f"Wrong input: Collection `{name}` already exists!")
            shutil.rmtree(folder, ignore_errors=True)
            (folder / "shard").mkdir(parents=True)
            with engine_calls(name):
                edge.EdgeShard.create(str(folder / "shard"), shard_config).close()
            _write_whole(folder / "collection.json", _description(name, config))

    def delete(self, name: str) -> bool:
        """Delete it; whether there was one."""
        with self._lock:
            if not self.exists(name):
                return False
            (self._known.get(name) or self._read(name)).delete()
            self._known.pop(name, None)
            return True

    def keep(self) -> None:
        """Upkeep of every open collection; to be called about once a second."""
        for collection in self._snapshot():
            collection.keep(time.monotonic())

    def close(self) -> None:
        """Close every open collection."""
        for collection in self._snapshot():
            collection.close()

    def _snapshot(self) -> list[Collection]:
        with self._lock:
            return list(self._known.values())

    def _folder(self, name: str) -> Path:
        readable = re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-")
        return self._data / f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"

    def _read(self, name: str) -> Collection:
        folder = self._folder(name)
        try:
            stored = json.loads((folder / "collection.json").read_text())
        except FileNotFoundError as error:
            raise NotFound(f"Not found: Collection `{name}` doesn't exist!") from error
        return Collection(folder, name, models.CreateCollection.model_validate(stored["config"]))


def _require_valid(name: str) -> None:
    if len(name) > MAX_NAME_CHARS or FORBIDDEN_IN_NAMES.search(name):
        raise Unprocessable(
            f"Collection name of {len(name)} characters: it must have at most {MAX_NAME_CHARS} "
            'and none of < > : " / \\ | ? *'
        )


def _description(name: str, config: models.CreateCollection) -> str:
    stored = config.model_dump(mode="json", exclude_none=True)
    return json.dumps({"name": name, "config": stored}, indent=1)


def _write_whole(path: Path, text: str) -> None:
    """Write so that the file is there either whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(text)
    os.replace(part, path)
