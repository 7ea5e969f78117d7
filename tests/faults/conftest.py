"""One offline store for all stories, and an empty stack for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from tests.contract.qdrant_served import served
from tests.faults.stack import Stack, made_stack

NewStack = Callable[[], AbstractContextManager[Stack]]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("qdrant")) as url:
        yield url


@pytest.fixture
def new_stack(server: str, monkeypatch: pytest.MonkeyPatch) -> NewStack:
    return lambda: made_stack(server, monkeypatch)


@pytest.fixture
def stack(new_stack: NewStack) -> Iterator[Stack]:
    with new_stack() as made:
        yield made
