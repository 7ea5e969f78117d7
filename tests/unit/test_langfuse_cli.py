"""The commands that Langfuse hears of, against servers that keep what they are sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from askbucket.answer.every_prompt import PROMPTS
from askbucket.answer.prompts import ANSWER
from local.cli import main
from local.langfuse_keys import tracing_context, tracing_keys
from local.stack import DESCRIPTION
from tests.contract.langfuse_served import langfuse_served, some_keys
from tests.unit.bedrock_served import refused_url

TRACE = "0123456789abcdef" * 2


@pytest.fixture
def given(tmp_path: Path) -> Iterator[list[tuple[str, Any]]]:
    """Paths and bodies that the API of the stack in `tmp_path` was given; it accepts them all."""
    heard: list[tuple[str, Any]] = []

    class Api(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.append((self.path, json.loads(body)))
            self.send_response(202)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Api)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    told = {"api_url": url, "bucket": "b", "aws_endpoint": url, "outputs": {}}
    (tmp_path / DESCRIPTION).write_text(json.dumps(told))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield heard
    server.shutdown()
    thread.join()
    server.server_close()


def run(*args: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, args)
    return done.exit_code, done.output


def test_thumbs_become_scores(given: list[tuple[str, Any]], tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    up = run("feedback", TRACE, "up", *data)
    down = run("feedback", TRACE, "down", "--comment", "wrong year", *data)

    assert (up[0], down[0]) == (0, 0)
    assert given == [
        ("/feedback", {"trace_id": TRACE, "score": 1}),
        ("/feedback", {"trace_id": TRACE, "score": -1, "comment": "wrong year"}),
    ]


def test_another_thumb_is_called_wrongly() -> None:
    assert run("feedback", TRACE, "sideways")[0] == 2


def test_prompts_are_pushed_and_then_there(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = some_keys()
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", keys["public_key"])
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", keys["secret_key"])
    with langfuse_served() as langfuse:
        monkeypatch.setenv("LANGFUSE_BASE_URL", langfuse.url)
        first, again = run("prompts", "push"), run("prompts", "push")

    assert first == (0, "".join(f"{each.name}  version 1 made\n" for each in PROMPTS))
    assert again == (0, "".join(f"{each.name}  version 1 is the same\n" for each in PROMPTS))
    assert [each["prompt"] for each in langfuse.prompts["answer"]] == [ANSWER.text]
    assert langfuse.keys == {(keys["public_key"], keys["secret_key"])}


def test_without_keys_the_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGFUSE_PUBLIC_KEY", raising=False)
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "")

    code, told = run("prompts", "push")

    assert code == 2
    assert "LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY must hold" in told


def test_the_offline_stack_traces_only_where_it_is_asked_to() -> None:
    keys = {"LANGFUSE_PUBLIC_KEY": "pk", "LANGFUSE_SECRET_KEY": "sk"}
    asked = keys | {"ASKBUCKET_LANGFUSE_URL": "http://127.0.0.1:3000"}

    assert (tracing_context(keys), tracing_keys(keys)) == ({}, {})
    assert tracing_context(asked) == {"langfuse_url": "http://127.0.0.1:3000"}
    assert tracing_keys(asked) == {"public_key": "pk", "secret_key": "sk"}


def test_a_langfuse_that_is_away_is_a_failure_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(("PUBLIC", "SECRET"), some_keys().values(), strict=True):
        monkeypatch.setenv(f"LANGFUSE_{name}_KEY", value)
    monkeypatch.setenv("LANGFUSE_BASE_URL", refused_url())

    code, told = run("prompts", "push")

    assert code == 1
    assert told.startswith("Error: Langfuse did not take the prompts:")
