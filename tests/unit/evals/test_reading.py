"""The sets' figures, on tiny documents whose figures are counted by hand."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from askbucket.errors import UnreadableDocument
from evals.reading import filings, formats, nasty, receipts, scans, tesseract
from evals.reading.__main__ import main
from evals.reading.offline_ocr import OfflineOcr, offline_ocr
from evals.reading.probe import CRASHED, HUNG, READ, REFUSED, probe
from evals.reading.read import read
from tests.unit.evals.known_words import KnownWords
from tests.unit.ingest.files import image, locked_pdf, pdf


@pytest.fixture
def engine() -> KnownWords:
    return KnownWords()


@pytest.fixture
def ocr(tmp_path: Path, engine: KnownWords) -> Iterator[OfflineOcr]:
    with offline_ocr(cache=tmp_path / "cache", engine=engine) as running:
        yield running


@pytest.fixture(autouse=True)
def no_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)


def lines_file(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def manifest(folder: Path, rows: list[dict[str, str]]) -> None:
    with (folder / "manifest.csv").open("w") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


# --- reading ------------------------------------------------------------------------------------


def test_only_pages_that_wait_are_recognised(tmp_path: Path, ocr: OfflineOcr) -> None:
    file = tmp_path / "mixed.pdf"
    file.write_bytes(pdf([["The gate is green."], 90, ["The boat is blue."], 120]))

    reading = read(file, ocr)

    assert [page.source for page in reading.pages] == ["text", "ocr", "text", "ocr"]
    assert [page.number for page in reading.pages] == [1, 2, 3, 4]
    assert [page.text for page in reading.pages][1] == "total 42 pounds"
    assert reading.waited == 2


def test_what_was_recognised_is_not_recognised_again(tmp_path: Path) -> None:
    file = tmp_path / "scan.tiff"
    file.write_bytes(image([40, 90], "TIFF"))
    seen = []
    for fresh in (False, False, True):
        engine = KnownWords()
        with offline_ocr(cache=tmp_path / "cache", engine=engine, fresh=fresh) as ocr:
            assert read(file, ocr).pages[1].text == "total 42 pounds"
        seen.append(len(engine.seen))
    assert seen == [2, 0, 2]


def test_what_ocr_refuses_is_the_files_fault(tmp_path: Path, ocr: OfflineOcr) -> None:
    file = tmp_path / "cut.png"
    whole = image()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableDocument):
        read(file, ocr)


# --- sets ---------------------------------------------------------------------------------------


def test_a_scans_figures_are_as_counted(tmp_path: Path, ocr: OfflineOcr) -> None:
    (tmp_path / "scan.pdf").write_bytes(pdf([90]))
    truth = {"file": "scan.pdf", "page_index_0based": 0, "text": "Total 42\npounds due"}
    lines_file(tmp_path / "pages.jsonl", [truth])

    table = scans.measured(tmp_path, ocr)

    # "42" and "pounds" of 4 words, and of 3 found; without case also "total"; to "total 42 pounds"
    # it takes one replaced letter and four deleted of 19
    assert list(table.rows) == [("1", 0.5, 2 / 3, 0.75, 5 / 19)]
    assert table.means["word recall"].value == 0.5
    assert table.notes == [tesseract.ABSENT]


def test_a_receipts_figures_are_as_counted(tmp_path: Path, ocr: OfflineOcr) -> None:
    (tmp_path / "7.png").write_bytes(image())
    fields = {"company": "ACME", "date": "1/2/26", "address": "4 DOCK RD", "total": "42"}
    lines = [
        {"box": [10, 10, 70, 10, 70, 20, 10, 20], "text": "TOTAL 42 POUNDS"},
        {"box": [10, 60, 50, 60, 50, 70, 10, 70], "text": "THANK YOU"},
    ]
    receipt = {
        "id": "7", "file": "7.png", "width": 100, "height": 100, "lines": lines,
        "text": "TOTAL 42 POUNDS\nTHANK YOU", "fields": fields,
    }  # fmt: skip
    lines_file(tmp_path / "truth.jsonl", [receipt])

    table = receipts.measured(tmp_path, ocr)

    [row] = table.rows
    assert row[:6] == ("7", 0.6, 0, 0, 0, 1)
    assert row[6:] == pytest.approx((1.0, 0.5))
    assert table.means["field found"].value == 0.25


def test_a_filings_passages_stand_on_the_pages_stated(tmp_path: Path) -> None:
    passage = "Total assets were 46,455 million"
    (tmp_path / "a.pdf").write_bytes(pdf([["Nothing of note here"], [passage], ["The end of it"]]))
    document = {"doc_name": "A", "file": "a.pdf", "pages": 3}
    evidence = [
        {"page_number_1based": number, "evidence_text": passage.replace(" ", "")}
        for number in (2, 3)
    ]
    lines_file(tmp_path / "documents.jsonl", [document])
    lines_file(tmp_path / "questions.jsonl", [{"doc_name": "A", "evidence": evidence}])

    table = filings.measured(tmp_path)

    assert list(table.rows) == [("A", 3, 1, 1.0, 2, 1, 1)]
    assert table.means["evidence found"].value == 0.5
    sampled = {name: mean.value for name, mean in table.means.items() if "page: " in name}
    assert list(sampled.values()) == [1.0, 1.0, 1.0]


def test_formats_are_held_against_strings_and_references(tmp_path: Path, ocr: OfflineOcr) -> None:
    (tmp_path / "a.txt").write_text("Famous ducks swim\nin the river")
    (tmp_path / "a.md").write_text("# Famous ducks\n\n**swim** today")
    (tmp_path / "b.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    manifest(
        tmp_path,
        [
            {"file": "a.txt", "must_contain": "famous ducks|goose", "reference_markdown": "a.md"},
            {"file": "b.zip", "must_contain": "x", "reference_markdown": ""},
        ],
    )

    table = formats.measured(tmp_path, ocr)

    assert table.rows[0] == ("a.txt", "read", 1, 2, 0.75)
    assert table.rows[1] == ("b.zip", "refused", 0, 1, "-")
    assert table.notes[0].startswith("b.zip: zip archives are not supported")
    assert table.notes[1:] == ["1 of 3 strings found"]


# --- nasty files --------------------------------------------------------------------------------


def test_each_file_ends_as_it_should_or_not(tmp_path: Path, ocr: OfflineOcr) -> None:
    (tmp_path / "locked.pdf").write_bytes(locked_pdf())
    (tmp_path / "scan.pdf").write_bytes(pdf([90]))
    (tmp_path / "good.pdf").write_bytes(pdf([["The gate is green."]]))
    rows = [
        ("locked.pdf", "clear_error", "", "", "right"),
        ("locked.pdf", "index", "1", "", "WRONG"),
        ("scan.pdf", "index_needs_ocr", "1", "42 pounds", "right"),
        ("scan.pdf", "index_needs_ocr", "1", "43 pounds", "WRONG"),
        ("good.pdf", "index", "2", "gate", "WRONG"),
        ("good.pdf", "clear_error", "", "", "WRONG"),
    ]
    names = ("file", "expected", "expected_pages", "must_contain")
    manifest(tmp_path, [dict(zip(names, row[:4], strict=True)) for row in rows])

    table = nasty.measured(tmp_path, ocr)

    assert [row[-1] for row in table.rows] == [row[-1] for row in rows]
    assert table.notes[0] == "2 of 6 right"
    assert "locked.pdf: the PDF is encrypted and needs a password" in table.notes


@pytest.mark.parametrize(
    ("outcome", "expected", "right"),
    [
        (nasty.Outcome(nasty.PARTIAL, 2, 1), "index_partial", True),
        (nasty.Outcome(nasty.INDEXED, 2, 1), "index_partial", False),
        (nasty.Outcome(nasty.NO_TEXT, 2, reason="no text"), "index_needs_ocr", True),
        (nasty.Outcome(nasty.REFUSED), "clear_error", False),
        (nasty.Outcome(CRASHED, reason="MemoryError"), "clear_error", False),
        (nasty.Outcome(HUNG, reason="no end"), "index_or_clear_error", False),
    ],
)
def test_silence_crashes_and_hangs_are_never_right(
    outcome: nasty.Outcome, expected: str, right: bool
) -> None:
    row = {"expected": expected, "expected_pages": "2", "must_contain": "one"}
    assert nasty.is_right(row, outcome) is right


def test_a_file_is_probed_in_a_process_of_its_own(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.pdf"
    good.write_text("The gate is green.")
    bad.write_text("no PDF")

    assert probe(good).outcome == READ
    assert probe(good).peak_mb > 0
    assert (probe(bad).outcome, probe(bad).reason) == (
        REFUSED,
        "the file is named .pdf but holds no PDF",
    )
    assert probe(tmp_path / "absent").outcome == CRASHED


def test_a_file_that_never_ends_is_a_hang(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # reading it waits for a writer that never comes
    assert probe(pipe, timeout_s=0.2).outcome == HUNG


# --- the command --------------------------------------------------------------------------------


def test_the_command_prints_and_keeps_what_was_measured(tmp_path: Path) -> None:
    folder = tmp_path / "formats"
    folder.mkdir()
    (folder / "a.txt").write_text("Famous ducks")
    manifest(folder, [{"file": "a.txt", "must_contain": "ducks", "reference_markdown": ""}])
    kept = tmp_path / "told.json"

    done = CliRunner().invoke(
        main, ["formats", "--data", str(tmp_path), "--json", str(kept)], catch_exceptions=False
    )

    assert done.exit_code == 0
    assert "1 of 1 strings found" in done.stdout
    assert json.loads(kept.read_text())["formats"]["rows"] == [
        {"file": "a.txt", "outcome": "read", "strings found": 1, "of": 1, "word recall": "-"}
    ]


def test_the_shipped_samples_hold_everything_planted() -> None:
    done = CliRunner().invoke(main, ["samples"], catch_exceptions=False)

    assert done.exit_code == 0
    assert "28 of 28 strings found" in done.stdout


@pytest.mark.parametrize(
    "arguments", [["--data", "/no/such"], ["nasty", "--data", "."], ["nonsense"]]
)
def test_sets_that_are_not_there_are_exit_code_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2
