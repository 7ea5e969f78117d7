"""What the host may do in the account: five things, and be reached by Session Manager."""

from collections.abc import Sequence

from aws_cdk import Aws, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_servicediscovery as discovery
from constructs import Construct

HOST_TAG = "askbucket-qdrant"  # its value is the stack's name; a host cannot tag anything
SNAPSHOTS = "snapshots/*"


class HostRole(iam.Role):
    """No managed policy: the one for Session Manager would also read every parameter."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id, assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
        # The smallest set for a session (Systems Manager guide); they take no resource but "*".
        self._allow(
            "ssm:UpdateInstanceInformation",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
            on=["*"],
        )

    def attaches(self, volume: ec2.Volume) -> None:
        """To itself and no other machine but those of its own group."""
        stack = Stack.of(self)
        where = f"arn:{Aws.PARTITION}:ec2:{stack.region}:{stack.account}"
        self._allow("ec2:AttachVolume", on=[f"{where}:volume/{volume.volume_id}"])
        self.add_to_policy(
            iam.PolicyStatement(
                actions=["ec2:AttachVolume"],
                resources=[f"{where}:instance/*"],
                conditions={"StringEquals": {f"aws:ResourceTag/{HOST_TAG}": stack.stack_name}},
            )
        )

    def registers_in(self, service: discovery.Service) -> None:
        """Says where it is, and that it goes."""
        self._allow(
            "servicediscovery:RegisterInstance",
            "servicediscovery:DeregisterInstance",
            on=[service.service_arn],
        )

    def reads(self, key: secretsmanager.Secret) -> None:
        """Qdrant's API key."""
        self._allow("secretsmanager:GetSecretValue", on=[key.secret_arn])

    def keeps_snapshots_in(self, bucket: s3.Bucket) -> None:
        """Writes, reads and lists them; expiry is the bucket's, so a host deletes none."""
        self._allow("s3:GetObject", "s3:PutObject", on=[bucket.arn_for_objects(SNAPSHOTS)])
        self.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[bucket.bucket_arn],
                conditions={"StringLike": {"s3:prefix": SNAPSHOTS}},
            )
        )

    def _allow(self, *actions: str, on: Sequence[str]) -> None:
        self.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(on)))
