"""A small writer of OLE containers, as old Office files and Outlook messages are: there is no
library that makes them. Only for a few small streams, all of them kept in the mini stream."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from itertools import pairwise

SECTOR, MINI, ENTRIES = 512, 64, 4  # bytes, bytes, directory entries in a sector
END, FREE, FAT, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5

_Tree = Mapping[str, "bytes | _Tree"]


def ole(tree: _Tree) -> bytes:
    """A container of these streams (bytes) and storages (mappings)."""
    entries: list[list[object]] = []  # name, kind, next sibling, first child, start, size
    mini, mini_fat = bytearray(), list[int]()
    _add(entries, "Root Entry", tree, mini, mini_fat, ROOT)
    directory = -(-len(entries) // ENTRIES)
    mini_fats = -(-len(mini_fat) * 4 // SECTOR)
    minis = -(-len(mini) // SECTOR)
    fat = [FAT]
    starts = []
    for count in (directory, mini_fats, minis):
        starts.append(len(fat) if count else END)
        fat += [*range(len(fat) + 1, len(fat) + count), END] if count else []
    assert len(fat) <= SECTOR // 4
    entries[0][4:] = [starts[2], len(mini)]
    body = [_ints(fat, SECTOR), b"".join(map(_entry, entries)), _ints(mini_fat, 1), bytes(mini)]
    return _header(starts, mini_fats) + b"".join(map(_padded, body))


def _add(
    entries: list[list[object]],
    name: str,
    node: bytes | _Tree,
    mini: bytearray,
    fat: list[int],
    kind: int = STORAGE,
) -> int:
    at = len(entries)
    if isinstance(node, bytes):
        count = -(-len(node) // MINI)
        entries.append([name, STREAM, NONE, NONE, len(fat) if count else END, len(node)])
        fat += [*range(len(fat) + 1, len(fat) + count), END] if count else []
        mini += node.ljust(count * MINI, b"\0")
        return at
    entries.append([name, kind, NONE, NONE, 0, 0])
    places = [_add(entries, each, node[each], mini, fat) for each in node]
    if places:
        entries[at][3] = places[0]
    for place, following in pairwise(places):
        entries[place][2] = following
    return at


def _entry(entry: list[object]) -> bytes:
    name, kind, sibling, child, start, size = entry
    encoded = str(name).encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        *(encoded, len(encoded) + 2, kind, 1, NONE, sibling, child),
        *(b"", 0, 0, 0, start, size),
    )


def _header(starts: list[int], mini_fats: int) -> bytes:
    magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    numbers = (0, 1, starts[0], 0, 0x1000, starts[1], mini_fats, END, 0)
    head = struct.pack("<8s16sHHHHH6s", magic, b"", 0x3E, 3, 0xFFFE, 9, 6, b"")
    return head + struct.pack("<9I", *numbers) + _ints([0], SECTOR - 76)


def _ints(numbers: list[int], size: int) -> bytes:
    data = struct.pack(f"<{len(numbers)}I", *numbers)
    return data + b"\xff" * (-len(data) % size)


def _padded(data: bytes) -> bytes:
    return data + b"\xff" * (-len(data) % SECTOR)
