"""One Lambda function of ours: its code, its role with nothing in it yet, its log group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class Build:
    """What all functions have in common: where their code comes from and what it runs on."""

    code: lambda_.Code
    runtime: lambda_.Runtime
    architecture: lambda_.Architecture
    shared_layer: lambda_.LayerVersion
    log_retention: logs.RetentionDays
    log_level: str
    xray: bool


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What one function is: entry point, limits and extra layers."""

    handler: str
    timeout: Duration
    memory_mb: int
    layers: Sequence[lambda_.ILayerVersion] = ()
    recursive_loop: lambda_.RecursiveLoop = lambda_.RecursiveLoop.TERMINATE
    snapstart: bool = False


class PythonFunction(Construct):
    """Exposes `function`; `allow` is the one way to give it a permission.

    The role is ours: the one CDK makes carries a managed policy that may write to every log group.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        build: Build,
        shape: Shape,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = logs.LogGroup(
            self,
            "Logs",
            retention=build.log_retention,
            removal_policy=RemovalPolicy.DESTROY,  # logs hold no document text
        )
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(role)
        self.function = lambda_.Function(
            self,
            "Function",
            code=build.code,
            handler=shape.handler,
            runtime=build.runtime,
            architecture=build.architecture,
            timeout=shape.timeout,
            memory_size=shape.memory_mb,
            layers=[*shape.layers, build.shared_layer],
            recursive_loop=shape.recursive_loop,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if shape.snapstart else None,
            role=role,
            log_group=log_group,
            # langsmith comes with LangChain; it must never send anything anywhere.
            environment={
                **environment,
                "ASKBUCKET_LOG_LEVEL": build.log_level,
                "LANGSMITH_TRACING": "false",
            },
            # It also grants the role xray:PutTraceSegments and PutTelemetryRecords.
            tracing=lambda_.Tracing.ACTIVE if build.xray else lambda_.Tracing.DISABLED,
        )

    def allow(self, *actions: str, on: Sequence[str]) -> None:
        """Lets the function do `actions` to the resources with these ARNs."""
        self.function.add_to_role_policy(
            iam.PolicyStatement(actions=list(actions), resources=list(on))
        )
