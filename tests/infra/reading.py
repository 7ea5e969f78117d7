"""Small questions to a CloudFormation template."""

import json
from collections.abc import Iterator
from typing import Any

Resource = dict[str, Any]


def resources(template: dict[str, Any], kind: str) -> dict[str, Resource]:
    """Logical id -> resource, for one type."""
    return {k: r for k, r in template["Resources"].items() if r["Type"] == kind}


def only(template: dict[str, Any], kind: str) -> Resource:
    """The properties of the one resource of a type."""
    (found,) = resources(template, kind).values()
    return found


def named(template: dict[str, Any], kind: str, prefix: str) -> tuple[str, Resource]:
    """The one resource of a type whose logical id starts with `prefix`."""
    (found,) = ((k, r) for k, r in resources(template, kind).items() if k.startswith(prefix))
    return found


def functions(template: dict[str, Any]) -> dict[str, Resource]:
    """Ingest, Sweep, Query, Question, Stream, and DoorToken with tokens -> properties."""
    found = resources(template, "AWS::Lambda::Function")
    return {k.split("Side")[0]: r["Properties"] for k, r in found.items()}


def statements(template: dict[str, Any], role_prefix: str = "") -> Iterator[dict[str, Any]]:
    """Every statement of identity policies attached to roles whose id starts with the prefix."""
    for resource in resources(template, "AWS::IAM::Policy").values():
        roles = [role["Ref"] for role in resource["Properties"]["Roles"]]
        if any(role.startswith(role_prefix) for role in roles):
            yield from resource["Properties"]["PolicyDocument"]["Statement"]


def listed(value: Any) -> list[Any]:
    """CloudFormation writes a list of one as the one."""
    return value if isinstance(value, list) else [value]


def actions(template: dict[str, Any], role_prefix: str) -> set[str]:
    """All actions the role may do."""
    return {a for s in statements(template, role_prefix) for a in listed(s["Action"])}


def text(value: Any) -> str:
    """Any template value as text, to search in."""
    return json.dumps(value)


def denies_plain_http(statement: dict[str, Any]) -> bool:
    """A deny for everything that does not come over TLS."""
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    return (statement["Effect"], statement.get("Condition")) == ("Deny", insecure)
