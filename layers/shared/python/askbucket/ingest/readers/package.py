"""The zip files that docx, pptx, odt and epub are, opened with bounds; and the XML in them.

Nothing but the parts asked for is unpacked: no macro, nothing that is linked to, and pictures only
where a page is nothing else.
defusedxml refuses every entity declaration, so XML cannot grow or reach out.
"""

from __future__ import annotations

import functools
import lzma
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.room import MIB, Room

MOST_MEMBERS = 10_000
MOST_RATIO, RATIO_FROM = 200, MIB  # smaller members may be packed as tightly as they are
MOST_XML_BYTES = 32 * MIB  # of one part; parsed, it takes up to 30 times as much memory
ENCRYPTED_FLAG = 0x1
PICTURE_LINKS = {"blip": "embed", "imagedata": "id"}  # drawings, and the older VML
DAMAGED = "the file is damaged or cut short"
PASSWORD = "the file is encrypted and needs a password"  # noqa: S105
_OPENING = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError)
_UNPACKING = (*_OPENING, zlib.error, lzma.LZMAError, EOFError, RuntimeError)


class Relation(NamedTuple):
    """Where a part of an Office file points at another of its parts."""

    id: str
    kind: str
    target: str


class Package:
    """A zip file's members by name. Raises UnreadableDocument where it asks for too much."""

    def __init__(self, path: Path, room: Room) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except _OPENING as error:
            raise UnreadableDocument(DAMAGED) from error
        try:
            self._members = {each.filename: each for each in self._zip.infolist()}
            self._check(room)
        except UnreadableDocument:
            self.close()
            raise

    def _check(self, room: Room) -> None:
        members = self._zip.infolist()
        if len(members) > MOST_MEMBERS:
            raise UnreadableDocument(
                f"{len(members)} files are packed in it; {MOST_MEMBERS} at most are opened"
            )
        for each in members:
            if each.file_size > max(RATIO_FROM, MOST_RATIO * each.compress_size):
                raise UnreadableDocument(
                    f"a file packed in it grows more than {MOST_RATIO} times, as in a zip bomb"
                )
        room.take_unpacked(sum(each.file_size for each in members))

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def read(self, name: str) -> bytes:
        """A member's bytes: never more than it declares, which is what was checked."""
        member = self._members.get(name)
        if member is None:
            raise UnreadableDocument(f"{DAMAGED}: {name} is missing")
        if member.flag_bits & ENCRYPTED_FLAG:
            raise UnreadableDocument(PASSWORD)
        if member.file_size > MOST_XML_BYTES:
            raise UnreadableDocument(
                f"{name} in it has {member.file_size} bytes; {MOST_XML_BYTES} at most are read"
            )
        try:
            return self._zip.read(member)
        except _UNPACKING as error:
            raise UnreadableDocument(DAMAGED) from error

    def size(self, name: str) -> int:
        """Bytes of a member, unpacked; 0 where there is none."""
        member = self._members.get(name)
        return member.file_size if member else 0

    def later(self, name: str) -> Callable[[], bytes]:
        """What reads the member once the package is closed, while the file is there."""
        return functools.partial(_read_alone, self._path, name)

    def xml(self, name: str) -> Element:
        try:
            root: Element = fromstring(self.read(name))
        except DefusedXmlException as error:
            raise UnreadableDocument(f"{name} in it declares XML entities, as an attack") from error
        except (ParseError, ValueError, LookupError) as error:
            raise UnreadableDocument(f"{DAMAGED}: {name} in it is no XML") from error
        return root

    def relations(self, part: str) -> list[Relation]:
        """Where `part` points, inside the file; "" stands for the whole file."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        found = self.xml(rels) if rels in self else ()
        relations = (self._relation(each, folder) for each in found)
        return [each for each in relations if each.target in self]

    def _relation(self, element: Element, folder: str) -> Relation:
        inside = element.get("TargetMode") != "External"
        target = element.get("Target", "") if inside else ""
        whole = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        kind = element.get("Type", "").rpartition("/")[2]
        return Relation(element.get("Id", ""), kind, whole)

    def close(self) -> None:
        self._zip.close()


def _read_alone(path: Path, name: str) -> bytes:
    package = Package(path, Room())
    try:
        return package.read(name)
    finally:
        package.close()


def pictures_in(
    package: Package, part: str, root: Element
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The pictures that an Office part shows, by name, in its order and once each."""
    targets = {relation.id: relation.target for relation in package.relations(part)}
    shown = (
        targets.get(attribute(each, PICTURE_LINKS[local(each)]))
        for each in root.iter()
        if local(each) in PICTURE_LINKS
    )
    for name in filter(None, dict.fromkeys(shown)):
        yield posixpath.basename(name), package.later(name)


def local(element: Element) -> str:
    """The tag without its namespace: Office has two sets of namespaces for the same tags."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Element, name: str) -> str:
    """An attribute's value, whatever its namespace; "" where there is none."""
    found = (value for key, value in element.items() if key.rpartition("}")[2] == name)
    return next(found, "")


def descendants(element: Element, name: str) -> Iterator[Element]:
    """Those of that name in document order, but none inside another of them."""
    for child in element:
        if local(child) == name:
            yield child
        else:
            yield from descendants(child, name)
