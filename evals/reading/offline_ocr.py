"""The offline Textract in this process: its service behind a client's methods, without the wire.

Rendering, OCR, jobs, blocks and their slices are the endpoint's own, and what reads them is the
product's `ingest/ocr.py`. Left out are HTTP, S3 (documents lie in a folder) and SNS.

The service keeps its jobs, and gives the same request the same job: that is the cache. The folder
is named by the engine's version and the code that recognises, so a change of either reads anew.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from askbucket.errors import UnreadableDocument
from askbucket.ingest.ocr import FAILED, RUNNING, Textract
from askbucket.ingest.readers.source import Source
from askbucket.models import Page
from local.ocr.engines import engine_named
from local.ocr.page_text import Engine
from local.serve import ROOT
from local.textract.app import WORKERS
from local.textract.emulated_aws import EmulatedAws
from local.textract.errors import TextractError
from local.textract.jobs import JobFiles
from local.textract.ledger import PageLedger
from local.textract.runner import JobRunner
from local.textract.service import Limits, TextractService

CACHE = ROOT / ".cache" / "reading"
POLL_SECONDS = 0.05
BUCKET = "folder"


class OfflineOcr:
    """Recognises pages that wait for OCR, as the deployed product would."""

    def __init__(self, textract: Textract, folder: Path) -> None:
        self._textract = textract
        self._folder = folder

    def pages(self, source: Source, content: str, numbers: Sequence[int]) -> list[Page]:
        """These pages of the file whose bytes have the hash `content`, under their own numbers.

        A page that OCR could not read is "lost". Raises UnreadableDocument where OCR refuses all.
        """
        told = f"{content} {list(numbers)}".encode()
        name = hashlib.sha256(told).hexdigest() + source.ocr_suffix
        document = self._folder / name
        document.write_bytes(source.ocr_input(numbers))
        job = self._textract.start(BUCKET, name, content=content, tag="reading", attempt=0)
        document.unlink(missing_ok=True)  # it was taken, unless the job was known
        while (state := self._textract.state(job)).state == RUNNING:
            time.sleep(POLL_SECONDS)
        if state.state == FAILED:
            raise UnreadableDocument(f"OCR failed: {state.message}")
        read = {page.number: page.lines for page in self._textract.pages(job)}
        return [
            Page(number, read[at], "ocr") if at in read else Page(number, (), "lost")
            for at, number in enumerate(numbers, 1)
        ]


@contextmanager
def offline_ocr(
    *, fresh: bool = False, cache: Path = CACHE, engine: Engine | None = None
) -> Iterator[OfflineOcr]:
    """OCR while the block runs. `fresh` forgets all that was recognised before."""
    chosen = engine or engine_named("rapidocr")
    if fresh:
        shutil.rmtree(cache, ignore_errors=True)
    documents = _place(cache, chosen) / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    with offline_textract(_Folder(documents), cache=cache, engine=chosen) as client:
        yield OfflineOcr(Textract(client, "topic", "role"), documents)


@contextmanager
def offline_textract(
    aws: EmulatedAws, *, cache: Path = CACHE, engine: Engine | None = None
) -> Iterator[Any]:
    """What a boto3 client of Textract is, while the block runs; documents come from `aws`."""
    chosen = engine or engine_named("rapidocr")
    folder = _place(cache, chosen)
    files = JobFiles(folder / "jobs")
    runner = JobRunner(files, PageLedger(folder / "pages.json"), chosen, aws)
    runner.start(WORKERS)
    try:
        yield _client(TextractService(files, runner, aws, Limits()))
    finally:
        runner.stop()


def _place(cache: Path, engine: Engine) -> Path:
    return cache / f"{engine.name}-{_recogniser()}"


class _Folder(EmulatedAws):
    """Documents from a folder; nobody is told of completions."""

    def __init__(self, folder: Path) -> None:
        self._documents = folder

    def fetch(self, s3_object: dict[str, str], to: Path, max_bytes: int) -> None:
        del max_bytes
        (self._documents / s3_object["Name"]).rename(to)

    def publish(self, topic: str, message: dict[str, Any]) -> None:
        """Whoever waits asks for the state."""


def _client(service: TextractService) -> SimpleNamespace:
    """A method for each operation, named and failing as boto3's."""
    methods = {xform_name(name): _method(name, call) for name, call in service.operations.items()}
    return SimpleNamespace(**methods)


def _method(name: str, operation: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    def method(**parameters: Any) -> dict[str, Any]:
        try:
            return operation(parameters) | {"ResponseMetadata": {"HTTPStatusCode": 200}}
        except TextractError as error:
            told = {"Code": error.code, "Message": str(error)}
            raise ClientError({"Error": told}, name) from error

    return method


def _recogniser() -> str:
    """Changes with the engine and with every line of the code that recognises."""
    digest = hashlib.sha256(version("rapidocr").encode())
    for folder in ("ocr", "textract"):
        for path in sorted((ROOT / "local" / folder).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
