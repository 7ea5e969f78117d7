"""Synthesised templates, one per context, without bundling any layer."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from infra.node import use_pinned_node

use_pinned_node()  # before any test module imports aws_cdk

Synthesise = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Synthesise:
    """`synthesise(bucket="mine")` is the template as plain JSON; `folder` in it is its assembly."""
    import aws_cdk as cdk

    from infra.config import Config
    from infra.stack import AskbucketStack

    @cache
    def made(context: frozenset[tuple[str, str]]) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("assembly")
        app = cdk.App(outdir=str(folder), context={"aws:cdk:bundling-stacks": [], **dict(context)})
        AskbucketStack(app, "Askbucket", config=Config.from_context(app.node.try_get_context))
        app.synth()
        template = json.loads((folder / "Askbucket.template.json").read_text())
        return {**template, "folder": str(folder)}

    return lambda **context: made(frozenset(context.items()))


@pytest.fixture(scope="session")
def template(synthesise: Synthesise) -> dict[str, Any]:
    """The template with every default."""
    return synthesise()
