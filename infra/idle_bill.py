"""The bill of a month in which nobody uploads or asks anything, from the template itself.

Every type of resource stands in `price_list.FREE` or in CHARGED below; one that stands in neither
is an error, so that nobody adds a cost unseen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from infra import price_list as price
from infra.price_list import MONTH_HOURS, MONTH_SECONDS

# Lambda's idle pollers of one queue, and how long each waits ("Lambda with SQS", Lambda guide).
# A lower MaximumConcurrency does not lower their number.
POLLERS, LONG_POLL_SECONDS = 5, 20
SCHEDULED_SECONDS, SCHEDULED_LOG_BYTES = 2, 500  # of a run that finds nothing to do
SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
SMALLEST_CACHE_GB = 0.1

Properties = dict[str, Any]
Template = dict[str, Any]


class NotPriced(ValueError):
    """The bill would leave something out; the message names it and where its price belongs."""


@dataclass(frozen=True)
class Item:
    """A line of the bill, in dollars a month."""

    what: str
    dollars: float


@dataclass(frozen=True)
class Charge:
    """What one resource adds to a line: `count` of `thing`, in dollars a month together."""

    thing: str
    count: float
    dollars: float


def idle_bill(*templates: Template) -> list[Item]:
    """The lines that cost anything. Raises NotPriced for a resource of an unknown kind."""
    lines: dict[str, list[Charge]] = {}
    for template in templates:
        for name, resource in template["Resources"].items():
            for charge in _charges(name, resource, template):
                lines.setdefault(charge.thing, []).append(charge)
    return [_item(thing, charges) for thing, charges in lines.items()]


def total(items: Iterable[Item]) -> float:
    return sum(item.dollars for item in items)


def _item(thing: str, charges: list[Charge]) -> Item:
    count = sum(charge.count for charge in charges)
    told = f"{count / 1e6:.1f} million" if count >= 1e6 else f"{count:,.0f}"
    return Item(f"{thing}: {told}", sum(charge.dollars for charge in charges))


def _charges(name: str, resource: dict[str, Any], template: Template) -> Iterable[Charge]:
    kind, properties = resource["Type"], resource.get("Properties", {})
    if kind in price.FREE:
        return ()
    if kind not in CHARGED:
        raise NotPriced(
            f"nobody knows what {name} costs: {kind} is neither in FREE of infra/price_list.py nor "
            "in CHARGED of infra/idle_bill.py; add it to one of them"
        )
    return CHARGED[kind](properties, template)


Charging = Callable[[Properties, Template], Iterable[Charge]]


def each(thing: str, at: price.Price, hours: float = 1) -> Charging:
    """A fixed price for every resource of a type; `hours` where it is one of an hour."""
    return lambda _properties, _template: [Charge(thing, 1, at.dollars * hours)]


def _polls(properties: Properties, template: Template) -> Iterator[Charge]:
    if "ProvisionedPollerConfig" in properties:
        raise NotPriced("provisioned pollers have no price in infra/price_list.py yet")
    source = _named(properties["EventSourceArn"], template)
    if source is not None and source["Type"] != "AWS::SQS::Queue":
        return  # streams are read for nothing
    polls = POLLERS * MONTH_SECONDS / LONG_POLL_SECONDS
    yield Charge("polls of queues", polls, polls * price.SQS_REQUEST.dollars)


def _scheduled(properties: Properties, template: Template) -> Iterator[Charge]:
    expression = properties.get("ScheduleExpression")
    if expression is None:
        return  # it waits for events
    rate = RATE.fullmatch(expression)
    if rate is None:
        raise NotPriced(f"the schedule {expression!r} is not understood; write rate(N minutes)")
    runs = MONTH_SECONDS / (int(rate[1]) * SECONDS[rate[2]])
    targets = properties.get("Targets", [properties.get("Target", {})])
    for target in targets:
        run = price.LAMBDA_REQUEST.dollars + SCHEDULED_LOG_BYTES * price.LOG_BYTE.dollars
        run += SCHEDULED_SECONDS * _second_of(_named(target.get("Arn"), template))
        yield Charge("scheduled runs, with their logs", runs, runs * run)


def _second_of(function: dict[str, Any] | None) -> float:
    """Dollars for a second of a function; nothing for another target."""
    if function is None or function["Type"] != "AWS::Lambda::Function":
        return 0.0
    arm = function["Properties"].get("Architectures") == ["arm64"]
    return _gigabytes(function) * (price.LAMBDA_ARM if arm else price.LAMBDA_X86).dollars


def _version(properties: Properties, template: Template) -> Iterator[Charge]:
    function = _named(properties["FunctionName"], template)
    if function and "SnapStart" in function["Properties"]:
        dollars = _gigabytes(function) * MONTH_SECONDS * price.SNAPSTART_CACHE.dollars
        yield Charge("SnapStart snapshots kept", 1, dollars)


def _alias(properties: Properties, template: Template) -> Iterator[Charge]:
    warm = properties.get("ProvisionedConcurrencyConfig", {}).get(
        "ProvisionedConcurrentExecutions", 0
    )
    function = _named(properties["FunctionName"], template)
    if warm and function:
        second = _gigabytes(function) * price.LAMBDA_KEPT_WARM.dollars
        yield Charge("Lambda environments kept warm", warm, warm * MONTH_SECONDS * second)


def _alarm(properties: Properties, _: Template) -> Iterator[Charge]:
    metrics = properties.get("Metrics", [properties])
    measured = [m.get("MetricStat", m) for m in metrics if "Expression" not in m]
    for metric in measured:
        fast = int(metric.get("Period", 60)) < 60
        at = price.FAST_ALARM if fast else price.ALARM
        yield Charge("metrics of alarms", 1, at.dollars)


def _metric_filter(properties: Properties, _: Template) -> Iterator[Charge]:
    for _each in properties["MetricTransformations"]:
        yield Charge("metrics from logs", 1, price.CUSTOM_METRIC.dollars)


def _web_acl(properties: Properties, _: Template) -> Iterator[Charge]:
    yield Charge("web ACLs", 1, price.WEB_ACL.dollars)
    rules = len(properties.get("Rules", ()))
    yield Charge("rules of web ACLs", rules, rules * price.WEB_ACL_RULE.dollars)


def _table(properties: Properties, _: Template) -> Iterator[Charge]:
    if properties.get("BillingMode") == "PAY_PER_REQUEST":
        return
    indexes = properties.get("GlobalSecondaryIndexes", ())
    for held in (properties, *indexes):
        units = held["ProvisionedThroughput"]
        hour = units["ReadCapacityUnits"] * price.READ_UNIT.dollars
        hour += units["WriteCapacityUnits"] * price.WRITE_UNIT.dollars
        yield Charge("provisioned tables and indexes", 1, MONTH_HOURS * hour)


def _stage(properties: Properties, _: Template) -> Iterator[Charge]:
    if properties.get("CacheClusterEnabled"):
        hour = price.API_CACHE_GB[properties["CacheClusterSize"]].dollars
        yield Charge("caches of the API", 1, MONTH_HOURS * hour)


def _endpoint(properties: Properties, _: Template) -> Iterator[Charge]:
    if properties.get("VpcEndpointType", "Gateway") == "Interface":
        zones = max(1, len(properties.get("SubnetIds", ())))
        hour = zones * price.INTERFACE_ENDPOINT.dollars
        yield Charge("interface endpoints, in each zone", zones, MONTH_HOURS * hour)


def _volume(properties: Properties, _: Template) -> Iterator[Charge]:
    yield _disk(float(properties["Size"]))


def _disk(size: float) -> Charge:
    return Charge("GB of disk", size, size * price.VOLUME_GB.dollars)


def _instance(properties: Properties, template: Template) -> Iterator[Charge]:
    made_by = properties.get("LaunchTemplate", {}).get("LaunchTemplateId")
    launch = _named(made_by, template)
    yield from _machines(properties | _launched(launch), 1)


def _group(properties: Properties, template: Template) -> Iterator[Charge]:
    made_by = properties.get("LaunchTemplate", {}).get("LaunchTemplateId")
    count = int(properties.get("DesiredCapacity") or properties["MinSize"])
    yield from _machines(_launched(_named(made_by, template)), count)


def _launched(launch: dict[str, Any] | None) -> Properties:
    return dict(launch["Properties"]["LaunchTemplateData"]) if launch else {}


def _machines(properties: Properties, count: int) -> Iterator[Charge]:
    kind = str(properties.get("InstanceType"))
    if kind not in price.INSTANCES:
        raise NotPriced(f"the instance type {kind!r} has no price in infra/price_list.py")
    hour = price.INSTANCES[kind].dollars
    yield Charge(f"{kind} instances", count, count * MONTH_HOURS * hour)
    for mapping in properties.get("BlockDeviceMappings", ()):
        yield _disk(count * float(mapping["Ebs"]["VolumeSize"]))
    for network in properties.get("NetworkInterfaces", ()):
        if network.get("AssociatePublicIpAddress"):
            dollars = count * MONTH_HOURS * price.PUBLIC_ADDRESS.dollars
            yield Charge("public addresses", count, dollars)


def _cache(properties: Properties, _: Template) -> Iterator[Charge]:
    if properties.get("Engine") != "valkey":
        raise NotPriced(f"a serverless cache of engine {properties.get('Engine')!r} has no price")
    dollars = SMALLEST_CACHE_GB * MONTH_HOURS * price.VALKEY_GB.dollars
    yield Charge("serverless caches, empty", 1, dollars)


def _gigabytes(function: dict[str, Any]) -> float:
    return int(function["Properties"].get("MemorySize", 128)) / 1024


def _named(reference: Any, template: Template) -> dict[str, Any] | None:
    """The resource of this template that a Ref or Fn::GetAtt stands for."""
    if not isinstance(reference, dict):
        return None
    name = reference.get("Ref") or reference.get("Fn::GetAtt", [None])[0]
    found: dict[str, Any] | None = template["Resources"].get(name)
    return found


CHARGED: dict[str, Charging] = {
    "AWS::SecretsManager::Secret": each("secrets", price.SECRET),
    "AWS::Lambda::EventSourceMapping": _polls,
    "AWS::Lambda::Version": _version,
    "AWS::Lambda::Alias": _alias,
    "AWS::Events::Rule": _scheduled,
    "AWS::Scheduler::Schedule": _scheduled,
    "AWS::DynamoDB::Table": _table,
    "AWS::ApiGateway::Stage": _stage,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::CompositeAlarm": each("composite alarms", price.COMPOSITE_ALARM),
    "AWS::CloudWatch::Dashboard": each("dashboards", price.DASHBOARD),
    "AWS::Logs::MetricFilter": _metric_filter,
    "AWS::KMS::Key": each("keys", price.KEY),
    "AWS::WAFv2::WebACL": _web_acl,
    "AWS::ServiceDiscovery::Service": each("hosts in Cloud Map", price.REGISTERED_HOST),
    "AWS::Route53::HostedZone": each("hosted zones", price.HOSTED_ZONE),
    "AWS::ServiceDiscovery::PrivateDnsNamespace": each("hosted zones", price.HOSTED_ZONE),
    "AWS::ElastiCache::ServerlessCache": _cache,
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::EC2::NatGateway": each("NAT gateways", price.NAT_GATEWAY, MONTH_HOURS),
    "AWS::EC2::EIP": each("public addresses", price.PUBLIC_ADDRESS, MONTH_HOURS),
    "AWS::EC2::Volume": _volume,
    "AWS::EC2::Instance": _instance,
    "AWS::AutoScaling::AutoScalingGroup": _group,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": each(
        "load balancers", price.LOAD_BALANCER, MONTH_HOURS
    ),
}
