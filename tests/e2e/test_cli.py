"""The `askbucket` command as a client of a running stack."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from local.cli import main
from local.serve import ROOT
from tests.e2e.driver import Driver, Run

NOTES = ROOT / "samples" / "notes.txt"
OUTPUTS = {
    "SweepFunction": "sweep",
    "QueueUrl": "http://127.0.0.1:9/queue",
    "DeadLetterQueueUrls": "http://127.0.0.1:9/dead",
}
BUDGET = "What is the budget for the solar panels?"


@pytest.fixture
def ready(run: Run, prefix: str) -> str:
    """The key of a document put by the command."""
    assert run("put", str(NOTES), "--prefix", prefix, "--wait").exit_code == 0
    return f"{prefix}notes.txt"


def test_put_waits_until_a_file_is_ready(run: Run, prefix: str) -> None:
    done = run("put", str(NOTES), "--prefix", prefix, "--wait")

    assert done.exit_code == 0, done.output
    assert done.stdout == f"ready     {prefix}notes.txt  (1 chunk)\n"


def test_put_without_waiting_tells_the_version_to_wait_for(
    run: Run, stack: Driver, prefix: str
) -> None:
    done = run("put", str(NOTES), "--prefix", prefix, "--json")

    [uploaded] = json.loads(done.stdout)["documents"]
    assert uploaded["document"] == f"{prefix}notes.txt"
    stack.ready(uploaded["document"], uploaded["version"])


def test_put_uploads_a_folder_by_its_paths(run: Run, prefix: str, tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "top.txt").write_text("The boat is blue.")
    (tmp_path / "deep" / "er" / "ä b.txt").write_text("The oars are red.")

    done = run("put", str(tmp_path), "--prefix", prefix, "--wait", "--json")

    assert done.exit_code == 0, done.output
    documents = json.loads(done.stdout)["documents"]
    assert {(d["document"], d["status"]) for d in documents} == {
        (f"{prefix}top.txt", "ready"),
        (f"{prefix}deep/er/ä b.txt", "ready"),
    }


def test_put_fails_when_a_file_fails_and_says_why(run: Run, prefix: str, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("The boat is blue.")
    (tmp_path / "bad.pdf").write_text("no PDF at all")

    done = run("put", str(tmp_path), "--prefix", prefix, "--wait")

    assert done.exit_code == 1
    assert f"failed    {prefix}bad.pdf\n          the file is named .pdf" in done.stdout
    assert f"ready     {prefix}good.txt" in done.stdout


def test_ask_prints_the_answer_with_its_sources(run: Run, ready: str, prefix: str) -> None:
    done = run("ask", BUDGET, "--prefix", prefix)

    assert done.exit_code == 0, done.output
    assert "26,400 pounds" in done.stdout
    assert f"  [1] {ready}: " in done.stdout


@pytest.mark.parametrize(
    ("command", "route", "field"), [("ask", "query", "question"), ("search", "search", "query")]
)
def test_json_is_what_the_api_replies(
    run: Run, stack: Driver, ready: str, command: str, route: str, field: str
) -> None:
    arguments = (command, BUDGET, "--document", ready, "--top-k", "2", "--json")
    run(*arguments)  # what follows is answered by the same kept reply

    done = run(*arguments)

    body = {field: BUDGET, "top_k": 2, "filter": {"document": ready}}
    replied = stack.http.post(f"{stack.running.api_url}/{route}", json=body).json()
    assert without_trace(json.loads(done.stdout)) == without_trace(replied)


def test_search_prints_score_place_and_text(run: Run, ready: str) -> None:
    done = run("search", BUDGET, "--document", ready)

    score, place = done.stdout.splitlines()[0].split()
    assert 0 < float(score) <= 1
    assert place == ready


def test_status_of_one_key_shows_its_history(run: Run, ready: str) -> None:
    shown, told = run("status", ready), run("status", ready, "--json")

    assert shown.stdout.splitlines()[0] == f"ready     {ready}  (1 chunk)"
    assert "embedded: 1 chunks" in shown.stdout
    document = json.loads(told.stdout)
    assert document["document"] == ready
    assert [step["step"] for step in document["steps"]] == ["read", "embedded", "ready"]


def test_status_lists_and_watches_a_prefix(
    run: Run, stack: Driver, ready: str, prefix: str
) -> None:
    watched = run("status", "--prefix", prefix, "--watch")
    listed = run("status", "--prefix", prefix, "--json")

    assert watched.stdout == f"ready     {ready}  (1 chunk)\n"
    assert json.loads(listed.stdout) == {"documents": [stack.document(ready)]}


def test_rm_takes_a_document_out(run: Run, stack: Driver, ready: str) -> None:
    done = run("rm", ready)

    assert done.stdout == f"deleted {ready}\n"
    stack.gone([ready])


def test_sweep_tells_what_it_found(run: Run, ready: str) -> None:
    shown, told = run("sweep"), run("sweep", "--json")

    assert shown.exit_code == 0, shown.output
    assert "keys looked at" in shown.stdout
    assert json.loads(told.stdout)["keys"] >= 1


def test_doctor_of_a_healthy_document_says_so(run: Run, ready: str) -> None:
    shown, told = run("doctor", ready), run("doctor", ready, "--json")

    assert shown.exit_code == told.exit_code == 0, shown.output
    assert "step    ready\ncause   nothing is wrong\n" in shown.stdout
    assert "embedded: 1 chunks" in shown.stdout
    diagnosis = json.loads(told.stdout)
    assert (diagnosis["document"], diagnosis["healthy"]) == (ready, True)


def test_doctor_of_a_bad_file_tells_its_reason_and_fails(
    run: Run, stack: Driver, prefix: str
) -> None:
    key = f"{prefix}empty.pdf"
    stack.at_rest(key, stack.put(key, b""))

    done = run("doctor", key)

    assert done.exit_code == 1
    assert "step    failed for good" in done.stdout
    assert "empty (0 bytes)" in done.stdout
    assert "action  upload a file that can be read" in done.stdout


def test_doctor_of_an_unknown_key_finds_nothing_to_mend(run: Run, prefix: str) -> None:
    done = run("doctor", f"{prefix}nothing.txt")

    assert done.exit_code == 0
    assert "neither an object nor a document" in done.stdout


def test_redrive_of_nothing_says_so(run: Run, stack: Driver) -> None:
    done = run("redrive")

    assert (done.exit_code, done.stdout) == (0, "no message is waiting there\n")


@pytest.mark.parametrize("command", ["status", "rm"])
def test_an_unknown_document_is_an_error(run: Run, prefix: str, command: str) -> None:
    done = run(command, f"{prefix}nothing.txt")

    assert done.exit_code == 1
    assert f"there is no document {prefix}nothing.txt" in done.stderr


def test_the_data_folder_may_be_named_after_the_command(
    stack: Driver, data: Path, ready: str
) -> None:
    done = CliRunner().invoke(main, ["status", ready, "--data", str(data)])

    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    "arguments", [["ask", "anything"], ["put", str(NOTES)], ["status"], ["sweep"], ["redrive"]]
)
def test_a_stack_that_does_not_run_is_told_with_the_way_out(
    arguments: list[str], tmp_path: Path
) -> None:
    nobody = {"api_url": "http://127.0.0.1:9", "aws_endpoint": "http://127.0.0.1:9"}
    told = {**nobody, "bucket": "askbucket", "outputs": OUTPUTS}
    (tmp_path / "stack.json").write_text(json.dumps(told))

    done = CliRunner().invoke(main, [*arguments, "--data", str(tmp_path)])

    assert done.exit_code == 1
    assert "is `askbucket up` running?" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["put"],
        ["put", f"{os.sep}no{os.sep}such"],
        ["ask"],
        ["nonsense"],
        ["ask", "x", "--top-k", "0"],
        ["ask", "x", "--bucket", "alone"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2


def without_trace(reply: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reply.items() if name != "trace_id"}


def test_import_brings_another_buckets_objects_in(run: Run, stack: Driver, prefix: str) -> None:
    stack.s3.create_bucket(Bucket="elsewhere")
    stack.s3.put_object(Bucket="elsewhere", Key="in/tide.txt", Body=b"High tide is at noon.")

    counted = run("import", "elsewhere/in/", "--dry-run")
    done = run("import", "s3://elsewhere/in/", "--prefix", prefix)
    again = run("import", "elsewhere/in/", "--prefix", prefix, "--json")

    assert counted.stdout == "1 object, 0.0 MiB\n"
    assert done.exit_code == 0, done.output
    assert done.stdout == "1 copied, 0 there already, 0 refused (0.0 MiB)\n"
    assert json.loads(again.stdout)["there already"] == 1
    there = stack.s3.head_object(Bucket=stack.running.bucket, Key=f"{prefix}in/tide.txt")
    stack.ready(f"{prefix}in/tide.txt", there["VersionId"])


def test_import_of_a_bucket_that_is_not_there_fails(run: Run) -> None:
    done = run("import", "no-such-bucket")

    assert done.exit_code == 1
    assert "bucket no-such-bucket cannot be listed" in done.stderr


def test_an_estimate_tells_the_pages_and_dollars_that_are_then_paid(run: Run, prefix: str) -> None:
    files = [str(ROOT / "samples" / name) for name in ("handbook.pdf", "scan.pdf")]

    told = json.loads(run("estimate", *files, "--prefix", prefix, "--json").stdout)["documents"]
    paid = json.loads(run("put", *files, "--prefix", prefix, "--wait", "--json").stdout)

    assert [(e["key"], e["pages"], e["ocr_pages"], e["ocr_usd"]) for e in told] == [
        (d["document"], d["pages"], d["ocr_pages"], d["usd"]["ocr"]) for d in paid["documents"]
    ]


def test_an_estimate_of_a_text_is_exact_to_the_token(run: Run, stack: Driver, prefix: str) -> None:
    file = str(ROOT / "samples" / "handbook.pdf")
    estimated = json.loads(run("estimate", file, "--prefix", prefix, "--json").stdout)
    before = stack.tokens_embedded()

    assert run("put", file, "--prefix", prefix, "--wait").exit_code == 0

    assert estimated["settings"]["of"] == "the running local stack"
    assert "askbucket.minilm-l6-v2" in estimated["settings"]["used"]
    assert estimated["together"]["tokens"] == stack.tokens_embedded() - before > 0
