"""Small files that ask for much when read; each is made for one reader."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

from PIL import Image

from tests.unit.ingest.readers import zipped

MIB = 2**20


def pdf_of(objects: Sequence[bytes]) -> bytes:
    """A PDF with these objects, numbered from 1; the first is the catalog."""
    body = bytearray(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    tail = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    return bytes(body) + head + tail


def stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (more, len(content), content)


def deflated(unit: bytes, size: int) -> bytes:
    """So many bytes of repeated units, packed without ever being whole in memory."""
    packer = zlib.compressobj(9)
    block = unit * (MIB // len(unit))
    pieces = [packer.compress(block) for _ in range(size // MIB)]
    return b"".join([*pieces, packer.flush()])


def pdf_with_content(packed: bytes, filters: bytes = b"/FlateDecode", pages: int = 3) -> bytes:
    """Pages of one word each, but the second one's content is `packed`."""
    first = 5  # the number of the first page's object
    kids = b" ".join(b"%d 0 R" % (first + n) for n in range(pages))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents %d 0 R"
    page += b"/Resources<</Font<</F 3 0 R>>>>>>"
    plain, bomb = first + pages, first + pages + 1
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            b"null",
            *(page % (bomb if number == 1 else plain) for number in range(pages)),
            stream(b"BT /F 12 Tf 50 700 Td (harbour) Tj ET"),
            stream(packed, b"/Filter[%s]" % filters),
        ]
    )


def pdf_of_nested_trees(depth: int) -> bytes:
    """A page below so many levels of the page tree."""
    levels = [b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (n + 3) for n in range(depth)]
    page = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 9 9]>>" % (depth + 1)
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", *levels, page])


def pdf_of_nested_arrays(depth: int) -> bytes:
    """A page's content drawn with an array in an array in an array ..."""
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
            stream(b"[" * depth + b"]" * depth + b" TJ"),
        ]
    )


def pdf_of_forms(levels: int, uses: int) -> bytes:
    """Forms drawn by forms: uses ** levels words from a few hundred bytes."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</Font<</F 3 0 R>>%s>>"
    forms = [
        stream(b"/X Do " * uses, form % (b"/XObject<</X %d 0 R>>" % (6 + n))) for n in range(levels)
    ]
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
    page += b"/Resources<</XObject<</X 6 0 R>>>>>>"
    word = stream(b"BT /F 9 Tf 9 9 Td (harbour) Tj ET", form % b"")
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[5 0 R]>>",
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            stream(b"/X Do"),
            page,
            *forms[1:],
            word,
        ]
    )


def billion_laughs() -> bytes:
    """A Word file whose text would be 10 ** 9 words."""
    names = "abcdefghi"
    entities = "".join(
        f'<!ENTITY {name} "{f"&{names[n - 1]};" * 10 if n else "lol" * 10}">'
        for n, name in enumerate(names)
    )
    xml = f"<?xml version='1.0'?><!DOCTYPE w [{entities}]><w><body><p><t>&i;</t></p></body></w>"
    return word_file(xml.encode())


def word_file(document: bytes) -> bytes:
    rels = (
        "<Relationships><Relationship Id='1' Type='x/officeDocument' Target='word/document.xml'/>"
        "</Relationships>"
    )
    return zipped({"_rels/.rels": rels, "word/document.xml": document})


def tiff_of_sides(sides: Sequence[int]) -> bytes:
    """A TIFF whose frames say they are so wide and high, and hold next to nothing."""
    frames = [Image.new("1", (8, 8)) for _ in sides]
    buffer = io.BytesIO()
    frames[0].save(buffer, "TIFF", save_all=True, append_images=frames[1:])
    body = bytearray(buffer.getvalue())
    place = struct.unpack_from("<I", body, 4)[0]
    for side in sides:
        count = struct.unpack_from("<H", body, place)[0]
        for entry in range(place + 2, place + 2 + 12 * count, 12):
            if struct.unpack_from("<H", body, entry)[0] in (256, 257):  # width, length
                struct.pack_into("<HII", body, entry + 2, 4, 1, side)
        place = struct.unpack_from("<I", body, place + 2 + 12 * count)[0]
    return bytes(body)
