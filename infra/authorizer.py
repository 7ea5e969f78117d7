"""Lets callers in by tokens of an OpenID Connect issuer, be it Cognito or another."""

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.dependency_layer import DependencyLayer
from infra.python_function import PythonFunction, Shape
from infra.shared import Shared

REMEMBERED = Duration.seconds(300)
BEARER = r"^[Bb]earer [-0-9A-Za-z_=]+\.[-0-9A-Za-z_=]+\.[-0-9A-Za-z_=]+$"  # else 401, unasked


class Authorizer(Construct):
    """Exposes `authorizer`. One way for every issuer: the gateway's own authorizer knows Cognito
    alone. Its function may do nothing but write its log."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        shared: Shared,
        issuer: str,
        audience: str,
    ) -> None:
        super().__init__(scope, construct_id)
        packages = DependencyLayer(self, "Packages", config=shared.config, name="authorizer-deps")
        made = PythonFunction(
            self,
            "Authorizer",
            build=shared.build,
            shape=Shape(
                handler="lambdas.authorizer.handler.handler",
                timeout=Duration.seconds(10),
                memory_mb=512,
                layers=packages.layers,
            ),
            environment={"ASKBUCKET_JWT_ISSUER": issuer, "ASKBUCKET_JWT_AUDIENCE": audience},
        )
        self.authorizer = apigateway.TokenAuthorizer(
            self,
            "Tokens",
            handler=made.function,
            validation_regex=BEARER,
            results_cache_ttl=REMEMBERED,
        )
