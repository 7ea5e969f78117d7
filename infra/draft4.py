"""Schemas of the OpenAPI document as API Gateway takes them: JSON schema draft 4, without $ref.

The application checks every body again. So a model must never refuse what the application takes;
it may let through what only the application can check.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]
CHECKS = {"type", "enum", "required", "pattern"}
BOUNDS = {f"{end}{of}" for end in ("min", "max") for of in ("Length", "Items", "Properties")}
TOLD = {"title", "description", "default"}  # to people
LATER = {"propertyNames"}  # of draft 6
ONE, NAMED = {"items", "additionalProperties"}, {"properties", "patternProperties"}
COPIED = CHECKS | BOUNDS | {"minimum", "maximum"}


class UnknownSchema(ValueError):
    """A schema that cannot be written in draft 4 here; the message names what it says."""


def draft4(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Schema:
    """The schema with everything that it refers to written out. Raises UnknownSchema for a keyword
    that nobody has thought about, so that no check is lost unseen."""
    if "$ref" in schema:
        return draft4(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    said = {word: value for word, value in schema.items() if word not in TOLD | LATER}
    if "anyOf" in said:
        return _either([draft4(each, schemas) for each in said["anyOf"]])
    return {word: _written(word, value, schemas) for word, value in said.items()}


def _written(word: str, value: Any, schemas: Mapping[str, Any]) -> Any:
    if word in NAMED:
        return {name: draft4(each, schemas) for name, each in value.items()}
    if word in ONE:
        return draft4(value, schemas) if isinstance(value, dict) else value
    if word in COPIED:
        return value
    raise UnknownSchema(f"{word}: {value!r} has no place in API Gateway's models yet")


def _either(schemas: Sequence[Schema]) -> Schema:
    """One schema for several. Keywords speak of values of one type only (draft 4, section 4.1), so
    those of different types can stand side by side: "a text or null" needs no anyOf."""
    made: Schema = {"type": []}
    for schema in schemas:
        kind, words = schema["type"], {k: v for k, v in schema.items() if k != "type"}
        if kind in made["type"] or "enum" in words or made.keys() & words.keys():
            raise UnknownSchema(f"anyOf {list(schemas)!r}: only values of different types are told")
        made = {**made, **words, "type": [*made["type"], kind]}
    return made
