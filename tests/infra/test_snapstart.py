"""What `-c snapstart=true` changes in the template, and what it does not."""

import json
from typing import Any

from tests.infra.reading import functions, named, only, resources, text

Template = dict[str, Any]


def integrations(template: Template) -> list[str]:
    methods = resources(template, "AWS::ApiGateway::Method").values()
    return [text(m["Properties"]["Integration"]["Uri"]) for m in methods]


def test_without_it_nothing_is_published(template: Template) -> None:
    assert not resources(template, "AWS::Lambda::Version")
    assert not resources(template, "AWS::Lambda::Alias")
    assert not [p for p in functions(template).values() if "SnapStart" in p]


def test_only_the_query_function_has_snapshots(synthesise: Any) -> None:
    snapped = {k for k, p in functions(synthesise(snapstart="true")).items() if "SnapStart" in p}
    assert snapped == {"Query"}


def test_the_api_asks_the_alias_of_the_published_version(synthesise: Any) -> None:
    template = synthesise(snapstart="true")
    alias_id, alias = named(template, "AWS::Lambda::Alias", "QuerySideLive")
    (version_id,) = resources(template, "AWS::Lambda::Version")
    assert alias["Properties"]["FunctionVersion"] == {"Fn::GetAtt": [version_id, "Version"]}
    asked = [uri for uri in integrations(template) if "StreamSide" not in uri]
    assert asked
    assert all(alias_id in uri for uri in asked)


def test_the_gateway_may_call_the_alias_alone(synthesise: Any) -> None:
    template = synthesise(snapstart="true")
    alias_id, _ = named(template, "AWS::Lambda::Alias", "QuerySideLive")
    allowed = [
        json.dumps(p["Properties"]["FunctionName"])
        for p in resources(template, "AWS::Lambda::Permission").values()
        if p["Properties"]["Principal"] == "apigateway.amazonaws.com"
    ]
    assert [a for a in allowed if alias_id in a]
    assert all(alias_id in a or "StreamSide" in a for a in allowed)


def test_a_changed_setting_publishes_another_version(synthesise: Any) -> None:
    one = synthesise(snapstart="true")
    other = synthesise(snapstart="true", chat_model="us.amazon.nova-pro-v1:0")
    assert only(one, "AWS::Lambda::Alias") != only(other, "AWS::Lambda::Alias")
