"""Office files made for the tests, by the libraries that write them or by hand."""

from __future__ import annotations

import datetime as dt
import io

import docx
import openpyxl
from docx.document import Document
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from tests.unit.ingest.readers import members, zipped

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DOCUMENT = "word/document.xml"


def saved(file: Document | Presentation | openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()


def letter() -> bytes:
    """A Word file with a bit of everything."""
    file = docx.Document()
    file.sections[0].header.paragraphs[0].text = "Harbour office"
    file.sections[0].footer.paragraphs[0].text = "Confidential"
    file.add_heading("Rents", 1)
    file.add_paragraph("Paid on the first.\nNever later.")
    file.add_paragraph("oak", style="List Bullet")
    table = file.add_table(3, 3)
    rows = [("Shed", "Rent", "Tenant"), ("A", "310", "Anna"), ("B", "280", "")]
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    file.add_paragraph("After the table.")
    return saved(file)


def word(body: str, more: dict[str, str] | None = None) -> bytes:
    """A Word file with this in its body."""
    parts = members(saved(docx.Document()))
    parts[DOCUMENT] = f"<w:document {W}><w:body>{body}</w:body></w:document>".encode()
    return zipped(parts | (more or {}))


def slides() -> bytes:
    file = Presentation()
    first = file.slides.add_slide(file.slide_layouts[1])
    first.shapes.title.text = "Harbour plans"
    first.placeholders[1].text = "New quay\nOld crane"
    first.notes_slide.notes_text_frame.text = "Say hello"
    file.slides.add_slide(file.slide_layouts[6])
    third = file.slides.add_slide(file.slide_layouts[5])
    table = third.shapes.add_table(2, 3, 0, 0, Inches(4), Inches(1)).table
    for column, texts in enumerate([("Year", "2024"), ("Ships", "12"), ("Tons", "900")]):
        table.cell(0, column).text, table.cell(1, column).text = texts
    data = CategoryChartData()
    data.categories = ["North", "South"]
    data.add_series("Berths", (3, 4))
    third.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(2), Inches(2), data)
    group = third.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "In a group"
    third.shapes.title.text = "Figures"
    return saved(file)


def workbook() -> bytes:
    file = openpyxl.Workbook()
    sheet = file.active
    sheet.title = "Rents"
    sheet.append(["Rents of the sheds"])
    sheet.append([])
    sheet.append(["Shed", "Rent", "Since", "Share"])
    sheet.append(["A", 310.5, dt.datetime(2024, 5, 1), 0.125])
    sheet.append(["B", 280, dt.datetime(2024, 5, 1, 12, 30), None])
    sheet["D4"].number_format = "0.0%"
    empty = file.create_sheet("Empty")
    empty["C1048576"] = True
    return saved(file)


def open_document(kind: str, body: str, **more: str) -> bytes:
    names = ("office", "text", "table", "draw", "presentation", "style")
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names
    )
    content = f"<office:d {spaces}><office:body>{body}</office:body></office:d>"
    parts = {f"{name}.xml": f"<office:d {spaces}>{part}</office:d>" for name, part in more.items()}
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    return zipped({"mimetype": mimetype, "content.xml": content, **parts})
