"""What the template promises about the HTTP API."""

import json
from typing import Any

import pytest

from lambdas.query.app import create_app
from tests.infra.reading import only, resources, text

Template = dict[str, Any]
REPLY = "AWS::ApiGateway::GatewayResponse"


def methods(template: Template) -> list[dict[str, Any]]:
    return [r["Properties"] for r in resources(template, "AWS::ApiGateway::Method").values()]


def routed(template: Template) -> set[tuple[str, str]]:
    """Method and path of every method, as API Gateway writes it."""
    found = resources(template, "AWS::ApiGateway::Resource")

    def path(resource_id: Any) -> str:
        if "Ref" not in resource_id:
            return ""
        told = found[resource_id["Ref"]]["Properties"]
        return f"{path(told['ParentId'])}/{told['PathPart']}"

    return {(m["HttpMethod"], path(m["ResourceId"])) for m in methods(template)}


def test_every_method_asks_for_iam(template: Template) -> None:
    assert {m["AuthorizationType"] for m in methods(template)} == {"AWS_IAM"}


def test_the_gateway_has_the_app_s_routes_and_no_others(template: Template) -> None:
    app = create_app()
    told = {(m.upper(), path) for path, told in app.openapi()["paths"].items() for m in told}
    own = {("GET", app.openapi_url), ("GET", app.docs_url)}
    found = {(method, path.replace("+}", "}")) for method, path in routed(template)}
    assert found == told | own


def test_a_path_that_holds_slashes_is_greedy_and_no_other(template: Template) -> None:
    greedy = {path for _, path in routed(template) if "+}" in path}
    assert greedy == {"/sessions/{session_id+}"}


def test_no_tls_older_than_1_2_is_spoken(template: Template) -> None:
    api = only(template, "AWS::ApiGateway::RestApi")["Properties"]
    assert api["SecurityPolicy"].startswith("SecurityPolicy_TLS13_1_2_PFS")
    assert api["EndpointAccessMode"] == "STRICT"


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
    assert settings["LoggingLevel"] == "OFF"
    logged = json.loads(stage["AccessLogSetting"]["Format"])
    assert logged["status"] == "$context.status"
    assert logged["errorType"] == "$context.error.responseType"
    assert stage["TracingEnabled"] is False


def test_the_access_log_holds_neither_keys_of_documents_nor_secrets(template: Template) -> None:
    stage = only(template, "AWS::ApiGateway::Stage")["Properties"]
    logged = set(json.loads(stage["AccessLogSetting"]["Format"]).values())
    assert not logged & {"$context.path", "$context.identity.apiKey", "$context.identity.accessKey"}
    assert not [told for told in logged if "validation" in told or "input" in told]


def test_the_gateways_own_replies_are_problem_details(template: Template) -> None:
    replies = [r["Properties"] for r in resources(template, REPLY).values()]
    kinds = {r["ResponseType"]: r.get("StatusCode") for r in replies}
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(kinds)
    assert {"401", "403", "404", "413", "422", "429", "504"} <= set(kinds.values())
    assert kinds["BAD_REQUEST_BODY"] == "422"  # as the application answers
    for reply in replies:
        headers = reply["ResponseParameters"]
        body = reply["ResponseTemplates"]["application/json"]
        problem = json.loads(body.replace("$context.error.messageString", '"said"'))
        assert headers == {"gatewayresponse.header.Content-Type": "'application/problem+json'"}
        assert {"type", "title", "detail"} <= set(problem)
        assert str(problem.get("status", reply.get("StatusCode"))) == str(reply.get("StatusCode"))


@pytest.mark.parametrize(("auth", "status"), [("iam", "403"), ("jwt", "404"), ("api_key", "404")])
def test_an_unknown_route_is_no_riddle(synthesise: Any, auth: str, status: str) -> None:
    replies = [r["Properties"] for r in resources(synthesise(auth=auth), REPLY).values()]
    (told,) = (r for r in replies if r["ResponseType"] == "MISSING_AUTHENTICATION_TOKEN")
    assert told["StatusCode"] == status
    assert "GET /openapi.json" in text(told["ResponseTemplates"])


def test_the_accounts_own_logging_role_can_be_kept(synthesise: Any) -> None:
    assert not resources(synthesise(api_log_role="false"), "AWS::ApiGateway::Account")
    assert resources(synthesise(), "AWS::ApiGateway::Account")
