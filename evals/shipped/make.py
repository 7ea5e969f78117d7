"""`python -m evals.shipped.make` writes the PDFs among the documents; the same bytes come out."""

from __future__ import annotations

import io
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle
from reportlab.platypus.flowables import Flowable

from evals.shipped import manual
from evals.shipped.filings import FILINGS, Filing

DOCUMENTS = Path(__file__).parent / "documents"


def contents() -> dict[str, bytes]:
    """The PDFs by key."""
    made = {filing.key: _pdf(filing.key, _filing(filing)) for filing in FILINGS}
    return made | {manual.KEY: _pdf(manual.TITLE, _manual())}


def _pdf(title: str, pages: list[list[Flowable]]) -> bytes:
    file = io.BytesIO()
    template = SimpleDocTemplate(file, pagesize=A4, title=title, invariant=1)
    template.build([flowable for page in pages for flowable in (*page, PageBreak())])
    return file.getvalue()


def _filing(of: Filing) -> list[list[Flowable]]:
    """Five pages: the business, two tables, what is owed and paid, risks with the outlook."""
    before = of.year - 1
    income = [["Thousands of pounds", str(of.year), str(before)], *of.income]
    segments = [["Segment", "Revenue", "Operating profit"], *of.segments]
    return [
        [
            _title(f"{of.company} plc"),
            _title(f"Annual report {of.year}"),
            _heading("The business"),
            _text(of.business),
            _text(
                f"On 31 December {of.year} the company employed {of.staff:,} people, "
                f"in {of.sites}. The chair is {of.chair}. "
                f"The accounts were audited by {of.auditor}."
            ),
        ],
        [
            _heading("Income statement"),
            _text(f"For the year that ended on 31 December {of.year}."),
            _ruled(income),
        ],
        [
            _heading("Segments"),
            _text("Revenue and operating profit of each segment, before costs of the group."),
            _ruled(segments),
        ],
        [
            _heading("Debt and dividend"),
            _text(f"In thousands of pounds, the company has {of.debt}."),
            _text(f"The dividend is {of.dividend}."),
        ],
        [_heading("Risks"), _text(of.risk), _heading("Outlook"), _text(of.outlook)],
    ]


def _manual() -> list[list[Flowable]]:
    pages = []
    for leaf in manual.LEAVES:
        page = [_heading(leaf.heading), *(_text(each) for each in leaf.paragraphs)]
        pages.append([*page, _ruled(leaf.table)] if leaf.table else page)
    return [[_title(manual.TITLE), *pages[0]], *pages[1:]]


def _title(text: str) -> Flowable:
    return Paragraph(text, getSampleStyleSheet()["Title"])


def _heading(text: str) -> Flowable:
    return Paragraph(text, getSampleStyleSheet()["Heading2"])


def _text(text: str) -> Flowable:
    body = ParagraphStyle("body", fontName="Helvetica", fontSize=11, leading=16, spaceAfter=8)
    return Paragraph(text.replace("&", "&amp;"), body)


def _ruled(rows: list[list[str]]) -> Flowable:
    table = Table(rows, hAlign="LEFT", spaceBefore=6)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.7, colors.black),
                ("FONT", (0, 0), (-1, -1), "Helvetica", 10),
                ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 10),
            ]
        )
    )
    return table


def main() -> None:
    for name, content in contents().items():
        (DOCUMENTS / name).write_bytes(content)


if __name__ == "__main__":
    main()
