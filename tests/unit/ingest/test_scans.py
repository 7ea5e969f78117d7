"""Pictures that are all a page holds go to OCR, each page once and in its order."""

from __future__ import annotations

import io
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import pytest
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image
from pptx import Presentation

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.reading import open_source
from askbucket.ingest.readers.scans import MOST_SIDE, Scan, is_large, ocr_pdf
from askbucket.ingest.readers.source import Source
from askbucket.models import Status
from tests.unit.ingest.files import pdf
from tests.unit.ingest.office_files import open_document, saved
from tests.unit.ingest.parts import World
from tests.unit.ingest.readers import members, reason_of, source_of, zipped
from tests.unit.ingest.scripted_textract import shades_of, text_of_shade

BLANK_LAYOUT, TITLE_LAYOUT = 6, 5


def picture(shade: int, kind: str = "PNG", size: tuple[int, int] = (120, 160)) -> io.BytesIO:
    buffer = io.BytesIO()
    Image.new("L", size, shade).save(buffer, kind)
    buffer.seek(0)
    return buffer


def letter(*pictures: io.BytesIO) -> bytes:
    file = docx.Document()
    file.sections[0].header.paragraphs[0].text = "Harbour office"
    for each in pictures:
        file.add_picture(each)
    return saved(file)


def waiting(source: Source) -> list[int]:
    pages = source.pages(1, source.page_count)
    return [page.number for page in pages if page.source == "waiting"]


def ocr_shades(source: Source) -> list[int]:
    """The grey of every page that OCR gets; the pages of JPEGs may differ by one."""
    return list(shades_of(source.ocr_input(waiting(source))))


def test_the_pictures_of_a_letter_without_text_are_its_pages(tmp_path: Path) -> None:
    body = letter(picture(40), picture(80, "JPEG"), picture(0, size=(90, 200)), picture(120, "GIF"))
    source = source_of(tmp_path, body)
    assert [page.source for page in source.pages(1, 4)] == ["text", *["waiting"] * 3]
    assert ocr_shades(source) == pytest.approx([40, 80, 120], abs=1)


def test_pictures_beside_text_are_left_out(tmp_path: Path) -> None:
    file = docx.Document()
    file.add_paragraph("Some text.")
    file.add_picture(picture(40))
    assert waiting(source_of(tmp_path, saved(file))) == []


def test_a_slide_of_pictures_is_one_page_of_ocr(tmp_path: Path) -> None:
    file = Presentation()
    for shades, layout in (((40, 40), BLANK_LAYOUT), ((200,), TITLE_LAYOUT), ((80,), BLANK_LAYOUT)):
        slide = file.slides.add_slide(file.slide_layouts[layout])
        for shade in shades:
            slide.shapes.add_picture(picture(shade), 0, 0)
        if layout == TITLE_LAYOUT:
            slide.shapes.title.text = "Words"
    source = source_of(tmp_path, saved(file))
    assert (source.page_count, waiting(source)) == (3, [1, 3])
    assert ocr_shades(source) == [40, 80]


def test_a_sheet_of_pictures_waits_for_ocr(tmp_path: Path) -> None:
    file = openpyxl.Workbook()
    file.active["A1"] = 5
    file.create_sheet("Scan").add_image(SheetImage(picture(40)))
    source = source_of(tmp_path, saved(file))
    assert (waiting(source), ocr_shades(source)) == ([2], [40])


@pytest.mark.parametrize("kind", ["text", "presentation", "spreadsheet"])
def test_open_documents_of_pictures_wait_for_ocr(tmp_path: Path, kind: str) -> None:
    image = '<draw:frame><draw:image xlink:href="Pictures/a.png" xmlns:xlink="x"/></draw:frame>'
    inside = {
        "text": f"<text:p>{image}</text:p>",
        "presentation": f"<draw:page>{image}</draw:page>",
        "spreadsheet": f"<table:table><table:shapes>{image}</table:shapes></table:table>",
    }
    made = open_document(kind, f"<office:{kind}>{inside[kind]}</office:{kind}>")
    body = zipped(members(made) | {"Pictures/a.png": picture(40).read()})
    assert ocr_shades(source_of(tmp_path, body)) == [40]


def test_a_book_of_pictures_waits_for_ocr(tmp_path: Path) -> None:
    listing = """<package><manifest><item id="a" href="t/a.xhtml" media-type="text/html"/>
        </manifest><spine><itemref idref="a"/></spine></package>"""
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<c><rootfile full-path="book.opf"/></c>',
        "book.opf": listing,
        "t/a.xhtml": '<html><body><img src="../i/one%20a.png"/><img src="gone.png"/></body></html>',
        "i/one a.png": picture(40).read(),
    }
    assert ocr_shades(source_of(tmp_path, zipped(parts))) == [40]


def test_pictures_that_cannot_be_decoded_are_told_of(tmp_path: Path) -> None:
    parts = members(letter(picture(40), picture(80)))
    name = next(name for name in parts if name.endswith("image1.png"))
    source = source_of(tmp_path, zipped(parts | {name: b"\x01\x00\x00\x00 EMF"}))
    assert ocr_shades(source) == [80]
    assert source.warnings == (
        "the picture image1.png was not read: it is damaged, or not of a kind that is decoded",
    )
    whole = parts[name]
    cut = source_of(tmp_path, zipped(parts | {name: whole[: len(whole) - 30]}))
    assert cut.warnings == ("the picture image1.png was not read: it is damaged or cut short",)


def test_a_file_of_undecodable_pictures_says_why_it_is_refused(tmp_path: Path) -> None:
    file = docx.Document()
    file.add_picture(picture(40))
    parts = members(saved(file))
    name = next(name for name in parts if name.endswith("image1.png"))
    reason = reason_of(tmp_path, zipped(parts | {name: b"<svg/>"}))
    assert reason.startswith("the file holds no text; the picture image1.png was not read")


def test_a_picture_too_large_to_decode_is_refused() -> None:
    data = picture(0, size=(MOST_SIDE + 1, 100)).read()
    with pytest.raises(UnreadableDocument, match="too large to decode"):
        is_large(data)


def mail(*files: tuple[str, bytes, str], text: str = "See below.", inline: bool = False) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Bills", "a@example.com", "b@example.com"
    message.set_content(text)
    for name, data, kind in files:
        more = {"cid": "<a@b>", "disposition": "inline"} if inline else {}
        message.add_attachment(data, *kind.split("/"), filename=name, **more)
    return message.as_bytes()


def tiff(*shades: int) -> bytes:
    frames = [Image.new("L", (120, 160), shade) for shade in shades]
    buffer = io.BytesIO()
    frames[0].save(buffer, "TIFF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def test_attachments_are_read_by_ocr_where_they_need_it(tmp_path: Path) -> None:
    words = ["row of a page of text that is long enough to be the text of a page"] * 4
    body = mail(
        ("mixed.pdf", pdf([40, words, 80]), "application/pdf"),
        ("photo.jpg", picture(120, "JPEG").read(), "image/jpeg"),
        ("fax.tiff", tiff(160, 200), "image/tiff"),
        ("logo.png", picture(0, size=(60, 60)).read(), "image/png"),
        ("scan.docx", letter(picture(20)), "application/octet-stream"),
    )
    source = source_of(tmp_path, body, "a.eml")
    pages = source.pages(1, source.page_count)
    assert [page.text.splitlines()[0] for page in pages if page.lines] == [
        "Bills",
        words[0],
        "Attachment: photo.jpg",
        "Attachment: fax.tiff",
        "Attachment: logo.png",
    ]
    assert [page.source for page in pages][:4] == ["text", "waiting", "text", "waiting"]
    assert ocr_shades(source) == pytest.approx([40, 80, 120, 160, 200, 20], abs=1)
    assert source.warnings == ()


def test_a_picture_in_the_body_counts_where_there_is_no_other_word(tmp_path: Path) -> None:
    scan = ("scan.png", picture(40).read(), "image/png")
    assert waiting(source_of(tmp_path, mail(scan, inline=True), "a.eml")) == []
    assert ocr_shades(source_of(tmp_path, mail(scan, text="", inline=True), "a.eml")) == [40]


def test_a_picture_is_drawn_upright_and_on_white(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    lying = io.BytesIO()
    Image.new("RGB", (160, 120), "red").save(lying, "JPEG", exif=exif)
    clear = io.BytesIO()
    Image.new("RGBA", (120, 160), (0, 0, 0, 0)).save(clear, "PNG")
    (tmp_path / "ocr.pdf").write_bytes(ocr_pdf([Scan((lying.getvalue,)), Scan((clear.getvalue,))]))
    import pypdfium2 as pdfium

    drawn = pdfium.PdfDocument(tmp_path / "ocr.pdf")
    widths = [page.get_width() / page.get_height() for page in drawn]
    drawn.close()
    assert widths == pytest.approx([0.75, 0.75])
    assert shades_of((tmp_path / "ocr.pdf").read_bytes())[1] == 255


def test_ocr_of_pictures_has_no_boxes_and_losses_are_warnings(world: World) -> None:
    """There is no page to draw them on; what was lost stays known after OCR has ended."""
    files = ("scan.png", picture(40).read(), "image/png"), ("a.zip", zipped({}), "application/zip")
    world.put("bill.eml", mail(*files))
    world.sync("bill.eml")
    assert world.entry("bill.eml").status is Status.OCR
    world.textract.finish()
    world.sync("bill.eml")
    entry = world.entry("bill.eml")
    assert (entry.status, entry.ocr_pages) == (Status.READY, 1)
    assert [warning.partition(":")[0] for warning in entry.warnings] == [
        "the attachment a.zip was not read"
    ]
    stored = world.payloads("bill.eml")
    assert text_of_shade(40) in [point["text"] for point in stored]
    assert {(point["page"], bool(point["boxes"])) for point in stored} == {(None, False)}


def test_a_source_of_text_gives_no_text_to_ocr(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"words")
    with pytest.raises(ValueError, match="needs no OCR"):
        open_source(path, "a.txt").ocr_input([1])
