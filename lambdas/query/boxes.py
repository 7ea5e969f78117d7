"""Boxes on a page, as the API shows them."""

from __future__ import annotations

from pydantic import BaseModel

from askbucket.models import Box


class BoxReply(BaseModel):
    """Fractions 0..1 of the page as displayed, from its top left corner."""

    page: int
    left: float
    top: float
    width: float
    height: float


def box_replies(page: int | None, boxes: tuple[Box, ...]) -> list[BoxReply]:
    return [box_reply(page, box) for box in boxes] if page is not None else []


def box_reply(page: int, box: Box) -> BoxReply:
    return BoxReply(page=page, left=box.left, top=box.top, width=box.width, height=box.height)
