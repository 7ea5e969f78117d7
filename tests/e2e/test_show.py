"""`askbucket show` on a running stack: pages with the lines and chunks of the index."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from local.client import Client
from local.page_chunks import chunks_of
from local.page_picture import CHUNKS, LEGEND, MARGIN, TEXT
from local.serve import ROOT
from local.target import Target
from tests.e2e.driver import Driver, Run
from tests.unit.ingest.files import pdf

HANDBOOK = ROOT / "samples" / "handbook.pdf"
SCAN = ROOT / "samples" / "scan.pdf"
ROWS = [f"Boat number {number} is painted in colour {number * 7}" for number in range(40)]


@pytest.fixture
def handbook(stack: Driver, prefix: str) -> str:
    key = f"{prefix}handbook.pdf"
    stack.put_ready(key, HANDBOOK.read_bytes())
    return key


def test_a_page_is_drawn_with_its_lines_and_chunks(run: Run, handbook: str, tmp_path: Path) -> None:
    output = tmp_path / "shown.png"

    done = run("show", handbook, "--page", "3", "-o", str(output))

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"{output}: page 3, ")
    assert "in no chunk" not in done.stdout
    colours = colours_of(output)
    assert {TEXT, CHUNKS[0]} <= colours


@pytest.mark.parametrize(
    ("option", "there", "absent"), [("--lines", TEXT, CHUNKS[0]), ("--chunks", CHUNKS[0], TEXT)]
)
def test_lines_or_chunks_can_be_drawn_alone(
    run: Run, handbook: str, tmp_path: Path, option: str, there: str, absent: str
) -> None:
    output = tmp_path / "shown.png"

    assert run("show", handbook, option, "-o", str(output)).exit_code == 0

    colours = colours_of(output)
    assert there in colours
    assert absent not in colours


def test_every_chunk_of_a_document_is_found_on_its_page(
    stack: Driver, data: Path, prefix: str
) -> None:
    key = f"{prefix}boats.pdf"
    document = stack.put_ready(key, pdf([ROWS, ROWS[::-1], ["The last page"]]))

    with Client(Target.local(data)) as client:
        details = client.details(document["id"])
        pages = [client.page(document["id"], number) for number in (1, 2, 3)]
        numbers = [c.number for page in pages for c in chunks_of(client, details, page)]

    assert numbers == list(range(details["chunks"]))
    assert len(numbers) > 3


def test_a_scan_is_shown_as_it_was_recognised(
    run: Run, stack: Driver, prefix: str, tmp_path: Path
) -> None:
    key, output = f"{prefix}scan.pdf", tmp_path / "scan.png"
    stack.put_ready(key, SCAN.read_bytes())

    done = run("show", key, "-o", str(output))

    assert "read by OCR" in done.stdout
    assert TEXT in colours_of(output)


def test_a_slide_without_places_is_typed_on_a_blank_page(
    run: Run, stack: Driver, prefix: str, tmp_path: Path
) -> None:
    from pptx import Presentation

    slides = Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[5])
    slide.shapes.title.text = "The boat is blue"
    body = io.BytesIO()
    slides.save(body)
    key, output = f"{prefix}boat.pptx", tmp_path / "slide.png"
    stack.put_ready(key, body.getvalue())

    done = run("show", key, "-o", str(output))

    assert done.exit_code == 0, done.output
    assert "1 line" in done.stdout
    with Image.open(output) as picture:
        assert picture.getpixel((MARGIN + 300, picture.height - LEGEND - 300)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("key", "page", "body", "told"),
    [
        ("nothing.pdf", "1", None, "there is no document"),
        ("handbook.pdf", "9", HANDBOOK.read_bytes(), "there is no page 9"),
        ("handbook.pdf", "9", HANDBOOK.read_bytes(), "pages: 4"),
        ("notes.txt", "1", b"The boat is blue.", "without pages"),
        ("bad.pdf", "1", b"no PDF at all", "its status is failed: the file is named .pdf"),
    ],
)
def test_what_cannot_be_shown_is_told(
    run: Run, stack: Driver, prefix: str, key: str, page: str, body: bytes | None, told: str
) -> None:
    if body is not None:
        stack.at_rest(prefix + key, stack.put(prefix + key, body))

    done = run("show", prefix + key, "--page", page)

    assert done.exit_code == 1
    assert told in done.stderr


def colours_of(path: Path) -> set[str]:
    with Image.open(path) as picture:
        found = picture.convert("RGB").getcolors(1 << 24)
    return {"#{:02x}{:02x}{:02x}".format(*colour) for _, colour in found or ()}
