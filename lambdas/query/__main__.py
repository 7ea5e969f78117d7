"""`python -m lambdas.query` prints what a gateway has to know of the app, as JSON.

`routes` are `{"method", "path", "body"}`: the path as the app writes it, `body` the name of a
schema, or null where no body is taken. `schemas` are those of the app's OpenAPI document.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from lambdas.query.app import create_app


def border(app: FastAPI) -> dict[str, Any]:
    """The routes of the OpenAPI document, the document's own two included, and their schemas."""
    document = app.openapi()
    own = [
        {"method": "GET", "path": path, "body": None} for path in (app.openapi_url, app.docs_url)
    ]
    return {
        "routes": [*own, *_routes(app, document)],
        "schemas": document["components"]["schemas"],
    }


def _routes(app: FastAPI, document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in sorted(route.methods or ()):
                told = document["paths"][route.path_format][method.lower()]
                yield {"method": method, "path": route.path, "body": _body_name(told)}


def _body_name(operation: dict[str, Any]) -> str | None:
    if "requestBody" not in operation:
        return None
    reference: str = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return reference.rpartition("/")[2]


if __name__ == "__main__":
    json.dump(border(create_app()), sys.stdout)
