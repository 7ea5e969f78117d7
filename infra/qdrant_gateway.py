"""How functions outside the network reach Qdrant inside it: signed, over TLS, by listed routes."""

import json

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from aws_cdk import aws_servicediscovery as discovery
from constructs import Construct

from infra.qdrant_network import QdrantNetwork
from infra.qdrant_routes import ROUTES

LOGGED = ("requestId", "identity.caller", "routeKey", "status", "integrationErrorMessage")


class QdrantGateway(Construct):
    """Exposes `url`, `arns` to invoke, and the Cloud Map `service` that the host registers in.

    Every route wants IAM's signature, so a stranger's request ends here, and the certificate is
    AWS's own: no domain, no authority of ours to hand out. The link to the network costs nothing
    by the hour (a load balancer would); the daily sweep keeps it from being put to sleep, which
    happens after 60 days without a request.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: QdrantNetwork,
        retention: logs.RetentionDays,
    ) -> None:
        super().__init__(scope, construct_id)
        # By its stack's name, which is one of a kind in its region.
        names = discovery.HttpNamespace(self, "Names", name=f"{Aws.STACK_NAME}-qdrant")
        self.service = names.create_service("Service", name="qdrant")
        self._api = apigateway.HttpApi(
            self,
            "Api",
            description="Askbucket's functions ask Qdrant",
            default_authorizer=authorizers.HttpIamAuthorizer(),
            create_default_stage=False,
        )
        self._add_routes(network)
        self._add_stage(retention)
        self.url = f"https://{self._api.api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}"
        self.arns = [
            self._api.arn_for_execute_api("GET", "/", "$default"),
            self._api.arn_for_execute_api("*", "/collections/*", "$default"),
        ]

    def _add_routes(self, network: QdrantNetwork) -> None:
        link = apigateway.VpcLink(
            self,
            "Link",
            vpc=network.vpc,
            subnets=ec2.SubnetSelection(subnets=network.vpc.public_subnets),
            security_groups=[network.gateway],
        )
        integration = integrations.HttpServiceDiscoveryIntegration(
            "Qdrant", self.service, vpc_link=link
        )
        for method, path in ROUTES:
            self._api.add_routes(
                path=path, methods=[apigateway.HttpMethod[method]], integration=integration
            )

    def _add_stage(self, retention: logs.RetentionDays) -> None:
        group = logs.LogGroup(
            self, "Access", retention=retention, removal_policy=RemovalPolicy.DESTROY
        )
        line = json.dumps({name.split(".")[-1]: f"$context.{name}" for name in LOGGED})
        apigateway.CfnStage(
            self,
            "Stage",
            api_id=self._api.api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=group.log_group_arn, format=line
            ),
        )
