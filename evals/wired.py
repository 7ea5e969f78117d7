"""The product's wiring with some parts replaced: measured is what is put together as shipped."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from askbucket import wiring
from askbucket.once import forget_all

BUCKET, ARTIFACTS, TABLE = "documents", "artifacts", "manifest"
VARIABLES = {
    "ASKBUCKET_BUCKET": BUCKET,
    "ASKBUCKET_ARTIFACTS_BUCKET": ARTIFACTS,
    "ASKBUCKET_TABLE": TABLE,
    "ASKBUCKET_STORE": "memory+",
    "ASKBUCKET_EMBEDDER": "askbucket.minilm-l6-v2",
    "ASKBUCKET_CHAT_MODEL": "askbucket.extractive",
    "ASKBUCKET_OCR_TOPIC_ARN": "topic",
    "ASKBUCKET_OCR_ROLE_ARN": "role",
    "ASKBUCKET_AUTH": "none",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@contextmanager
def wired(variables: Mapping[str, str] | None = None, **parts: Any) -> Iterator[None]:
    """While the block runs, wiring reads these variables beside VARIABLES and hands these parts out
    by their names there. All else is its own; it makes everything anew before and after."""
    with ExitStack() as undone:
        undone.callback(forget_all)
        undone.enter_context(patch.dict(os.environ, VARIABLES | dict(variables or {})))
        for name, part in parts.items():
            undone.enter_context(patch.object(wiring, name, lambda part=part: part))
        forget_all()
        yield
