"""The benchmark of memory still drives the real Sync: its stand-ins keep up with what that asks."""

from __future__ import annotations

import pytest

from bench.memory import KINDS, measured


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_document_is_indexed_and_measured(kind: str) -> None:
    told = measured(kind, pages=2)
    assert told["chunks"] >= 2
    assert told["peak"] >= told["idle"] > 0
