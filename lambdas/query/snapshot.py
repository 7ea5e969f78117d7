"""What a SnapStart snapshot of the query function holds, and what every copy of it makes anew.

It holds imported code and the app: no client, connection, credential or secret. Lambda runs the
two hooks; elsewhere, and without SnapStart, nobody does.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib import import_module

from askbucket import wiring

# What an answer needs and `wiring` imports only then. Langfuse is not among it: without its keys,
# which a snapshot must not hold, it is never imported.
WARM = (
    "askbucket.answer.answering",
    "askbucket.answer.bedrock_chat",
    "askbucket.answer.cache",
    "askbucket.answer.gauged",
    "askbucket.answer.question_embedder",
    "askbucket.answer.retrieval",
    "askbucket.answer.sourcing",
    "askbucket.answer.visibility",
    "askbucket.ingest.recipe",
    "askbucket.stores.qdrant",
)


def register(app: Callable[[], object]) -> None:
    """Hooks both in, where Lambda's runtime is there to call them."""
    try:
        import snapshot_restore_py as lambda_hooks
    except ImportError:
        return
    lambda_hooks.register_before_snapshot(before, app)
    lambda_hooks.register_after_restore(after)


def before(app: Callable[[], object]) -> None:
    """Imports what a first request would, and makes the app, which holds nothing yet."""
    app()
    for name in WARM:
        import_module(name)


def after() -> None:
    """Every copy draws its own random numbers: OpenTelemetry takes the ids of spans from
    `random`, whose state is copied too. What `wiring` may have made is made anew."""
    random.seed()
    wiring.forget()
