"""Jobs and their results on disk, one folder per job, so that a crash loses no finished page.

jobs/<job id>/job.json       the job; written last at the start and replaced as a whole
             /document       a copy of the pinned object, removed when the job has ended
             /pages/<n>.json         the blocks of page n
             /pages/<n>.failed.json  why page n could not be read, instead
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local.textract.blocks import Block

IN_PROGRESS = "IN_PROGRESS"
SUCCEEDED = "SUCCEEDED"
FAILED = "FAILED"
PARTIAL_SUCCESS = "PARTIAL_SUCCESS"


@dataclass(frozen=True)
class Job:
    """One asynchronous text detection or, with `features`, analysis.

    `request` is the hash of the parameters that a repeated ClientRequestToken must equal.
    `pages` is 0 for a document that could not be opened. `announced` is true once the completion
    was published, or if nobody asked for it.
    """

    job_id: str
    bucket: str
    name: str
    request: str
    pages: int
    token: str | None = None
    tag: str | None = None
    topic: str | None = None
    status: str = IN_PROGRESS
    status_message: str | None = None
    failed_pages: tuple[int, ...] = ()
    finished_ms: int | None = None
    announced: bool = False
    features: tuple[str, ...] = ()


def write_json(path: Path, value: Any) -> None:
    """Replace the file as a whole: readers and a restart see the old content or the new one."""
    draft = path.with_name(f"{path.name}.{os.urandom(4).hex()}.draft")
    draft.write_text(json.dumps(value), encoding="utf-8")
    draft.replace(path)


class JobFiles:
    """The folder of all jobs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def prepare(self, job_id: str) -> Path:
        """Make the job's folder; the path where its document belongs."""
        (self._folder / job_id / "pages").mkdir(parents=True)
        return self.document(job_id)

    def document(self, job_id: str) -> Path:
        return self._folder / job_id / "document"

    def save(self, job: Job) -> None:
        write_json(self._folder / job.job_id / "job.json", asdict(job))

    def discard(self, job_id: str) -> None:
        shutil.rmtree(self._folder / job_id)

    def drop_document(self, job_id: str) -> None:
        self.document(job_id).unlink(missing_ok=True)

    def load_all(self) -> Iterator[Job]:
        """Every job; folders of starts that a crash cut short are removed."""
        for folder in sorted(self._folder.iterdir()):
            record = folder / "job.json"
            if not record.exists():
                self.discard(folder.name)
                continue
            fields = json.loads(record.read_text(encoding="utf-8"))
            lists = {name: tuple(fields.get(name, ())) for name in ("failed_pages", "features")}
            yield Job(**fields | lists)

    def save_page(self, job_id: str, page: int, blocks: list[Block]) -> None:
        write_json(self._page(job_id, page), blocks)

    def save_failed_page(self, job_id: str, page: int, reason: str) -> None:
        write_json(self._failed_page(job_id, page), reason)

    def is_read(self, job_id: str, page: int) -> bool:
        """Whether the page needs no more work, read or failed."""
        return self._page(job_id, page).exists() or self._failed_page(job_id, page).exists()

    def page_blocks(self, job_id: str, page: int) -> list[Block]:
        """The blocks of a page; none for a page that could not be read."""
        path = self._page(job_id, page)
        return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []

    def failed_pages(self, job: Job) -> tuple[int, ...]:
        pages = range(1, job.pages + 1)
        return tuple(page for page in pages if self._failed_page(job.job_id, page).exists())

    def failure(self, job_id: str, page: int) -> str:
        return str(json.loads(self._failed_page(job_id, page).read_text(encoding="utf-8")))

    def _page(self, job_id: str, page: int) -> Path:
        return self._folder / job_id / "pages" / f"{page}.json"

    def _failed_page(self, job_id: str, page: int) -> Path:
        return self._folder / job_id / "pages" / f"{page}.failed.json"
