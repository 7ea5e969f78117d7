"""The idle bill, computed from the template that is deployed."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra import price_list
from infra.costs import PRICES, SWITCHES, dollars_added, page, uses_of
from infra.idle_bill import CHARGED, NotPriced, idle_bill, total

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
