"""One stack for all tests that leave it running; each test keeps to its own prefix of keys."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from local.cli import main
from local.stack import OfflineStack
from tests.e2e.driver import Driver, Run

TAIL_CHARS = 4000
ANSWERING = pytest.StashKey[tuple[Path, Driver]]()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of `stack`."""
    return tmp_path_factory.mktemp("askbucket")


@pytest.fixture(scope="session")
def stack(data: Path, request: pytest.FixtureRequest) -> Iterator[Driver]:
    with OfflineStack(data) as running:
        driver = Driver.of(running.running)
        request.config.stash[ANSWERING] = (data, driver)
        yield driver
        del request.config.stash[ANSWERING]
        driver.close()


@pytest.fixture
def run(stack: Driver, data: Path) -> Run:
    """`run("status", "--json")` is the command on the stack of these tests."""

    def invoked(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--data", str(data), *arguments])

    return invoked


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """Where this test's keys begin."""
    return f"{request.node.name}/"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what servers, emulator and Lambda functions wrote last."""
    report = yield
    if report.failed and ANSWERING in item.config.stash:
        data, driver = item.config.stash[ANSWERING]
        for log in sorted(data.glob("*/*.log")):
            _show(report, os.path.relpath(log, data), log.read_text(errors="replace"))
        _show(report, "Lambda", _lambda_lines(driver.logs))
    return report


def _show(report: pytest.TestReport, name: str, text: str) -> None:
    if text.strip():
        report.sections.append((f"tail of {name}", text[-TAIL_CHARS:]))


def _lambda_lines(logs: Any) -> str:
    events = [
        event
        for group in logs.describe_log_groups()["logGroups"]
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
    ]
    return "\n".join(e["message"].rstrip() for e in sorted(events, key=lambda e: e["timestamp"]))
