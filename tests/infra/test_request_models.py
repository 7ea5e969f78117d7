"""What the gateway's models refuse, and that they refuse nothing the application would take."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft4Validator
from pydantic import ValidationError

from infra.draft4 import UnknownSchema, draft4
from infra.routes import routes
from lambdas.query.asking_schemas import QueryBody, SearchBody
from lambdas.query.document_schemas import UploadBody
from lambdas.query.feedback import FeedbackBody
from lambdas.query.questions import QuestionBody
from lambdas.query.reference import ROUTES
from tests.infra.reading import only, resources

Template = dict[str, Any]
BODIES = {
    body.__name__: body for body in (QueryBody, QuestionBody, SearchBody, UploadBody, FeedbackBody)
}
LONG = "x" * 3000


def models(template: Template) -> dict[str, Any]:
    """Title -> schema."""
    found = resources(template, "AWS::ApiGateway::Model").values()
    return {m["Properties"]["Schema"]["title"]: m["Properties"]["Schema"] for m in found}


def model_of(name: str) -> Any:
    _, schemas = routes()
    return draft4(schemas[name], schemas)


def takes(model: Mapping[str, Any], body: Any) -> bool:
    return bool(Draft4Validator(model).is_valid(body))


def test_every_body_has_a_model_whatever_it_says_it_is(template: Template) -> None:
    validator = next(iter(resources(template, "AWS::ApiGateway::RequestValidator")))
    asked = [m["Properties"] for m in resources(template, "AWS::ApiGateway::Method").values()]
    assert {m["RequestValidatorId"]["Ref"] for m in asked} == {validator}
    for method in asked:
        held = method.get("RequestModels", {})
        assert set(held) == ({"$default", "application/json"} if _posts(method) else set())
        assert len({model["Ref"] for model in held.values()}) == _posts(method)


def _posts(method: Mapping[str, Any]) -> bool:
    return bool(method["HttpMethod"] == "POST")


def test_the_validator_looks_at_bodies_and_parameters(template: Template) -> None:
    validator = only(template, "AWS::ApiGateway::RequestValidator")["Properties"]
    assert validator["ValidateRequestBody"] is True
    assert validator["ValidateRequestParameters"] is True


def test_the_models_are_draft_4_and_those_of_the_app(template: Template) -> None:
    found = models(template)
    assert found.keys() == BODIES.keys()
    for name, schema in found.items():
        Draft4Validator.check_schema(schema)
        assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
        assert "$ref" not in json.dumps(schema)
        assert {k: v for k, v in schema.items() if k not in ("$schema", "title")} == model_of(name)


@pytest.mark.parametrize("route", [r for r in sorted(ROUTES) if ROUTES[r].body is not None])
def test_the_documented_body_of_every_route_passes_its_model(route: tuple[str, str]) -> None:
    path, method = route
    (body,) = (r.body for r in routes()[0] if (r.path, r.method.lower()) == (path, method))
    assert body is not None
    assert takes(model_of(body), ROUTES[route].body)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("QueryBody", {}),
        ("QueryBody", []),
        ("QueryBody", "a"),
        ("QueryBody", {"question": ""}),
        ("QueryBody", {"question": None}),
        ("QueryBody", {"question": "x" * 65_537}),
        ("QueryBody", {"question": "a", "tenant": "acme"}),
        ("QueryBody", {"question": "a", "top_k": 21}),
        ("QueryBody", {"question": "a", "top_k": "5"}),
        ("QueryBody", {"question": "a", "mode": "shout"}),
        ("QueryBody", {"question": "a", "session_id": "x" * 129}),
        ("QueryBody", {"question": "a", "filter": {"prefix": ["a"] * 101}}),
        ("QueryBody", {"question": "a", "filter": {"prefix": []}}),
        ("QueryBody", {"question": "a", "filter": {"tenant": "acme"}}),
        ("QueryBody", {"question": "a", "filter": {"metadata": {"a": [["b"]]}}}),
        (
            "QueryBody",
            {"question": "a", "filter": {"metadata": {str(n): "a" for n in range(11)}}},
        ),
        ("QuestionBody", {"question": "a", "callback_url": LONG}),
        ("SearchBody", {"question": "a"}),
        ("UploadBody", {"key": LONG}),
        ("UploadBody", {"key": "a", "size": 0}),
        ("UploadBody", {"key": "a", "metadata": {"a": "line\nbreak"}}),
        ("FeedbackBody", {"trace_id": "0" * 31, "score": 1}),
        ("FeedbackBody", {"trace_id": "0" * 32, "score": 2}),
        ("FeedbackBody", {"trace_id": "0" * 32, "score": 1, "comment": LONG}),
    ],
)
def test_a_model_refuses_what_the_app_would(name: str, body: Any) -> None:
    assert not takes(model_of(name), body)
    assert not valid(name, body)


# --- never stricter than the app ----------------------------------------------------------------

FILTER = {"prefix": ["a", "b"], "document": "a", "metadata": {"team": ["legal", "sales"]}}
ASKED = {"question": "a", "model": "m", "mode": "summary", "session_id": "s"}
QUESTION = ASKED | {"top_k": 5, "filter": FILTER}
WHOLE: dict[str, dict[str, Any]] = {
    "QueryBody": QUESTION,
    "QuestionBody": QUESTION | {"callback_url": "https://a.example"},
    "SearchBody": {"query": "a", "top_k": 5, "filter": FILTER},
    "UploadBody": {"key": "a", "content_type": "a/b", "metadata": {"a": "b"}, "size": 1},
    "FeedbackBody": {"trace_id": "0" * 32, "score": 1, "comment": "a"},
}
SHORT = ["", "a", "5", "true", "answer", "ü 🔥", "a\nb", "a\n", " ", "0" * 32, "0" * 32 + "\n"]
TEXTS = [*SHORT, *("x" * (n + more) for n in (128, 200, 256, 1000, 1024, 2000) for more in (0, 1))]
SCALARS = [*TEXTS, -2, -1, 0, 1, 1.0, 1.5, 20, 21, 10**20, True, False, None]
VALUES: list[Any] = [
    *SCALARS,
    *([value] for value in SCALARS),
    *({"a": value} for value in SCALARS),
    *({"a": [value]} for value in SCALARS),
    *({text: "a"} for text in TEXTS),
    *(["a"] * count for count in (0, 100, 101)),
    *({str(n): "a" for n in range(count)} for count in (0, 10, 11, 20, 21)),
]


def neighbours(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The body with each value, of its own or of its filter, in turn another one or left out."""
    for field, value in body.items():
        yield {k: v for k, v in body.items() if k != field}
        yield from (body | {field: other} for other in VALUES)
        if field == "filter":
            yield from (body | {field: inner} for inner in neighbours(value))


def valid(name: str, body: Any, *, strict: bool | None = None) -> bool:
    try:
        BODIES[name].model_validate(body, strict=strict)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_model_refuses_nothing_that_the_app_takes(name: str) -> None:
    model = model_of(name)
    assert WHOLE[name].keys() == BODIES[name].model_fields.keys()
    taken = [body for body in [WHOLE[name], *neighbours(WHOLE[name])] if valid(name, body)]
    assert len(taken) > 20
    assert [body for body in taken if not takes(model, body)] == []


@pytest.mark.parametrize("name", ["QueryBody", "SearchBody", "UploadBody"])
def test_of_a_lax_app_it_would_refuse_some(name: str) -> None:
    """Why bodies are strict: pydantic alone takes a text for a number."""
    model = model_of(name)
    lax = [body for body in neighbours(WHOLE[name]) if valid(name, body, strict=False)]
    assert [body for body in lax if not takes(model, body)]


# --- from OpenAPI to draft 4 ---------------------------------------------------------------------


def test_what_it_refers_to_is_written_out() -> None:
    named = {"Inner": {"type": "string", "title": "Inner", "maxLength": 3}}
    made = draft4({"properties": {"title": {"$ref": "#/components/schemas/Inner"}}}, named)
    assert made == {"properties": {"title": {"type": "string", "maxLength": 3}}}


def test_alternatives_of_different_types_become_one_schema() -> None:
    either = {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}], "title": "A"}
    assert draft4(either, {}) == {"type": ["string", "null"], "maxLength": 3}


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"type": "string"}, {"type": "string", "maxLength": 3}]},
        {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
        {"type": "string", "contentEncoding": "base64"},
        {"type": "integer", "exclusiveMinimum": 0},
        {"items": {"const": 1}},
    ],
)
def test_what_draft_4_cannot_say_is_an_error_and_not_forgotten(schema: dict[str, Any]) -> None:
    with pytest.raises(UnknownSchema):
        draft4(schema, {})
