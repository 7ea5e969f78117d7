"""What the template promises about who may call the API."""

import json
import re
from typing import Any

import pytest

from tests.infra.reading import actions, functions, named, only, resources, text

Template = dict[str, Any]
METHOD = "AWS::ApiGateway::Method"
REPLY = "AWS::ApiGateway::GatewayResponse"
ISSUER = {"auth": "jwt", "jwt_issuer": "https://issuer.example", "jwt_audience": "app"}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}


def methods(template: Template) -> dict[str, list[dict[str, Any]]]:
    """Those that reach our code, and the preflight's."""
    found: dict[str, list[dict[str, Any]]] = {"ours": [], "OPTIONS": []}
    for method in resources(template, METHOD).values():
        properties = method["Properties"]
        found["OPTIONS" if properties["HttpMethod"] == "OPTIONS" else "ours"].append(properties)
    return found


@pytest.mark.parametrize(
    ("context", "asked"),
    [
        ({}, ("AWS_IAM", False)),
        ({"auth": "jwt"}, ("CUSTOM", False)),
        (ISSUER, ("CUSTOM", False)),
        ({"auth": "api_key"}, ("NONE", True)),
        ({"auth": "iam", "cors_origins": "https://a.example"}, ("AWS_IAM", False)),
        ({"auth": "api_key", "cors_origins": "https://a.example"}, ("NONE", True)),
    ],
)
def test_every_method_that_reaches_our_code_asks_who_calls(
    synthesise: Any, context: dict[str, str], asked: tuple[str, bool]
) -> None:
    ours = methods(synthesise(**context))["ours"]
    assert {(m["AuthorizationType"], m.get("ApiKeyRequired", False)) for m in ours} == {asked}


@pytest.mark.parametrize("auth", ["iam", "jwt", "api_key"])
def test_the_functions_know_how_callers_are_known(synthesise: Any, auth: str) -> None:
    for name in ("Query", "Stream"):
        variables = functions(synthesise(auth=auth))[name]["Environment"]["Variables"]
        assert variables["ASKBUCKET_AUTH"] == auth


# --- tokens -------------------------------------------------------------------------------------


def test_a_foreign_issuer_makes_no_user_pool(synthesise: Any) -> None:
    template = synthesise(**ISSUER)
    variables = functions(template)["DoorToken"]["Environment"]["Variables"]
    assert variables["ASKBUCKET_JWT_ISSUER"] == "https://issuer.example"
    assert variables["ASKBUCKET_JWT_AUDIENCE"] == "app"
    assert not resources(template, "AWS::Cognito::UserPool")


def test_the_authorizer_may_do_nothing_but_log(synthesise: Any) -> None:
    assert actions(synthesise(**ISSUER), "DoorToken") == LOGS


def test_the_authorizer_only_hears_of_what_looks_like_a_token(synthesise: Any) -> None:
    authorizer = only(synthesise(**ISSUER), "AWS::ApiGateway::Authorizer")["Properties"]
    assert authorizer["AuthorizerResultTtlInSeconds"] == 300
    looks = re.compile(authorizer["IdentityValidationExpression"])
    assert looks.match("Bearer abc.def-_.ghi")
    for other in ("Bearer abc", "abc.def.ghi", "Basic abc.def.ghi", "Bearer a.b.c d", ""):
        assert not looks.match(other), other


def test_a_pool_of_our_own_is_closed_to_strangers(synthesise: Any) -> None:
    template = synthesise(auth="jwt")
    pool = only(template, "AWS::Cognito::UserPool")["Properties"]
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert pool["MfaConfiguration"] == "OPTIONAL"
    assert {"UserPoolId", "ClientId"} <= set(template["Outputs"])


def test_users_cannot_name_their_own_tenant(synthesise: Any) -> None:
    client = only(synthesise(auth="jwt"), "AWS::Cognito::UserPoolClient")["Properties"]
    assert not [name for name in client["WriteAttributes"] if name.startswith("custom:")]
    assert set(client["ExplicitAuthFlows"]) == {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}


def test_only_production_keeps_its_users(synthesise: Any) -> None:
    for stage, kept in (("dev", False), ("prod", True)):
        pool = only(synthesise(auth="jwt", stage=stage), "AWS::Cognito::UserPool")
        assert (pool["DeletionPolicy"] == "Retain") is kept
        assert (pool["Properties"].get("DeletionProtection") == "ACTIVE") is kept


# --- keys ---------------------------------------------------------------------------------------


def test_a_key_is_limited_and_the_template_holds_none(synthesise: Any) -> None:
    template = synthesise(auth="api_key", key_per_month="5000")
    plan = only(template, "AWS::ApiGateway::UsagePlan")["Properties"]
    assert plan["Quota"] == {"Limit": 5000, "Period": "MONTH"}
    assert plan["Throttle"] == {"RateLimit": 25, "BurstLimit": 50}
    assert "v1" in text(plan["ApiStages"]) or "Stage" in text(plan["ApiStages"])
    assert not resources(template, "AWS::ApiGateway::ApiKey")
    assert "UsagePlanId" in template["Outputs"]


# --- web pages of other origins -----------------------------------------------------------------


def test_no_page_of_another_origin_may_call_unless_named(template: Template) -> None:
    assert methods(template)["OPTIONS"] == []
    assert "Access-Control" not in text(template["Resources"])


def test_named_origins_may_call_and_no_other(synthesise: Any) -> None:
    origins = "https://a.example, https://b.example"
    template = synthesise(cors_origins=origins)
    preflights = methods(template)["OPTIONS"]
    assert len(preflights) >= len(resources(template, "AWS::ApiGateway::Resource"))
    for each in preflights:
        assert each["AuthorizationType"] == "NONE"
        assert each["Integration"]["Type"] == "MOCK"
        told = text(each["Integration"])
        assert "https://a.example" in told
        assert "https://b.example" in told
        assert "'*'" not in told
        assert "Allow-Credentials" not in told


@pytest.mark.parametrize(
    ("origins", "told"),
    [
        ("https://a.example", "'https://a.example'"),
        ("https://a.example,https://b.example", "method.request.header.Origin"),
    ],
)
def test_a_page_can_read_why_the_gateway_refused_it(
    synthesise: Any, origins: str, told: str
) -> None:
    for reply in resources(synthesise(cors_origins=origins), REPLY).values():
        headers = reply["Properties"]["ResponseParameters"]
        assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == told


# --- the firewall -------------------------------------------------------------------------------


def test_there_is_no_firewall_unless_asked_for(template: Template) -> None:
    assert not resources(template, "AWS::WAFv2::WebACL")


def test_the_firewall_stands_before_the_stage_and_logs_no_credentials(synthesise: Any) -> None:
    template = synthesise(waf="true")
    association = only(template, "AWS::WAFv2::WebACLAssociation")["Properties"]
    log = only(template, "AWS::WAFv2::LoggingConfiguration")["Properties"]
    redacted = {field["SingleHeader"]["Name"] for field in log["RedactedFields"]}
    _, group = named(template, "AWS::Logs::LogGroup", "FirewallLog")
    assert "Stage" in text(association["ResourceArn"])
    assert redacted == {"authorization", "x-api-key", "x-amz-security-token"}
    assert group["Properties"]["LogGroupName"] == "aws-waf-logs-Askbucket"
    assert not text(log["LogDestinationConfigs"]).endswith(':*"]')


def test_the_firewall_counts_what_a_question_may_say_and_blocks_the_rest(synthesise: Any) -> None:
    acl = only(synthesise(waf="true"), "AWS::WAFv2::WebACL")["Properties"]
    rules = {rule["Name"]: rule for rule in acl["Rules"]}
    common = rules["AWSManagedRulesCommonRuleSet"]["Statement"]["ManagedRuleGroupStatement"]
    counted = {rule["Name"] for rule in common["RuleActionOverrides"]}
    assert {"CrossSiteScripting_BODY", "SizeRestrictions_BODY"} <= counted
    assert "GenericLFI_URIPATH" not in counted
    assert rules["RequestsPerIp"]["Action"] == {"Block": {}}
    size = rules["BodySize"]["Statement"]["SizeConstraintStatement"]
    assert (size["ComparisonOperator"], size["Size"]) == ("GT", 65536)


def test_who_is_unknown_is_told_how_to_become_known(synthesise: Any) -> None:
    hints = {"iam": "aws-sigv4", "jwt": "Authorization: Bearer", "api_key": "x-api-key"}
    for auth, hint in hints.items():
        replies = [r["Properties"] for r in resources(synthesise(auth=auth), REPLY).values()]
        bodies = {r["ResponseType"]: r["ResponseTemplates"]["application/json"] for r in replies}
        kind = {"iam": "MISSING_AUTHENTICATION_TOKEN", "jwt": "UNAUTHORIZED"}
        assert hint in json.loads(bodies[kind.get(auth, "INVALID_API_KEY")])["detail"]
