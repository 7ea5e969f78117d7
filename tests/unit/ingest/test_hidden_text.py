"""What a file holds and nobody sees is left out; what is seen, or only looks so, stays."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from evals.injection.decks import HIGH, NAMES, WIDE
from evals.injection.office import OPEN, relations, zipped
from tests.unit.ingest.readers import lines_of, source_of

SEEN, UNSEEN = "Berth nine is free.", "Nobody sees this."
HIDDEN = ("hidden text was left out",)


def read(folder: Path, body: bytes, key: str) -> tuple[bool, tuple[str, ...]]:
    """Whether the second text is read, and the warnings; the first one is."""
    source = source_of(folder, body, key)
    pages = source.pages(1, source.page_count)
    text = " ".join(line.text for page in pages for line in page.lines)
    assert SEEN in text
    return UNSEEN in text, tuple(source.warnings)


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("position:absolute; left:-9999px", False),
        ("text-indent: -10000em", False),
        ("clip: rect(0, 0, 0, 0)", False),
        ("clip:rect(1px 1px 1px 1px)", False),
        ("clip-path: inset(50%)", False),
        ("font-size: 1px", False),
        ("font-size:.5pt", False),
        ("margin-left: -480px; left: 50%", True),
        ("font-size: 1em", True),
        ("font-size: 10px", True),
        ("font-size: 1.5px", True),
        ("clip: rect(0, 100px, 100px, 0)", True),
        ("border-left: -9999px", True),
    ],
)
def test_html_put_off_the_screen(tmp_path: Path, style: str, kept: bool) -> None:
    page = f"<html><body><p>{SEEN}</p><p style='{style}'>{UNSEEN}</p></body></html>"

    assert read(tmp_path, page.encode(), "a.html")[0] is kept


@pytest.mark.parametrize("tag", ["svg", "template", "noscript"])
def test_a_drawing_s_title_is_not_the_page_s(tmp_path: Path, tag: str) -> None:
    inner = f"<{tag}><title>{UNSEEN}</title></{tag}>"
    page = f"<html><body>{inner}<p>{SEEN}</p></body></html>"
    titled = page.replace("<body>", "<head><title>Berths</title></head><body>")

    assert lines_of(tmp_path, page.encode(), "a.html") == [SEEN]
    assert lines_of(tmp_path, titled.encode(), "a.html") == ["Berths", SEEN]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (rf"{{\v {UNSEEN}}}", False),
        (rf"{{\b\v\fs20 {UNSEEN}}}", False),
        (rf"{{\v {{\b {UNSEEN}}}}}", False),
        (rf"\v {UNSEEN}\v0 ", False),
        (rf"\v {UNSEEN}\plain ", False),
        (rf"{{\v x}}{UNSEEN}", True),
        (rf"\v x\v0 {UNSEEN}", True),
        (rf"{{\v0 {UNSEEN}}}", True),
        (rf"{{\viewkind4 {UNSEEN}}}", True),
    ],
)
def test_rtf_hidden_text(tmp_path: Path, written: str, kept: bool) -> None:
    body = rf"{{\rtf1\ansi {written}\par {SEEN}\par}}".encode()
    hides = r"\v " in written or r"\v\fs" in written

    assert read(tmp_path, body, "a.rtf") == (kept, HIDDEN if hides else ())


def test_rtf_that_hides_nothing_has_no_warning(tmp_path: Path) -> None:
    body = rf"{{\rtf1\ansi {{\v\fs20 }}{SEEN} {UNSEEN}\par}}".encode()

    assert read(tmp_path, body, "a.rtf") == (True, ())


def letter(look: str, paragraph: str) -> bytes:
    spaces = {each: f"{OPEN}:{each}:1.0" for each in ("office", "text", "style")}
    spaces["fo"] = f"{OPEN}:xsl-fo-compatible:1.0"
    names = " ".join(f'xmlns:{name}="{space}"' for name, space in spaces.items())
    style = f'<style:style style:name="T1"><style:text-properties {look}/></style:style>'
    text = f"<office:text><text:p>{SEEN}</text:p>{paragraph}</office:text>"
    content = f"<office:automatic-styles>{style}</office:automatic-styles><office:body>{text}"
    kind = "application/vnd.oasis.opendocument.text"
    whole = f"<office:document-content {names}>{content}</office:body></office:document-content>"
    return zipped({"mimetype": kind, "content.xml": whole})


IN_SPAN = f'<text:p>Berths <text:span text:style-name="T1">{UNSEEN}</text:span> here.</text:p>'
WHOLE = f'<text:p text:style-name="T1"><text:span>{UNSEEN}</text:span></text:p>'
FIELD = f'<text:p><text:hidden-text text:is-hidden="{{}}">{UNSEEN}</text:hidden-text></text:p>'


@pytest.mark.parametrize(
    ("look", "paragraph", "kept"),
    [
        ('text:display="none"', IN_SPAN, False),
        ('text:display="none"', WHOLE, False),
        ('fo:font-size="1pt"', IN_SPAN, False),
        ('fo:font-size="0.5pt"', WHOLE, False),
        ("", FIELD.format("true"), False),
        ("", FIELD.format("false"), True),
        ('fo:font-size="10pt"', IN_SPAN, True),
        ('fo:font-size="1%"', IN_SPAN, True),
        ('text:display="true"', IN_SPAN, True),
    ],
)
def test_opendocument_hidden_text(tmp_path: Path, look: str, paragraph: str, kept: bool) -> None:
    assert read(tmp_path, letter(look, paragraph), "a.odt") == (kept, () if kept else HIDDEN)


def test_what_stands_around_hidden_text_stays(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, letter('text:display="none"', IN_SPAN), "a.odt")

    assert lines == [SEEN, "Berths  here."]


def deck(shapes: str, size: str = f'<p:sldSz cx="{WIDE}" cy="{HIGH}"/>') -> bytes:
    tree = f"<p:cSld><p:spTree>{shape(SEEN)}{shapes}</p:spTree></p:cSld>"
    ids = f'<p:sldIdLst><p:sldId id="256" r:id="r0"/></p:sldIdLst>{size}'
    parts = {
        "_rels/.rels": relations(("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f"<p:presentation {NAMES}>{ids}</p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(("slide", "slides/slide1.xml")),
        "ppt/slides/slide1.xml": f"<p:sld {NAMES}>{tree}</p:sld>",
    }
    return zipped(parts)


def shape(text: str = UNSEEN, place: str = "", about: str = "", run: str = "") -> str:
    words = f"<p:txBody><a:p><a:r>{run}<a:t>{text}</a:t></a:r></a:p></p:txBody>"
    named = f'<p:nvSpPr><p:cNvPr id="2" name="x" {about}/></p:nvSpPr>'
    return f"<p:sp>{named}<p:spPr>{place}</p:spPr>{words}</p:sp>"


def at(left: int, top: int) -> str:
    return f'<a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="1000" cy="1000"/></a:xfrm>'


def group(place: str, about: str = "") -> str:
    named = f'<p:nvGrpSpPr><p:cNvPr id="3" name="g" {about}/></p:nvGrpSpPr>'
    return f"<p:grpSp>{named}<p:grpSpPr>{place}</p:grpSpPr>{shape(place=at(0, 0))}</p:grpSp>"


@pytest.mark.parametrize(
    ("shapes", "kept"),
    [
        (shape(place=at(WIDE, 0)), False),
        (shape(place=at(0, -1001)), False),
        (shape(about='hidden="1"'), False),
        (shape(run='<a:rPr sz="100"/>'), False),
        (group(at(2 * WIDE, 0)), False),
        (group(at(0, 0), 'hidden="true"'), False),
        (shape(place=at(WIDE - 1, HIGH - 1)), True),
        (shape(place=at(-1000, 0)), True),
        (shape(about='hidden="0"'), True),
        (shape(run='<a:rPr sz="800"/>'), True),
        (group(at(0, 0)), True),
        (shape(), True),
    ],
)
def test_what_a_slide_does_not_show(tmp_path: Path, shapes: str, kept: bool) -> None:
    assert read(tmp_path, deck(shapes), "a.pptx") == (kept, () if kept else HIDDEN)


@pytest.mark.parametrize("size", ["", '<p:sldSz cx="x" cy="-1"/>', '<p:sldSz cx="٣" cy="9"/>'])
def test_a_deck_that_tells_no_size_is_read_whole(tmp_path: Path, size: str) -> None:
    assert read(tmp_path, deck(shape(place=at(WIDE, 0)), size), "a.pptx") == (True, ())


@pytest.mark.parametrize(
    ("window", "kept"), [((0, 0, 5, 5), False), ((0, 0, 600, 850), True), ((70, 690, 9, 30), True)]
)
def test_text_of_a_pdf_that_is_clipped_away(
    tmp_path: Path, window: tuple[int, int, int, int], kept: bool
) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=True)
    canvas.drawString(72, 770, SEEN)
    path = canvas.beginPath()
    path.rect(*window)
    canvas.clipPath(path, stroke=0)
    canvas.drawString(72, 700, UNSEEN)
    canvas.save()

    source = source_of(tmp_path, buffer.getvalue(), "a.pdf")
    (page,) = source.pages(1, 1)
    assert (UNSEEN in " ".join(line.text for line in page.lines), page.hidden) == (kept, not kept)
