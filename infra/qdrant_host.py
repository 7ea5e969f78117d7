"""`-c qdrant=ec2`: Qdrant on a machine of the stack's own, for those without a server.

Why so: functions stay outside the network, as they call six services that would each need an
interface endpoint there, and Langfuse, which has none. A public port with a key and a certificate
of our own would be the fewest parts, but the whole internet could then try the server and its
parser. So the server admits one security group, that of API Gateway's link, and the gateway admits
requests that IAM has let pass. Qdrant's own key comes on top: neither alone opens it.
"""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.config import Config
from infra.qdrant_gateway import QdrantGateway
from infra.qdrant_machine import QdrantMachine
from infra.qdrant_network import QdrantNetwork

COLLECTION = "askbucket"


class QdrantHost(Construct):
    """One server of one zone, reached by the functions that `serve` names."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: Config,
        key: secretsmanager.Secret,
        retention: logs.RetentionDays,
    ) -> None:
        super().__init__(scope, construct_id)
        network = QdrantNetwork(self, "Network", zone=config.qdrant_zone, retention=retention)
        self._gateway = QdrantGateway(self, "Gateway", network=network, retention=retention)
        QdrantMachine(
            self,
            "Machine",
            config=config,
            network=network,
            service=self._gateway.service,
            key=key,
        )

    def serve(self, *functions: lambda_.Function) -> None:
        """Tells the functions where the store is, and lets them ask it."""
        for function in functions:
            function.add_environment("ASKBUCKET_STORE", f"qdrant+{self._gateway.url}/{COLLECTION}")
            function.add_environment("ASKBUCKET_STORE_AUTH", "iam")
            function.add_to_role_policy(
                iam.PolicyStatement(actions=["execute-api:Invoke"], resources=self._gateway.arns)
            )
