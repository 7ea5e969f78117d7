"""Commands that Langfuse hears of: what people think of answers, and the prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from local.client_command import ClientCommand

if TYPE_CHECKING:
    from local.client import Client

SCORES = {"up": 1, "down": -1}


@click.command(cls=ClientCommand)
@click.argument("trace_id")
@click.argument("thumb", type=click.Choice(list(SCORES)))
@click.option("--comment", help="why, in up to 1,000 characters")
@click.pass_obj
def feedback(client: Client, trace_id: str, thumb: str, comment: str | None) -> None:
    """Say whether an answer was good; `ask --json` tells its trace id."""
    client.feedback(trace_id, SCORES[thumb], comment)
    click.echo(f"thumbs {thumb} for {trace_id}")


@click.command()
@click.argument("action", type=click.Choice(["push"]))
@click.option("--label", default="production", show_default=True, help="what the versions carry")
def prompts(action: str, label: str) -> None:  # noqa: ARG001  (there is one)
    """Put the prompts into Langfuse, where their text is not there yet.

    Keys come from LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY and LANGFUSE_BASE_URL.
    """
    import httpx
    from langfuse.api.core import ApiError

    from askbucket.answer.every_prompt import PROMPTS
    from askbucket.langfuse_prompts import push
    from local.langfuse_keys import KeysMissing, client_by_environment

    try:
        done = push(client_by_environment(), PROMPTS, label)
    except KeysMissing as error:
        raise click.UsageError(str(error)) from error
    except (ApiError, httpx.HTTPError) as error:
        raise click.ClickException(f"Langfuse did not take the prompts: {error}") from error
    for name, became in done.items():
        click.echo(f"{name}  {became}")
