"""The payload of a point: flat JSON that every store can hold, and the hit made from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from askbucket.models import Box, Hit
from askbucket.stores.port import Point, PointRef

BOX_DIGITS = 5  # a hundred-thousandth of a page is under a hundredth of a millimetre


def payload_of(point: Point) -> dict[str, Any]:
    """JSON-ready fields; `folders` are the key's prefixes that end in a slash, `labelled` the
    labels in a form that one index holds, whatever their names."""
    chunk = point.chunk
    return {
        "document_id": point.document.id,
        "document": point.document.key,
        "generation": point.generation,
        "tenant": point.tenant,
        "groups": list(point.groups),
        "version": point.version,
        "modified": point.modified,
        "folders": folders_of(point.document.key),
        "labels": dict(point.labels),
        "labelled": [labelled(name, value) for name, value in point.labels.items()],
        "number": chunk.number,
        "page": chunk.page,
        "text": chunk.text,
        "context": chunk.context,
        "boxes": [
            [round(side, BOX_DIGITS) for side in (box.left, box.top, box.width, box.height)]
            for box in chunk.boxes
        ],
    }


def labelled(name: str, value: str) -> str:
    """A label as one keyword; neither metadata nor tags hold a line break."""
    return f"{name}\n{value}"


def folders_of(key: str) -> list[str]:
    """`a/b/c.txt` lies in `a/` and in `a/b/`."""
    return [key[: at + 1] for at, letter in enumerate(key) if letter == "/"]


def hit_of(point_id: str, payload: Mapping[str, Any], score: float) -> Hit:
    return Hit(
        chunk_id=point_id,
        document_id=payload["document_id"],
        generation=int(payload["generation"]),
        tenant=payload["tenant"],
        document=payload["document"],
        version=payload["version"],
        page=payload["page"],
        text=payload["text"],
        boxes=tuple(Box(*sides) for sides in payload["boxes"]),
        score=score,
        context=payload.get("context", ""),
        modified=int(payload.get("modified", 0)),
        number=int(payload.get("number", 0)),
    )


def ref_of(point_id: str, payload: Mapping[str, Any]) -> PointRef:
    return PointRef(
        point_id, payload["document_id"], payload["document"], int(payload["generation"])
    )
