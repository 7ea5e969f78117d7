"""A network of one subnet that lets the host out, and nobody in but the gateway."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

ADDRESSES = "10.0.0.0/24"
PORT = 6333


class QdrantNetwork(Construct):
    """Exposes `vpc` and the security groups `host` and `gateway`.

    The subnet is public since a private one needs a NAT gateway or four interface endpoints to
    reach AWS, each dearer than the host. No group admits the internet.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, zone: str, retention: logs.RetentionDays
    ) -> None:
        super().__init__(scope, construct_id)
        where = {"availability_zones": [zone]} if zone else {"max_azs": 1}
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(ADDRESSES),
            nat_gateways=0,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Host",
                    subnet_type=ec2.SubnetType.PUBLIC,
                    cidr_mask=26,
                    map_public_ip_on_launch=False,
                )
            ],
            restrict_default_security_group=False,  # by a custom resource; nothing is in that group
            **where,
        )
        self.gateway = self._group("GatewayGroup", "the link of API Gateway to Qdrant")
        self.host = self._group("HostGroup", "Qdrant")
        self.gateway.add_egress_rule(self.host, ec2.Port.tcp(PORT), "to Qdrant")
        self.host.add_ingress_rule(self.gateway, ec2.Port.tcp(PORT), "from the gateway")
        # AWS, Amazon Linux's packages and the release; names are asked of the VPC itself.
        self.host.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "out, over TLS")
        self._log_refused(retention)

    def _group(self, name: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self, name, vpc=self.vpc, description=description, allow_all_outbound=False
        )

    def _log_refused(self, retention: logs.RetentionDays) -> None:
        group = logs.LogGroup(
            self, "Refused", retention=retention, removal_policy=RemovalPolicy.DESTROY
        )
        self.vpc.add_flow_log(
            "FlowLog",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(group),
            traffic_type=ec2.FlowLogTrafficType.REJECT,
        )
