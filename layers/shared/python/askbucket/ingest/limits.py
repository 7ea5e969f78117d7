"""The limits we set ourselves, and what became of documents that were over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from askbucket.errors import OverLimit


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file in bytes and the most pages that are indexed."""

    file_bytes: int
    pages: int

    def check_size(self, size: int) -> None:
        """Raises OverLimit for a file of more bytes."""
        if size > self.file_bytes:
            message = f"the file has {size} bytes; {self.file_bytes} at most are indexed"
            raise OverLimit(message, {"file_bytes": size})

    def check_pages(self, pages: int) -> None:
        """Raises OverLimit for a document of more pages."""
        if pages > self.pages:
            message = f"the file has {pages} pages; {self.pages} at most are indexed"
            raise OverLimit(message, {"pages": pages})

    def admit_now(self, needs: Mapping[str, int]) -> bool:
        """Whether what a document was once refused for is allowed by now; it needs something."""
        limits = asdict(self)
        return bool(needs) and all(need <= limits.get(name, 0) for name, need in needs.items())
