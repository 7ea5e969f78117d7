"""`askbucket show`: a picture of a page with the lines and chunks that were made of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from local.client_command import ClientCommand
from local.counting import counted
from local.terminal import say

if TYPE_CHECKING:
    from PIL.Image import Image

    from local.client import Client
    from local.page_chunks import PageChunk


@click.command(cls=ClientCommand)
@click.argument("key")
@click.option("--page", "number", type=click.IntRange(min=1), default=1, show_default=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    default=Path("page.png"),
    show_default=True,
    help="where the PNG goes",
)
@click.option("--lines", "only_lines", is_flag=True, help="draw only the lines")
@click.option("--chunks", "only_chunks", is_flag=True, help="draw only the chunks")
@click.pass_obj
def show(
    client: Client, key: str, number: int, output: Path, only_lines: bool, only_chunks: bool
) -> None:
    """Draw a page with what was read on it.

    Each line has its box and its place in the reading order, each chunk an outline and its number.
    """
    from local.page_chunks import chunks_of, uncovered
    from local.page_picture import Sheet, drawn

    document = _readable(client, key)
    page = client.page(document["id"], number)
    picture, lines = _pictured(client, document, page)
    both = only_lines == only_chunks
    chunks = chunks_of(client, document, page) if both or only_chunks else []
    sheet = Sheet(picture, lines if both or only_lines else (), chunks)
    try:
        drawn(sheet).save(output, "PNG")
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error}") from error
    say(_told(output, page, chunks, uncovered(page["lines"], chunks) if chunks else 0))


def _readable(client: Client, key: str) -> dict[str, Any]:
    """The document's details. Raises ClickException where it has no page to show."""
    document = client.document(key)
    if document is None:
        raise click.ClickException(f"there is no document {key}")
    if document["active_version"] is None:
        why = f": {document['reason']}" if document.get("reason") else ""
        raise click.ClickException(f"{key} is not ready, its status is {document['status']}{why}")
    if not document["pages"]:
        raise click.ClickException(f"{key} is of a format without pages: there is nothing to draw")
    return client.details(document["id"])


def _pictured(
    client: Client, document: dict[str, Any], page: dict[str, Any]
) -> tuple[Image, list[dict[str, Any]]]:
    """The page as displayed and its lines; typed on a blank page where the file is no picture."""
    from local.page_picture import typed
    from local.textract.document import Document
    from local.textract.errors import BadDocument, UnsupportedDocument

    with tempfile.TemporaryDirectory(prefix="askbucket-") as folder:
        path = Path(folder) / "object"
        client.download(document["id"], path)
        try:
            return Document(path).picture(page["page"]), page["lines"]
        except UnsupportedDocument:
            return typed(page["lines"])
        except BadDocument as error:
            raise click.ClickException(
                f"{document['document']} cannot be drawn: {error}"
            ) from error


def _told(output: Path, page: dict[str, Any], chunks: list[PageChunk], left: int) -> str:
    read = {"ocr": "by OCR", "text": "from its text"}.get(page["source"], page["source"])
    told = f"{output}: page {page['page']}, {counted(len(page['lines']), 'line')} read {read}"
    if chunks:
        told += f", {counted(len(chunks), 'chunk')}"
    return told + (f"; {counted(left, 'line')} in no chunk that was found" if left else "")
