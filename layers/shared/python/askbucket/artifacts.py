"""What reading and embedding a document cost, kept in a private bucket so that it is paid once.

Everything lies under `{document id}/{content hash}/`: pages under `{reader recipe}/pages-…`, the
input of OCR beside them, vectors under `{embedder recipe}/vectors-…`. An attempt starts from what
is there; a re-chunked, re-embedded, restarted or cited document needs no OCR again.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

from askbucket.errors import TryAgain
from askbucket.models import Box, Line, Page

if TYPE_CHECKING:  # not for a reader process: it brings botocore
    from askbucket.s3 import S3

USUAL_LINE = (None, 100.0, 0, 0, 0)  # box, confidence, heading, table, header; not stored


class Cleared(TryAgain):
    """Another attempt, which has overtaken this one, cleared away what it was working on."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} were cleared away by another attempt")


class Artifacts:
    """The artifacts bucket."""

    def __init__(self, s3: S3) -> None:
        self._s3 = s3
        self.bucket = s3.bucket

    def put(self, key: str, body: bytes) -> None:
        self._s3.call("put_object", Key=key, Body=body)

    def get(self, key: str) -> bytes | None:
        """The bytes, or None where nothing is stored. Raises TryAgain, halfway too."""
        reply = self._s3.call("get_object", Key=key)
        if reply is None:
            return None
        try:
            body: bytes = reply["Body"].read()
        except (BotoCoreError, OSError) as error:
            raise TryAgain(f"reading what was stored broke off: {error}") from error
        return body

    def keys(self, prefix: str) -> list[str]:
        """Every stored key below the prefix, in order."""
        return [item["Key"] for item in self._s3.objects(prefix)]

    def delete(self, keys: Sequence[str]) -> None:
        self._s3.delete([{"Key": key} for key in keys])


def pages_to_bytes(pages: Iterable[Page]) -> bytes:
    """Compressed JSON, one array per page: number, source, a row for each line, and whether text
    was hidden."""
    rows = [
        [page.number, page.source, [_row(line) for line in page.lines], page.hidden]
        for page in pages
    ]
    return zlib.compress(json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def pages_from_bytes(data: bytes) -> Iterator[Page]:
    stored = json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))
    for number, source, rows, *hidden in stored:  # what OCR found has been kept since before it
        yield Page(number, tuple(_line(row) for row in rows), source, any(hidden))


def vectors_to_bytes(vectors: Mapping[str, Sequence[float]]) -> bytes:
    """Text hash -> vector, as 32-bit floats."""
    return json.dumps(
        {name: b64encode(struct.pack(f"<{len(v)}f", *v)).decode() for name, v in vectors.items()}
    ).encode()


def vectors_from_bytes(data: bytes) -> dict[str, list[float]]:
    packed = {name: b64decode(value) for name, value in json.loads(data).items()}
    return {name: list(struct.unpack(f"<{len(raw) // 4}f", raw)) for name, raw in packed.items()}


def text_hash(text: str) -> str:
    """Names a text by its content, so that an unchanged chunk keeps its vector."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _row(line: Line) -> list[Any]:
    """Text, box, confidence, heading, table and header, without those at the end that are usual."""
    box = line.box
    sides = box and [box.left, box.top, box.width, box.height]
    row = [sides, line.confidence, line.heading, line.table, int(line.header)]
    while row and row[-1] == USUAL_LINE[len(row) - 1]:
        row.pop()
    return [line.text, *row]


def _line(row: Sequence[Any]) -> Line:
    rest = [*row[1:], *USUAL_LINE[len(row) - 1 :]]
    sides, confidence, heading, table, header = rest
    return Line(row[0], Box(*sides) if sides else None, confidence, heading, table, bool(header))
