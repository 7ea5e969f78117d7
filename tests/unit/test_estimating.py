"""What files would cost, before anything is uploaded, and by whose settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result

from askbucket.embedders import EMBEDDERS, TITAN
from askbucket.ingest.chunking import Chunker
from askbucket.ingest.readers.reading import open_source
from askbucket.ingest.searched import meaning_of
from askbucket.ingest.trail import title_of
from local.bedrock.minilm import tokens
from local.cli import main
from local.estimating import OCR_PAGE_TOKENS, Estimate, estimate, together
from local.planning import Plan, context_variables
from local.serve import ROOT
from local.stack import DESCRIPTION
from tests.unit.bedrock_served import refused_url
from tests.unit.ingest.files import pdf

SAMPLES = ROOT / "samples"
DEFAULTS = Plan.of({})
Describe = Callable[[str], Path]
OUTPUTS = {"ApiUrl": "https://a.example/", "BucketName": "b", "IngestFunction": "ingest"}


def by(**settings: str) -> Plan:
    return Plan.of({f"ASKBUCKET_{name.upper()}": value for name, value in settings.items()})


def of(name: str, plan: Plan = DEFAULTS) -> Estimate:
    return estimate(SAMPLES / name, name, plan)


def test_pages_with_a_text_layer_need_no_ocr() -> None:
    found = of("handbook.pdf")
    assert (found.pages, found.ocr_pages, found.ocr_usd) == (4, 0, 0.0)
    assert found.chunks > 0


def test_a_scan_s_pages_are_paid_for_by_the_features_of_its_prefix() -> None:
    plain = of("scan.pdf")
    tables = of("scan.pdf", by(ocr_features="scan=tables"))
    other = of("scan.pdf", by(ocr_features="else/=tables"))
    assert (plain.pages, plain.ocr_pages, plain.tokens) == (1, 1, OCR_PAGE_TOKENS)
    assert plain.ocr_usd == other.ocr_usd == pytest.approx(0.0015)
    assert tables.ocr_usd == pytest.approx(0.015)


@pytest.mark.parametrize("name", ["handbook.pdf", "notes.txt", "notice.html"])
def test_tokens_are_those_of_the_chunks_as_they_are_embedded(name: str) -> None:
    source = open_source(SAMPLES / name, name)
    pages = source.pages(1, source.page_count)
    source.close()
    chunks = Chunker(1000, 0).chunks(pages, paged=source.paged, title=title_of(name))
    assert of(name).tokens == sum(tokens(meaning_of(chunk)) for chunk in chunks)


def test_a_text_that_stands_twice_is_embedded_once(tmp_path: Path) -> None:
    page = "The same words on every page.\n\n" * 40
    once, twice = tmp_path / "once.txt", tmp_path / "twice.txt"
    once.write_text("".join(f"{n}{n}{n} {page}" for n in range(2)))
    twice.write_text(page * 2)
    assert estimate(twice, "a.txt", by(chunk_chars="100")).tokens < (
        estimate(once, "a.txt", by(chunk_chars="100")).tokens
    )


def test_chunks_too_long_for_the_embedder_are_counted_as_it_takes_them(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("Every clause of the contract has its own number. " * 200)
    titan = estimate(path, "long.txt", by(chunk_chars="4000"))
    cohere = estimate(path, "long.txt", by(chunk_chars="4000", embedder="cohere.embed-english-v3"))
    assert cohere.chunks >= 2 * titan.chunks


def test_smaller_chunks_take_more_tokens_for_their_titles(tmp_path: Path) -> None:
    path = tmp_path / "terms.txt"
    path.write_text("".join(f"Clause {n} says something of its own.\n" for n in range(100)))
    large, small = (estimate(path, "terms.txt", by(chunk_chars=n)) for n in ("1000", "200"))
    assert small.chunks > large.chunks
    assert small.tokens > large.tokens


def test_the_price_of_the_embedder_counts_whatever_its_dimensions() -> None:
    titan = of("notes.txt")
    cohere = of("notes.txt", by(embedder="cohere.embed-v4:0"))
    assert titan.embedding_usd == pytest.approx(titan.tokens * 0.02 / 1e6)
    assert cohere.embedding_usd == pytest.approx(cohere.tokens * 0.12 / 1e6)
    assert of("notes.txt", by(embedder=f"{TITAN}/256")).embedding_usd == titan.embedding_usd


def test_what_would_be_refused_says_why_and_costs_nothing(tmp_path: Path) -> None:
    old = tmp_path / "old.doc"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    found = estimate(old, "old.doc", DEFAULTS)
    assert found.refused
    assert found == Estimate("old.doc", refused=found.refused)
    blank = tmp_path / "blank.pdf"
    blank.write_bytes(pdf([[]]))
    assert "no text was found" in estimate(blank, "blank.pdf", DEFAULTS).refused
    assert "10 at most" in of("notes.txt", by(max_file_bytes="10")).refused
    assert "names no tenant" in of("notes.txt", by(tenants="prefix")).refused
    assert not estimate(SAMPLES / "notes.txt", "acme/notes.txt", by(tenants="prefix")).refused


def test_the_sum_adds_up_and_does_not_guess_dollars() -> None:
    parts = [of("handbook.pdf"), of("scan.pdf")]
    whole = together(parts)
    assert (whole.pages, whole.ocr_pages) == (5, 1)
    assert whole.tokens == sum(part.tokens for part in parts)
    assert together([*parts, replace(parts[0], embedding_usd=None)]).embedding_usd is None


# --- whose settings -----------------------------------------------------------------------------


def test_settings_of_this_process_s_environment_do_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASKBUCKET_CHUNK_CHARS", "333")
    assert Plan.of({}).chunk_chars == 1000


def test_a_context_is_what_a_deployment_of_it_would_set(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text(json.dumps({"context": {"chunk_chars": 500, "arch": "x"}}))
    given = {"embedder": "cohere.embed-v4:0", "arch": "arm64"}
    plan = Plan.of(context_variables(given, tmp_path))
    assert (plan.chunk_chars, plan.embedder.name) == (500, "cohere.embed-v4:0")
    with pytest.raises(ValueError, match="chunk_chars=5 is outside"):
        context_variables({"chunk_chars": "5", "arch": "arm64"}, tmp_path)


@dataclass
class Account:
    """An account with the stack Mine, whose ingest function has these variables."""

    url: str = ""
    variables: dict[str, str] = field(default_factory=lambda: {"ASKBUCKET_TABLE": "t"})


DESCRIBED = """<DescribeStacksResponse><DescribeStacksResult><Stacks><member>
<StackName>Mine</StackName><Outputs>{}</Outputs></member></Stacks></DescribeStacksResult>
</DescribeStacksResponse>"""
OUTPUT = "<member><OutputKey>{}</OutputKey><OutputValue>{}</OutputValue></member>"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Answers as CloudFormation and Lambda do."""
    of = Account()

    class Services(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            outputs = "".join(OUTPUT.format(*each) for each in OUTPUTS.items())
            self._say(DESCRIBED.format(outputs))

        def do_GET(self) -> None:
            assert self.path.endswith("/functions/ingest/configuration")
            self._say(json.dumps({"Environment": {"Variables": of.variables}}))

        def _say(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Not to the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Services) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        of.url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        settings = {"ENDPOINT_URL": of.url, "DEFAULT_REGION": "us-east-1"}
        for name, value in (settings | {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "s"}).items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield of
        server.shutdown()
        thread.join()


@pytest.fixture
def describe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Describe:
    """`describe(url)`: a local stack tells in the usual folder that it runs there."""
    monkeypatch.chdir(tmp_path)

    def described(url: str) -> Path:
        path = tmp_path / ".askbucket" / DESCRIPTION
        path.parent.mkdir()
        running = {"api_url": url, "bucket": "b", "aws_endpoint": url, "outputs": OUTPUTS}
        path.write_text(json.dumps(running))
        return path

    return described


def told(*arguments: str) -> Any:
    done = run("--json", *arguments)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def run(*arguments: str, name: str = "scan.pdf") -> Result:
    return CliRunner().invoke(main, ["estimate", str(SAMPLES / name), *arguments])


def test_a_named_stack_s_settings_change_the_estimate(account: Account) -> None:
    before = told("--stack", "Mine")
    account.variables |= {
        "ASKBUCKET_OCR_FEATURES": "=tables,forms",
        "ASKBUCKET_EMBEDDER": "cohere.embed-v4:0",
        "ASKBUCKET_CHUNK_CHARS": "300",
    }
    after = told("--stack", "Mine")
    assert before["settings"]["of"] == after["settings"]["of"] == "stack Mine"
    assert before["together"]["ocr_usd"] == pytest.approx(0.0015)
    assert after["together"]["ocr_usd"] == pytest.approx(0.065)
    assert after["together"]["embedding_usd"] == pytest.approx(
        6 * before["together"]["embedding_usd"]
    )
    assert "chunks of 300 characters" in after["settings"]["used"]
    but = told("--stack", "Mine", "--ocr-features", "")
    assert but["together"]["ocr_usd"] == pytest.approx(0.0015)
    assert but["settings"]["of"] == "stack Mine, but for options given"


def test_the_running_local_stack_s_settings_are_taken_unasked(
    account: Account, describe: Describe
) -> None:
    account.variables["ASKBUCKET_EMBEDDER"] = "askbucket.minilm-l6-v2"
    description = describe(account.url)
    assert told()["settings"]["of"] == "the running local stack"
    assert told()["together"]["embedding_usd"] == 0.0
    given = told("--stack-context", "chunk_chars=500")["settings"]
    assert given["of"] == "a stack deployed from here with chunk_chars=500"
    description.unlink()
    assert told()["settings"]["of"] == "a stack deployed from here"


def test_a_local_stack_that_was_killed_is_not_asked_for_its_settings(describe: Describe) -> None:
    description = describe(refused_url())
    assert told()["settings"]["of"] == "a stack deployed from here"
    done = run("--data", str(description.parent))  # named, it must answer
    assert done.exit_code == 1
    assert "the settings of ingest cannot be read" in done.output


def test_an_address_alone_tells_no_settings() -> None:
    done = run("--api-url", "https://a.example", "--bucket", "b")
    assert done.exit_code == 1
    assert "name one by --stack" in done.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--ocr-features", "=colours"), "colours"),
        (("--embedder", "some.model"), "some.model"),
        (("--stack-context", "chunk_chars=5"), "chunk_chars=5 is outside"),
        (("--stack-context", "chunk_chars"), "not K=V"),
        (("--stack", "Mine", "--stack-context", "chunk_chars=500"), "name one alone"),
    ],
)
def test_settings_there_are_not_are_a_wrong_call(arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert words in done.output


def test_every_embedder_that_counts_its_own_tokens_has_its_limit_here() -> None:
    from local.estimating import MOST_TOKENS

    counting = {spec.model_id for spec in EMBEDDERS.values() if spec.max_bytes >= 1_000_000}
    assert counting == MOST_TOKENS.keys()


# --- the command --------------------------------------------------------------------------------


def test_the_command_tells_every_file_and_the_sum() -> None:
    done = run("--stack-context", "ocr_features=")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("settings of a stack deployed from here with ocr_features=: ")
    assert "1 page, 1 by OCR, 700 tokens: OCR $0.0015" in done.stdout
    assert "together" in done.stdout


def test_the_command_fails_where_a_file_would_be_refused(tmp_path: Path) -> None:
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    done = CliRunner().invoke(main, ["estimate", str(tmp_path), "--json"])
    assert done.exit_code == 1
    assert '"refused": "' in done.stdout
