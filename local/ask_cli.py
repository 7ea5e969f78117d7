"""The commands that ask: `ask`, `chat` and `search`."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from local.client_command import ClientCommand, as_text
from local.queued import by_queue
from local.terminal import one_line, say

if TYPE_CHECKING:
    from local.client import Client

PROMPT = "> "


@click.command(cls=ClientCommand)
@click.argument("question")
@click.option("--top-k", type=click.IntRange(1, 20))
@click.option("--prefix", help="only keys that begin so")
@click.option("--document", help="only this key")
@click.option("--session", help="any name: questions that share it may refer to former ones")
@click.option("--summary", is_flag=True, help="from all of the documents, not the best chunks")
@click.option("--queued", is_flag=True, help="by the queue, which has minutes for the answer")
@click.option("--json", "as_json", is_flag=True, help="print the API's JSON")
@click.pass_obj
def ask(
    client: Client,
    /,
    question: str,
    *,
    session: str | None,
    summary: bool,
    queued: bool,
    as_json: bool,
    **narrowed: Any,
) -> None:
    """Ask a question; the answer names document, page and words."""
    options = _narrowed(**narrowed)
    options |= {"session_id": session} if session else {}
    options |= {"mode": "summary"} if summary else {}
    answer = by_queue(client, question, options) if queued else client.ask(question, **options)
    click.echo(as_text(answer)) if as_json else say(shown(answer))


@click.command(cls=ClientCommand)
@click.option("--top-k", type=click.IntRange(1, 20))
@click.option("--prefix", help="only keys that begin so")
@click.option("--document", help="only this key")
@click.option("--session", help="a session to go on with; a new one without it")
@click.pass_obj
def chat(
    client: Client,
    top_k: int | None,
    prefix: str | None,
    document: str | None,
    session: str | None,
) -> None:
    """Ask one question after another, each of which may refer to former ones.

    Questions are read line by line; an empty line or the end of the input ends the chat.
    """
    from local.target import ClientFailed

    session_id = session or uuid.uuid4().hex
    for question in _questions():
        try:
            answer = client.ask(
                question, **_narrowed(top_k, prefix, document), session_id=session_id
            )
        except ClientFailed as error:
            if not sys.stdin.isatty():
                raise
            say(f"Error: {error}", err=True)
            continue
        say(shown(answer))


@click.command(cls=ClientCommand)
@click.argument("query")
@click.option("--top-k", type=click.IntRange(1, 20))
@click.option("--prefix", help="only keys that begin so")
@click.option("--document", help="only this key")
@click.option("--json", "as_json", is_flag=True, help="print the API's JSON")
@click.pass_obj
def search(
    client: Client,
    query: str,
    top_k: int | None,
    prefix: str | None,
    document: str | None,
    as_json: bool,
) -> None:
    """Find chunks, without asking a model."""
    found = client.search(query, **_narrowed(top_k, prefix, document))
    if as_json:
        click.echo(as_text(found))
        return
    for hit in found["hits"]:
        say(f"{hit['score']:.3f}  {_where(hit)}\n       {' '.join(hit['text'].split())[:160]}")


def shown(answer: dict[str, Any]) -> str:
    """An answer for people: its text, then each marker's document, page and quote."""
    lines = [f"({answer['rewritten']})"] if "rewritten" in answer else []
    lines.append(answer["answer"])
    for cite in answer["citations"]:
        lines.append(f'  [{cite["marker"]}] {_where(cite)}: "{cite["quote"]}"')
    if answer.get("stop") == "length":
        lines.append("  (cut short: the answer reached ASKBUCKET_MAX_OUTPUT_TOKENS)")
    return "\n".join(lines)


def _questions() -> Iterator[str]:
    """Lines up to an empty one; on a terminal each is asked for."""
    if sys.stdin.isatty():
        import readline  # noqa: F401  (gives `input` its history and line editing)
    while True:
        try:
            line = input(PROMPT if sys.stdin.isatty() else "").strip()
        except EOFError:
            return
        if not line:
            return
        yield line


def _where(place: dict[str, Any]) -> str:
    return one_line(place["document"]) + (f", page {place['page']}" if place["page"] else "")


def _narrowed(top_k: int | None, prefix: str | None, document: str | None) -> dict[str, Any]:
    options: dict[str, Any] = {"top_k": top_k} if top_k else {}
    narrowed = {"prefix": prefix, "document": document}
    chosen = {name: value for name, value in narrowed.items() if value}
    return options | ({"filter": chosen} if chosen else {})


COMMANDS = (ask, chat, search)
