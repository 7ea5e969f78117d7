"""The idle bill, computed from the template that is deployed."""

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from infra import price_list
from infra.config import Config
from infra.costs import PRICES, SWITCHES, dollars_added, page, usage, uses_of
from infra.idle_bill import CHARGED, NotPriced, idle_bill, total
from infra.usage_bill import CHATS, Typical, usage_rows

README = Path(__file__).parents[2] / "README.md"
MOST_DOLLARS_IDLE = 2.0
MONTH_HOURS = 730
FUNCTION = {"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": 2048}}
SNAPPED = {
    "Type": "AWS::Lambda::Function",
    "Properties": {"MemorySize": 2048, "SnapStart": {"ApplyOn": "PublishedVersions"}},
}
MACHINE = {
    "Type": "AWS::EC2::LaunchTemplate",
    "Properties": {
        "LaunchTemplateData": {
            "InstanceType": "t4g.medium",
            "BlockDeviceMappings": [{"Ebs": {"VolumeSize": 30}}],
        }
    },
}
LAUNCHED = {"LaunchTemplate": {"LaunchTemplateId": {"Ref": "Other"}}}


def dollars(kind: str, properties: Mapping[str, Any], other: Any = None) -> float:
    """What one resource costs; `Other` is a second, free one that it may name."""
    resources = {"One": {"Type": kind, "Properties": properties}}
    return total(idle_bill({"Resources": resources | ({"Other": other} if other else {})}))


def test_the_idle_stack_costs_under_two_dollars_a_month(template: dict[str, Any]) -> None:
    assert 0 < total(idle_bill(template)) < MOST_DOLLARS_IDLE


def test_a_type_of_resource_nobody_priced_is_named(template: dict[str, Any]) -> None:
    more = {"Big": {"Type": "AWS::Redshift::Cluster", "Properties": {}}}
    changed = {**template, "Resources": {**template["Resources"], **more}}
    with pytest.raises(NotPriced, match="what Big costs: AWS::Redshift::Cluster"):
        idle_bill(changed)


# Another value of every key that is no switch: none of them may cost anything at rest.
OTHERS = {
    "stage": "prod",
    "stack_name": "Other",
    "keep": "none",
    "termination_protection": "true",
    "tenant_claim": "t",
    "groups_claim": "g",
    "caller_per_minute": "60",
    "key_per_month": "1000",
    "cors_origins": "https://a.example",
    "embedder": "cohere.embed-v4:0",
    "chat_model": "us.amazon.nova-pro-v1:0",
    "reranker": "amazon.rerank-v1:0",
    "chunk_chars": "500",
    "chunk_overlap_chars": "50",
    "ocr_features": "=tables",
    "tenants": "prefix",
    "groups_label": "groups",
    "cache": "rediss://cache.example:6379",
    "cache_secret": "arn:aws:secretsmanager:us-east-1:111122223333:secret:redis-AbCdEf",
    "langfuse_url": "https://langfuse.example",
    "trace_text": "full",
    "langfuse_prompts": "production",
    "bucket_name": "other",
    "adapter_version": "26",
    "max_concurrency": "50",
    "log_retention_days": "90",
    "noncurrent_days": "60",
    "throttle_rate": "20",
    "throttle_burst": "30",
    "alarm_email": "ada@example.com",
    "log_level": "debug",
    "xray": "true",
    "api_log_role": "false",
}
DOORS: tuple[dict[str, str], ...] = (
    {"auth": "jwt"},
    {"auth": "api_key", "guardrail": "abcd1234:1", "store": "qdrant+https://q.example:6333/c"},
    {"auth": "jwt", "jwt_issuer": "https://login.example.com", "jwt_audience": "app"},
)
EVERY_SWITCH = {key: value for switch in SWITCHES.values() for key, value in switch.items()}
# Looked at elsewhere: `arch` moves scheduled runs by cents, `layers` is the bundling's, `bucket`
# leaves one out, `github_repo` adds a stack of IAM alone, `metrics=off` leaves series out, and what
# `qdrant_…` says matters with `qdrant=ec2` alone.
ELSEWHERE = {"arch", "layers", "bucket", "github_repo", "metrics"} | {
    "qdrant_instance",
    "qdrant_disk_gb",
    "qdrant_zone",
}


@pytest.mark.parametrize("door", DOORS, ids=["pool", "keys", "issuer"])
def test_what_is_no_switch_costs_nothing_at_rest(synthesise: Any, door: dict[str, str]) -> None:
    default, other = idle_bill(synthesise()), idle_bill(synthesise(**OTHERS, **door))
    assert total(other) == pytest.approx(total(default))


@pytest.mark.parametrize("door", DOORS[::2], ids=["pool", "issuer"])
def test_every_switch_together_holds_nothing_that_nobody_priced(
    synthesise: Any, door: dict[str, str]
) -> None:
    assert total(idle_bill(synthesise(**EVERY_SWITCH, **OTHERS, **door))) > MOST_DOLLARS_IDLE


def test_every_key_of_the_context_is_a_switch_or_known_to_be_none() -> None:
    doors = {key for door in DOORS for key in door}
    known = OTHERS.keys() | EVERY_SWITCH.keys() | doors | ELSEWHERE
    assert known >= {field.name for field in fields(Config)}


def test_no_type_is_both_free_and_charged() -> None:
    assert not price_list.FREE & CHARGED.keys()


@pytest.mark.parametrize(
    ("kind", "properties", "other", "expected"),
    [
        ("AWS::SecretsManager::Secret", {}, None, 0.40),
        ("AWS::CloudWatch::Dashboard", {}, None, 3.00),
        ("AWS::CloudWatch::Alarm", {"MetricName": "Errors", "Period": 300}, None, 0.10),
        ("AWS::CloudWatch::Alarm", {"MetricName": "Errors", "Period": 10}, None, 0.30),
        (
            "AWS::CloudWatch::Alarm",
            {"Metrics": [{"Expression": "a/b"}, {"MetricStat": {}}, {"MetricStat": {}}]},
            None,
            0.20,
        ),
        ("AWS::WAFv2::WebACL", {"Rules": [{}, {}]}, None, 7.00),
        ("AWS::KMS::Key", {}, None, 1.00),
        # 5 pollers, each waiting 20 seconds, at 0.40 a million
        (
            "AWS::Lambda::EventSourceMapping",
            {"EventSourceArn": {"Fn::GetAtt": ["Other", "Arn"]}, "ScalingConfig": {}},
            {"Type": "AWS::SQS::Queue"},
            5 * 730 * 180 * 0.40 / 1e6,
        ),
        (
            "AWS::Lambda::Version",
            {"FunctionName": {"Ref": "Other"}},
            SNAPPED,
            2 * MONTH_HOURS * 3600 * 0.0000015046,
        ),
        ("AWS::Lambda::Version", {"FunctionName": {"Ref": "Other"}}, FUNCTION, 0.0),
        ("AWS::EC2::NatGateway", {}, None, 32.85),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Gateway"}, None, 0.0),
        (
            "AWS::EC2::VPCEndpoint",
            {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]},
            None,
            14.60,
        ),
        ("AWS::EC2::Instance", LAUNCHED, MACHINE, 24.528 + 2.40),
        ("AWS::AutoScaling::AutoScalingGroup", LAUNCHED | {"MinSize": "1"}, MACHINE, 26.928),
        ("AWS::DynamoDB::Table", {"BillingMode": "PAY_PER_REQUEST"}, None, 0.0),
        (
            "AWS::DynamoDB::Table",
            {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}},
            None,
            5 * MONTH_HOURS * (0.00013 + 0.00065),
        ),
        ("AWS::ElastiCache::ServerlessCache", {"Engine": "valkey"}, None, 6.132),
    ],
)
def test_a_resource_costs_its_list_price(
    kind: str, properties: dict[str, Any], other: Any, expected: float
) -> None:
    assert dollars(kind, properties, other) == pytest.approx(expected)


def test_a_schedule_costs_its_runs() -> None:
    target = {"Targets": [{"Arn": {"Fn::GetAtt": ["Other", "Arn"]}}]}
    often = dollars(
        "AWS::Events::Rule", target | {"ScheduleExpression": "rate(1 minute)"}, FUNCTION
    )
    rarely = dollars("AWS::Events::Rule", target | {"ScheduleExpression": "rate(1 hour)"}, FUNCTION)
    assert often == pytest.approx(60 * rarely)
    assert dollars("AWS::Events::Rule", {"EventPattern": {}}) == 0


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::Events::Rule", {"ScheduleExpression": "cron(0 3 * * ? *)"}),
        ("AWS::EC2::Instance", {"InstanceType": "p5.48xlarge"}),
        ("AWS::ElastiCache::ServerlessCache", {"Engine": "redis"}),
        ("AWS::Lambda::EventSourceMapping", {"ProvisionedPollerConfig": {}}),
    ],
)
def test_what_has_no_price_yet_is_not_left_out(kind: str, properties: dict[str, Any]) -> None:
    with pytest.raises(NotPriced):
        dollars(kind, properties)


def test_every_price_tells_its_day_and_source() -> None:
    prices = [p for p in vars(price_list).values() if isinstance(p, price_list.Price)]
    for table in (price_list.INSTANCES, price_list.API_CACHE_GB):
        prices += table.values()
    assert len(prices) > 30
    assert all(re.fullmatch(r"20\d\d-\d\d", p.read) and p.source and p.unit for p in prices)


def test_the_readme_shows_the_bill_the_switches_and_the_prices(synthesise: Any) -> None:
    def templates(context: Mapping[str, str]) -> list[dict[str, Any]]:
        return [synthesise(**context)]

    added = dollars_added(templates, {})
    assert added.keys() == SWITCHES.keys()
    assert all(more > 0 for more in added.values())
    told = re.search(r"<!-- costs -->\n(.*?)\n<!-- /costs -->", README.read_text(), re.DOTALL)
    assert told
    assert told[1] == page(idle_bill(*templates({})), added)


def test_the_bill_tells_the_prices_of_the_list() -> None:
    told = page([], {})
    assert "| 1,000 scanned pages (Textract DetectDocumentText) | $1.50 |" in told
    assert all(f"| {what} | ${dollars:.2f} |" in told for what, dollars in uses_of(PRICES))


def test_the_readme_shows_what_a_team_pays(template: dict[str, Any]) -> None:
    told = re.search(r"<!-- usage -->\n(.*?)\n<!-- /usage -->", README.read_text(), re.DOTALL)
    assert told
    assert told[1] == usage(idle_bill(template), Typical())


def test_pages_and_questions_cost_what_they_take() -> None:
    def rows(**tokens: int) -> dict[str, float]:
        return dict(usage_rows(PRICES, Typical(**tokens)))

    none = rows(page=0, prompt=0, answer=0)
    text, scans, tables = (name for name in none if "pages" in name)
    assert rows(page=1000, prompt=0, answer=0)[text] - none[text] == pytest.approx(0.02)
    assert none[scans] - none[text] == pytest.approx(1.50)
    assert none[tables] - none[text] == pytest.approx(15.00)
    haiku = f"1,000 questions, answered by {CHATS[1][1]}"
    more = rows(page=0, prompt=2000, answer=0)[haiku] - none[haiku]
    assert more == pytest.approx(2 * 1.00 * 1.1)  # of a million tokens, called by region
