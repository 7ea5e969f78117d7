"""What the commands on a stack have in common: how one is chosen, and how failures are told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from askbucket.visible import visible
from local.terminal import json_text

if TYPE_CHECKING:  # boto3 and httpx take half a second, which a usage error need not wait for
    from local.target import Target

DEFAULT_DATA = Path(".askbucket")
TARGET = {
    "api_url": "API of a deployed stack; goes with --bucket",
    "bucket": "document bucket of a deployed stack",
    "stack": "a deployed stack's name, to take both from its outputs",
    "data": f"data folder of a running local stack  [default: {DEFAULT_DATA}]",
}


class ClientCommand(click.Command):
    """A command on a stack, which `--data`, `--stack` or `--api-url` and `--bucket` choose.

    Its function gets the client first. Failures become messages and exit code 1.
    """

    def __init__(self, **attributes: Any) -> None:
        attributes["params"] = [*attributes.get("params", ()), *target_options()]
        super().__init__(**attributes)

    def invoke(self, ctx: click.Context) -> Any:
        from local.client import Client
        from local.target import ClientFailed

        chosen = chosen_target(ctx)
        try:
            with Client(target_of(**chosen)) as ctx.obj:
                return super().invoke(ctx)
        except ClientFailed as error:
            raise click.ClickException(visible(str(error))) from error


def chosen_target(ctx: click.Context) -> dict[str, str | None]:
    """What `target_options` were given, before the command or after it; they are no parameters of
    the function then."""
    outer = ctx.find_root().params  # through groups such as `tenant`, which have none
    return {name: ctx.params.pop(name) or outer.get(name) for name in TARGET}


def target_options() -> list[click.Parameter]:
    return [click.Option([f"--{n.replace('_', '-')}"], help=text) for n, text in TARGET.items()]


def as_text(value: Any) -> str:
    """JSON for people and programs."""
    return json_text(value, indent=2)


def target_of(
    api_url: str | None, bucket: str | None, stack: str | None, data: str | None
) -> Target:
    """The stack that these options choose. Raises click.UsageError, and ClientFailed."""
    from local.target import Target

    if (api_url is None) != (bucket is None):
        raise click.UsageError("--api-url and --bucket go together")
    if api_url and bucket:
        return Target(api_url.rstrip("/"), bucket, None)
    return Target.deployed(stack) if stack else Target.local(Path(data or DEFAULT_DATA))
