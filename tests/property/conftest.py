"""AWS in memory for all of this folder, and no way out of the process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.property.history import moto_on


@pytest.fixture(autouse=True, scope="module")
def aws_in_memory() -> Iterator[None]:
    with moto_on():
        yield
