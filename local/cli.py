"""The `askbucket` command: the offline stack, and a client for it and for deployed stacks.

Exit code 0: done; 1: failed, with the reason on standard error; 2: called wrongly.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from local.ask_cli import COMMANDS as ASKING
from local.client_command import DEFAULT_DATA, ClientCommand, as_text, target_options
from local.cost_cli import cost, estimate
from local.counting import cost_of, counted, progress_of, size_of
from local.import_cli import import_
from local.key_cli import api_keys
from local.langfuse_cli import feedback, prompts
from local.put_files import files_of
from local.repair_cli import COMMANDS as REPAIR
from local.show_cli import show
from local.tenant_cli import COMMANDS as TENANTS
from local.terminal import one_line, say

if TYPE_CHECKING:
    from local.client import Client

WAIT_SECONDS = 1800.0
CHECK_SECONDS = 1.0


@click.group(params=target_options(), context_settings={"help_option_names": ["-h", "--help"]})
def main(**_: str | None) -> None:
    """Drop files into a bucket; ask them questions."""


@main.command()
@click.option("--api-port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--aws-port", type=click.IntRange(1, 65535), default=4566, show_default=True)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"folder that keeps the bucket and the index  [default: {DEFAULT_DATA}]",
)
@click.option(
    "--chat-model",
    default="",
    help="a model that writes the answers: NAME of a local Ollama, or NAME@URL of a server that "
    "speaks OpenAI's protocol  [default: sentences quoted from the documents]",
)
@click.pass_context
def up(
    ctx: click.Context, api_port: int, aws_port: int, data: Path | None, chat_model: str
) -> None:
    """Run the whole stack on this machine until it is interrupted."""
    from local.stack import OfflineStack, PortTaken, StackFailed

    if api_port == aws_port:
        raise click.UsageError(f"--api-port and --aws-port are both {api_port}")
    outer = ctx.parent.params["data"] if ctx.parent else None
    data = data or Path(outer or DEFAULT_DATA)
    stopped = _stop_on_signals()
    try:
        with OfflineStack(
            data, api_port=api_port, aws_port=aws_port, say=click.echo, chat_model=chat_model
        ) as stack:
            running = stack.running
            click.echo(f"API      {running.api_url}")
            click.echo(f"gateway  {running.gateway_url}")
            click.echo(f"S3       {running.aws_endpoint}  bucket {running.bucket}")
            click.echo(f"OCR      {running.ocr_engine}")
            click.echo("ready")
            while not stopped.wait(CHECK_SECONDS):
                stack.check()
    except KeyboardInterrupt:
        click.echo("stopped")
    except PortTaken as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    except StackFailed as error:
        raise click.ClickException(str(error)) from error


@main.command()
def demo() -> None:
    """Try everything with the sample documents."""
    from local.demo import run

    _stop_on_signals()
    sys.exit(run())


@main.command(cls=ClientCommand)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--prefix", default="", help="put before every key")
@click.option("--wait", is_flag=True, help="until each file is ready or failed")
@click.option("--timeout", default=WAIT_SECONDS, show_default=True, help="seconds for --wait")
@click.option("--json", "as_json", is_flag=True, help="print the API's JSON")
@click.pass_obj
def put(
    client: Client, paths: tuple[Path, ...], prefix: str, wait: bool, timeout: float, as_json: bool
) -> None:
    """Upload files and folders."""
    files = [(file, prefix + key) for path in paths for file, key in files_of(path)]
    uploads = []
    with _bar(files, "uploading") as bar:
        for file, key in bar:
            uploads.append(client.put(file, key))
    if not wait:
        rows = [{"document": each.key, "version": each.version} for each in uploads]
        _print(rows, as_json, lambda each: f"{each['document']}  version {each['version']}")
        return
    with _bar(uploads, "indexing") as bar:
        done = [client.wait(upload, timeout, _shown_in(bar)) for upload in bar]
    _print(done, as_json, _status_line)
    if any(document["status"] == "failed" for document in done):
        sys.exit(1)


@main.command(cls=ClientCommand)
@click.argument("key", required=False)
@click.option("--prefix", default="", help="only keys that begin so")
@click.option("--watch", is_flag=True, help="until every document is at rest")
@click.option("--json", "as_json", is_flag=True, help="print the API's JSON")
@click.pass_obj
def status(client: Client, key: str | None, prefix: str, watch: bool, as_json: bool) -> None:
    """Where documents stand; one KEY with its history."""
    query = {"key": key} if key else {"prefix": prefix, "limit": "200"}
    documents = _watched(client, query) if watch else list(client.documents(**query))
    if key and not documents:
        raise click.ClickException(f"there is no document {key}")
    if not key:
        _print(documents, as_json, _status_line)
        outdated = sum(d["outdated"] for d in documents)
        if outdated and not as_json:
            say(
                f"{outdated:,} of {counted(len(documents), 'document')} on an older recipe; "
                "`askbucket reindex` renews them"
            )
        return
    document = client.details(documents[0]["id"])
    click.echo(as_text(document)) if as_json else say(_status_line(document))


def _watched(client: Client, query: dict[str, str]) -> list[dict[str, Any]]:
    """The documents once all are at rest; what changes until then is told on standard error."""
    from local.client import AT_REST, POLL_SECONDS

    told: dict[str, str] = {}
    while True:
        documents = list(client.documents(**query))
        moving = {d["id"]: _status_line(d) for d in documents if d["status"] not in AT_REST}
        if documents and not moving:
            return documents
        for line in (moving[name] for name in moving if told.get(name) != moving[name]):
            say(line, err=True)
        told |= moving
        threading.Event().wait(POLL_SECONDS)


@main.command(cls=ClientCommand)
@click.argument("keys", nargs=-1, required=True)
@click.pass_obj
def rm(client: Client, keys: tuple[str, ...]) -> None:
    """Delete objects from the bucket; the index follows."""
    for key in keys:
        client.remove(key)
        say(f"deleted {key}")


def _status_line(document: dict[str, Any]) -> str:
    line = f"{document['status']:9} {one_line(document['document'])}"
    size = size_of(document) if document["status"] == "ready" else progress_of(document)
    if told := ", ".join(filter(None, (size, cost_of(document)))):
        line += f"  ({told})"
    line += "".join(f"\n          {text}" for text in _remarks(document))
    return line


def _remarks(document: dict[str, Any]) -> Iterator[str]:
    if document.get("reason"):
        yield document["reason"]
    yield from document["warnings"]
    yield from (f"{step['step']}: {step['detail']}" for step in document.get("steps", ()))


def _bar(steps: list[Any], label: str) -> Any:
    """A progress bar on a terminal, on standard error so that output can be redirected."""
    return click.progressbar(
        steps,
        label=label,
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
        show_pos=True,
        show_eta=False,
        item_show_func=lambda now: now if isinstance(now, str) else None,
    )


def _shown_in(bar: Any) -> Callable[[dict[str, Any]], None]:
    """Shows beside the bar which document is waited for, and where it stands."""

    def seen(document: dict[str, Any]) -> None:
        bar.current_item = _status_line(document).split("\n")[0]
        bar.render_progress()

    return seen


def _print(documents: list[dict[str, Any]], as_json: bool, line: Any) -> None:
    if as_json:
        click.echo(as_text({"documents": documents}))
        return
    for document in documents:
        say(line(document))


def _stop_on_signals() -> threading.Event:
    """Set by the first signal, which also breaks a start off; later ones let the stop finish."""
    stopped = threading.Event()

    def interrupt(*_: object) -> None:
        if not stopped.is_set():
            stopped.set()
            raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    return stopped


for command in (
    cost,
    estimate,
    show,
    import_,
    feedback,
    api_keys,
    prompts,
    *ASKING,
    *REPAIR,
    *TENANTS,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
