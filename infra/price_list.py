"""What AWS charges for resources that only exist: list prices of us-east-1 in US dollars, without
free tiers. The only place these prices are kept; those of models and OCR belong to use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MONTH_HOURS = 730  # AWS's own month
MONTH_SECONDS = MONTH_HOURS * 3600
AWS_PAGE = "aws.amazon.com/{}/pricing"


@dataclass(frozen=True)
class Price:
    """`dollars` for one `unit`, as `source` said in the month `read`."""

    dollars: float
    unit: str
    source: str
    read: str = "2026-08"


def _page(dollars: float, unit: str, service: str) -> Price:
    return Price(dollars, unit, AWS_PAGE.format(service))


SECRET = _page(0.40, "secret and month", "secrets-manager")
SQS_REQUEST = _page(0.40 / 1e6, "request, standard queue", "sqs")
LAMBDA_ARM = _page(0.0000133334, "GB-second, arm64", "lambda")
LAMBDA_X86 = _page(0.0000166667, "GB-second, x86_64", "lambda")
LAMBDA_REQUEST = _page(0.20 / 1e6, "request", "lambda")
LAMBDA_KEPT_WARM = _page(0.0000041667, "GB-second of provisioned concurrency", "lambda")
SNAPSTART_CACHE = _page(0.0000015046, "GB-second that a version is cached", "lambda")
S3_WRITE = _page(0.005 / 1e3, "PUT, COPY, POST or LIST", "s3")
S3_READ = _page(0.0004 / 1e3, "GET and all others", "s3")
TABLE_WRITE = _page(0.625 / 1e6, "write of 1 KB, on demand", "dynamodb")
TABLE_READ = _page(0.125 / 1e6, "consistent read of 4 KB, on demand", "dynamodb")
API_REQUEST = _page(3.50 / 1e6, "request of a REST API", "api-gateway")
EVENT = _page(1.00 / 1e6, "event that a service has to be asked for", "eventbridge")
LOG_BYTE = _page(0.50 / 1e9, "byte taken in", "cloudwatch")
ALARM = _page(0.10, "metric of an alarm and month", "cloudwatch")
FAST_ALARM = _page(0.30, "metric of an alarm under a minute and month", "cloudwatch")
COMPOSITE_ALARM = _page(0.50, "alarm and month", "cloudwatch")
CUSTOM_METRIC = _page(0.30, "metric and month", "cloudwatch")
DASHBOARD = _page(3.00, "dashboard and month", "cloudwatch")
KEY = _page(1.00, "key and month", "kms")
WEB_ACL = _page(5.00, "web ACL and month", "waf")
WEB_ACL_RULE = _page(1.00, "rule and month", "waf")
REGISTERED_HOST = _page(0.10, "registered host and month", "cloud-map")
HOSTED_ZONE = _page(0.50, "zone and month", "route53")
INTERFACE_ENDPOINT = _page(0.01, "hour and availability zone", "privatelink")
NAT_GATEWAY = _page(0.045, "hour", "vpc")
PUBLIC_ADDRESS = _page(0.005, "hour", "vpc")
VOLUME_GB = _page(0.08, "GB of gp3 and month", "ebs")
LOAD_BALANCER = _page(0.0225, "hour", "elasticloadbalancing")
READ_UNIT = _page(0.00013, "hour", "dynamodb")
WRITE_UNIT = _page(0.00065, "hour", "dynamodb")
VALKEY_GB = _page(0.084, "GB and hour, 0.1 GB at least", "elasticache")

# What grows with what is kept.
KEPT = (
    _page(0.023, "1 GB of documents kept, a month, overwritten and deleted ones too", "s3"),
    _page(0.45, "1 GB of tables kept, a month, with their point-in-time recovery", "dynamodb"),
    _page(0.50, "1 GB of logs written", "cloudwatch"),
    _page(0.03, "1 GB of logs kept, a month", "cloudwatch"),
)
# Of switches, with use.
USES = (
    _page(0.625, "1 million requests of callers counted (`caller_per_minute`)", "dynamodb"),
    _page(0.60, "1 million requests through the web ACL (`waf=true`)", "waf"),
    _page(15.00, "1,000 users of the stack's own pool, a month (`auth=jwt`)", "cognito"),
    _page(1.00, "1 million requests to the store (`qdrant=ec2`)", "api-gateway"),
    _page(0.24, "1,000 cold starts, each of 1.7 GB restored (`snapstart=true`)", "lambda"),
    _page(5.00, "1 million traces (`xray=true`)", "xray"),
    _page(0.15, "1 million characters read by a filter of a guardrail (`guardrail`)", "bedrock"),
)

INSTANCES: Mapping[str, Price] = {
    name: _page(dollars, "hour", "ec2/on-demand")
    for name, dollars in (
        ("t4g.micro", 0.0084),
        ("t4g.small", 0.0168),
        ("t4g.medium", 0.0336),
        ("t4g.large", 0.0672),
        ("m7g.medium", 0.0408),
        ("m7g.large", 0.0816),
        ("r7g.medium", 0.0536),
        ("r7g.large", 0.1071),
        ("r7g.xlarge", 0.2142),
    )
}
API_CACHE_GB: Mapping[str, Price] = {
    size: _page(dollars, "hour", "api-gateway")
    for size, dollars in (("0.5", 0.02), ("1.6", 0.038), ("6.1", 0.20))
}


def _in_service(service: str, *kinds: str) -> frozenset[str]:
    return frozenset(f"AWS::{service}::{kind}" for kind in kinds)


# What costs nothing until it is used, or nothing at all. Buckets, tables and logs begin empty.
FREE = frozenset[str]().union(
    {"AWS::CDK::Metadata", "AWS::SSM::Parameter", "AWS::Bedrock::Guardrail"},
    _in_service("IAM", "Role", "Policy", "ManagedPolicy", "InstanceProfile", "OIDCProvider"),
    _in_service("S3", "Bucket", "BucketPolicy"),
    _in_service("SQS", "Queue", "QueuePolicy"),
    _in_service("SNS", "Topic", "TopicPolicy", "Subscription"),
    _in_service("Lambda", "Function", "LayerVersion", "Permission", "EventInvokeConfig", "Url"),
    _in_service("Logs", "LogGroup", "ResourcePolicy", "QueryDefinition"),
    _in_service("SecretsManager", "ResourcePolicy", "RotationSchedule"),
    _in_service("KMS", "Alias"),
    _in_service("Scheduler", "ScheduleGroup"),
    _in_service("WAFv2", "WebACLAssociation", "IPSet", "LoggingConfiguration"),
    _in_service("Cognito", "UserPool", "UserPoolClient", "UserPoolDomain", "UserPoolGroup")
    | _in_service("Cognito", "UserPoolResourceServer", "UserPoolUser"),
    _in_service("ApiGateway", "RestApi", "Account", "Deployment", "Method", "Resource")
    | _in_service("ApiGateway", "GatewayResponse", "Authorizer", "RequestValidator", "Model")
    | _in_service("ApiGateway", "ApiKey", "UsagePlan", "UsagePlanKey"),
    _in_service("EC2", "VPC", "Subnet", "RouteTable", "Route", "SubnetRouteTableAssociation")
    | _in_service("EC2", "SecurityGroup", "SecurityGroupIngress", "SecurityGroupEgress")
    | _in_service("EC2", "InternetGateway", "VPCGatewayAttachment", "LaunchTemplate")
    | _in_service("EC2", "VolumeAttachment", "EgressOnlyInternetGateway", "FlowLog")
    | _in_service("EC2", "VPCCidrBlock"),
    _in_service("AutoScaling", "LifecycleHook", "ScalingPolicy"),
    _in_service("DLM", "LifecyclePolicy"),
    _in_service("Route53", "RecordSet"),
    _in_service("SSM", "Association", "Document"),
    _in_service("ApiGatewayV2", "Api", "Route", "Integration", "Stage", "VpcLink"),
    _in_service("ServiceDiscovery", "HttpNamespace"),
)
