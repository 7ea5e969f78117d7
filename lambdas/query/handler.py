"""The app behind API Gateway's proxy integration; Mangum turns its event into a request.

In, a REST proxy event: `{"httpMethod": "POST", "path": "/query", "body": "…",
"requestContext": {"apiId": "…", "identity": {…}}, …}`. Out: `{"statusCode", "headers", "body"}`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES

from lambdas.query import problems, snapshot
from lambdas.query.app import create_app

TEXT_TYPES = [*DEFAULT_TEXT_MIME_TYPES, problems.MEDIA_TYPE]  # others go out as base64


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _adapter()(event, context)


@cache
def _adapter() -> Mangum:
    return Mangum(create_app(), lifespan="off", text_mime_types=TEXT_TYPES)


snapshot.register(_adapter)
