"""What the template promises about the HTTP API."""

import json
from typing import Any

from tests.infra.reading import only, resources, text

Template = dict[str, Any]
REPLY = "AWS::ApiGateway::GatewayResponse"


def methods(template: Template) -> list[dict[str, Any]]:
    return [r["Properties"] for r in resources(template, "AWS::ApiGateway::Method").values()]


def test_every_method_asks_for_iam(template: Template) -> None:
    assert {m["AuthorizationType"] for m in methods(template)} == {"AWS_IAM"}
    assert len(methods(template)) == 4


def test_only_the_stream_route_streams(template: Template) -> None:
    (streaming,) = (
        m for m in methods(template) if m["Integration"].get("ResponseTransferMode") == "STREAM"
    )
    assert streaming["HttpMethod"] == "POST"
    assert "StreamSide" in text(streaming["Integration"]["Uri"])
    assert streaming["Integration"]["TimeoutInMillis"] == 120_000


def test_the_stage_is_throttled_measured_and_logged_without_bodies(template: Template) -> None:
    stage = only(template, "AWS::ApiGateway::Stage")["Properties"]
    (settings,) = stage["MethodSettings"]
    assert settings["ThrottlingRateLimit"] == 50
    assert settings["ThrottlingBurstLimit"] == 100
    assert settings["MetricsEnabled"] is True
    assert settings["DataTraceEnabled"] is False
    assert json.loads(stage["AccessLogSetting"]["Format"])["status"] == "$context.status"
    assert stage["TracingEnabled"] is False


def test_the_gateways_own_replies_are_problem_details(template: Template) -> None:
    replies = [r["Properties"] for r in resources(template, REPLY).values()]
    kinds = {r["ResponseType"]: r.get("StatusCode") for r in replies}
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(kinds)
    assert {"401", "403", "404", "413", "429", "504"} <= set(kinds.values())
    for reply in replies:
        headers = reply["ResponseParameters"]
        body = reply["ResponseTemplates"]["application/json"]
        problem = json.loads(body.replace("$context.error.messageString", '"said"'))
        assert headers == {"gatewayresponse.header.Content-Type": "'application/problem+json'"}
        assert {"type", "title", "detail"} <= set(problem)
        assert str(problem.get("status", reply.get("StatusCode"))) == str(reply.get("StatusCode"))


def test_the_accounts_own_logging_role_can_be_kept(synthesise: Any) -> None:
    assert not resources(synthesise(api_log_role="false"), "AWS::ApiGateway::Account")
    assert resources(synthesise(), "AWS::ApiGateway::Account")
