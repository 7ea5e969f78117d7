"""The OpenAPI document: every route described, every example true."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from lambdas.query.app import create_app
from lambdas.query.reference import ERRORS, ROUTES

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
UNTRACED = 409  # what feedback meets here, as it is documented


def document() -> dict[str, Any]:
    return create_app().openapi()


def operation(path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = document()["paths"][path][method]
    return found


def routes() -> set[tuple[str, str]]:
    """Those of the document: `/metrics` is for Prometheus alone."""
    made = (route for route in create_app().routes if isinstance(route, APIRoute))
    shown = (route for route in made if route.include_in_schema)
    return {(route.path_format, method.lower()) for route in shown for method in route.methods}


def test_every_route_is_described() -> None:
    assert routes() == set(ROUTES)


def test_no_two_operations_share_a_name() -> None:
    assert len({reference.name for reference in ROUTES.values()}) == len(ROUTES)


@pytest.mark.parametrize(("path", "method"), sorted(ROUTES))
def test_an_operation_has_name_tag_summary_and_description(path: str, method: str) -> None:
    told = operation(path, method)
    assert all(told.get(part) for part in ("operationId", "tags", "summary", "description"))


@pytest.mark.parametrize(("path", "method"), sorted(ROUTES))
def test_an_error_is_explained_and_its_example_is_a_problem(path: str, method: str) -> None:
    for status, reply in operation(path, method)["responses"].items():
        if status >= "400":
            content = reply["content"]["application/problem+json"]
            jsonschema.validate(content["example"], content["schema"])
            assert content["example"]["status"] == int(status)
            assert reply["description"] == ERRORS[int(status)]


@pytest.mark.parametrize(("path", "method"), sorted(ROUTES))
def test_the_example_of_a_reply_and_of_a_body_fits_its_schema(path: str, method: str) -> None:
    told = operation(path, method)
    replies = [r for s, r in told["responses"].items() if s < "400"]
    for holder in [*replies, *filter(None, [told.get("requestBody")])]:
        for content in holder.get("content", {}).values():
            schema = {**content.get("schema", {}), "components": document()["components"]}
            jsonschema.validate(content["example"], schema)


@pytest.mark.parametrize("route", [r for r in sorted(ROUTES) if ROUTES[r].body is not None])
def test_the_example_of_a_body_is_answered_as_documented(
    api: TestClient, route: tuple[str, str]
) -> None:
    path, method = route
    reply = api.request(method, path, json=ROUTES[route].body)
    done = {s for s in operation(path, method)["responses"] if s < "400"}
    switched_off = {"/feedback": UNTRACED, "/questions": 404}  # nothing traced, no queue
    assert str(reply.status_code) in done | {str(switched_off.get(path))}


def test_the_examples_of_a_list_are_taken(api: TestClient) -> None:
    reply = api.get("/documents", params=ROUTES["/documents", "get"].parameters)
    assert reply.status_code == 200
