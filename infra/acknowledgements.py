"""Every security finding we live with, and why. A finding that is not here fails synthesis.

Each reason stands at the narrowest construct it is true for, so that a new one is still found.
"""

from dataclasses import dataclass

from aws_cdk import Acknowledgment, CfnElement, Stack, Validations
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from infra.config import Config
from infra.storage import Storage

ACCESS_LOGS = (
    "Server access logs are best effort and would keep document keys, often personal, in a third "
    "bucket. Who read what belongs in CloudTrail data events, which an account switches on once."
)
FOREIGN_KEY = "The key is issued by a service outside AWS, which has no rotation call for it."
SHARED_KEY = "Receivers hold the same key: a rotation has to be agreed on with them."
RUNTIME = (
    "Python 3.13 is supported until 2029; layers are byte-compiled by, and tested on, an "
    "interpreter of the deployed version. 3.14 packages the same way once it is common."
)
EXPIRES = "Everything in it expires within days, by itself: there is nothing to recover."
EVERY_KEY = "The function reads or writes any document: object keys are chosen by people."
EVERY_ARTIFACT = "Artifact keys begin with the id of a document, which can be any."


@dataclass(frozen=True)
class Finding:
    """A cdk-nag rule at a construct path below the stack, with the reason it may stand."""

    path: str
    rule: str
    reason: str


FINDINGS = (
    Finding("Artifacts", "S1", ACCESS_LOGS),
    Finding("Answers", "DDB3", EXPIRES),
    Finding("Keys/LangfuseKeys", "SMG4", FOREIGN_KEY),
    Finding("IngestSide/Ingest/Function", "L1", RUNTIME),
    Finding("SweepSide/Sweep/Function", "L1", RUNTIME),
    Finding("QuerySide/Query/Function", "L1", RUNTIME),
    Finding("StreamSide/Stream/Function", "L1", RUNTIME),
    Finding("QuestionSide/Answer/Function", "L1", RUNTIME),
    Finding(
        "IngestSide/Ingest/Role",
        "IAM5[Resource::*]",
        "Textract has no resource-level permissions: its two actions only take *.",
    ),
    Finding(
        "Http/Api",
        "COG4",
        "Every method asks for an IAM signature, an API key, or a token that our authorizer "
        "checks: one way for Cognito and any other issuer.",
    ),
    Finding(
        "Http/Api/DeploymentStage.v1",
        "APIG6",
        "Execution logs tell what a validator refused, which is callers' text, in a group that API "
        "Gateway makes and keeps for ever. The access log names the kind of every error instead.",
    ),
    Finding(
        "Http/Api/DeploymentStage.v1",
        "APIG3",
        "Only known callers get past the gateway, at a limited rate. A web ACL costs more a month "
        "than the idle stack: -c waf=true makes one.",
    ),
)
BY_KEY = (
    Finding(
        "Http/Api",
        "APIG4",
        "Every method requires an API key of the usage plan, which is checked before any of our "
        "code runs; cdk-nag only knows authorizers.",
    ),
)
BY_TOKEN = (Finding("Door/TokenSide/Authorizer/Function", "L1", RUNTIME),)
OWN_USERS = (
    Finding(
        "Door/UserPool/Users",
        "COG2",
        "Every user can set up a second factor; to want it from all is one word's change.",
    ),
    Finding(
        "Door/UserPool/Users",
        "COG8",
        "Threat protection is of the Plus plan, priced per user; who wants it switches it on.",
    ),
)
LOGS_ROLE = Finding(
    "Http/Api/CloudWatchRole",
    "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
    "AmazonAPIGatewayPushToCloudWatchLogs]",
    "The role API Gateway writes logs with, once per account; AWS documents this policy for it.",
)
RERANK = (
    "bedrock:Rerank has no resource-level permission; which model, InvokeModel's grant decides."
)
OWN_KEY = (
    "Both sides read the key when they start: a rotation in between would lock functions out. "
    "README says how to change it; IAM guards the store beside it."
)
STORED = "The host writes and reads snapshots, which Qdrant names, below one prefix."
ASKED = (
    "The gateway's routes are the list of what may be asked; a collection is named by its model."
)
HOST_FINDINGS = (
    Finding(
        "Qdrant/Machine/Role",
        "IAM5[Resource::*]",
        "Session Manager's five actions have no resource-level permissions.",
    ),
    Finding(
        "Qdrant/Machine/Role",
        "IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:instance/*]",
        "The group makes its hosts, so their ids are unknown; a condition asks for the stack's "
        "tag, which a host cannot set.",
    ),
    Finding(
        "Qdrant/Machine/Group/ASG",
        "AS3",
        "A group of one: that its host is gone shows as refused questions and waiting documents.",
    ),
)
XRAY = "X-Ray's traces have no resource-level permission: PutTraceSegments only takes *."
ANSWERERS = ("QuerySide/Query", "StreamSide/Stream", "QuestionSide/Answer")
ROLES = ("IngestSide/Ingest", "SweepSide/Sweep", "QuerySide/Query", "StreamSide/Stream")


def acknowledge_findings(stack: Stack, *, config: Config, storage: Storage) -> None:
    """Attaches every reason to its construct."""
    for finding in (*FINDINGS, *_of_door(config)):
        _acknowledge(stack, finding)
    hosted = config.qdrant == "ec2"
    _acknowledge(stack, Finding("Keys/StoreKey", "SMG4", OWN_KEY if hosted else FOREIGN_KEY))
    if hosted:
        _acknowledge_host(stack)
    if not config.bucket:
        _acknowledge(stack, Finding("Documents", "S1", ACCESS_LOGS))
    if config.asks_servers:
        _acknowledge(stack, Finding("Keys/ChatKeys", "SMG4", FOREIGN_KEY))
    if config.callback_hosts:
        _acknowledge(stack, Finding("Keys/CallbackKey", "SMG4", SHARED_KEY))
    if config.api_log_role:
        _acknowledge(stack, LOGS_ROLE)
    for side in ANSWERERS if config.reranker else ():
        _acknowledge(stack, Finding(f"{side}/Role", "IAM5[Resource::*]", RERANK))
    authorizer = ("Door/TokenSide/Authorizer",) if config.auth == "jwt" else ()
    for role in (*ROLES, "QuestionSide/Answer", *authorizer) if config.xray else ():
        _acknowledge(stack, Finding(f"{role}/Role", "IAM5[Resource::*]", XRAY))
    for bucket, roles, reason in (
        (storage.documents, ("IngestSide/Ingest", "QuerySide/Query"), EVERY_KEY),
        (storage.artifacts, ("IngestSide/Ingest", *ANSWERERS), EVERY_ARTIFACT),
    ):
        rule = f"IAM5[Resource::{_arn(stack, bucket)}/*]"
        for role in roles:
            _acknowledge(stack, Finding(f"{role}/Role", rule, reason))


def _of_door(config: Config) -> tuple[Finding, ...]:
    by_token = BY_TOKEN if config.jwt_issuer else (*BY_TOKEN, *OWN_USERS)
    return {"iam": (), "jwt": by_token, "api_key": BY_KEY}[config.auth]


def _acknowledge_host(stack: Stack) -> None:
    for finding in HOST_FINDINGS:
        _acknowledge(stack, finding)
    snapshots = f"<{_logical_id(stack, 'Qdrant/Machine/Snapshots')}.Arn>"
    _acknowledge(stack, Finding("Qdrant/Machine/Snapshots", "S1", ACCESS_LOGS))
    stored = f"IAM5[Resource::{snapshots}/snapshots/*]"
    _acknowledge(stack, Finding("Qdrant/Machine/Role", stored, STORED))
    api = _logical_id(stack, "Qdrant/Gateway/Api")
    where = f"arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<{api}>"
    for role in (*ROLES, "QuestionSide/Answer"):
        rule = f"IAM5[Resource::{where}/$default/*/collections/*]"
        _acknowledge(stack, Finding(f"{role}/Role", rule, ASKED))


def _logical_id(stack: Stack, path: str) -> str:
    resource = _at(stack, path).node.default_child
    if not isinstance(resource, CfnElement):
        raise TypeError(f"expected a resource at {path}, found {resource!r}")
    return stack.get_logical_id(resource)


def _at(stack: Stack, path: str) -> IConstruct:
    scope: IConstruct = stack
    for name in path.split("/"):
        scope = scope.node.find_child(name)
    return scope


def _acknowledge(stack: Stack, finding: Finding) -> None:
    rule = f"AwsSolutions::AwsSolutions-{finding.rule}"
    reason = Acknowledgment(id=rule, reason=finding.reason)
    Validations.of(_at(stack, finding.path)).acknowledge(reason)


def _arn(stack: Stack, bucket: s3.IBucket) -> str:
    """The bucket's ARN the way cdk-nag writes it: a reference in angle brackets, or plain text."""
    resource = bucket.node.default_child
    if isinstance(resource, s3.CfnBucket):
        return f"<{stack.get_logical_id(resource)}.Arn>"
    return f"arn:<AWS::Partition>:s3:::{bucket.bucket_name}"
