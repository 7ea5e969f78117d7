"""The machine Qdrant runs on: replaceable, while its data lies on a volume of its own."""

from collections.abc import Iterator
from pathlib import Path

from aws_cdk import Aws, Duration, Size, Stack, Tags
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_servicediscovery as discovery
from constructs import Construct

from infra.config import Config
from infra.qdrant_network import QdrantNetwork
from infra.qdrant_role import HOST_TAG, HostRole
from infra.removal import removal_of

FILES = Path(__file__).parent / "qdrant"
VALUES = "/etc/askbucket-qdrant"
VERSION = "1.19.1"  # one minor version at a time: Qdrant reads the files of the last one only
# SHA-256 of the release's archive, as GitHub states it. The binary is static and needs nothing of
# Amazon Linux; an image would need a container engine, with updates of its own.
CHECKSUM = "0e607c11705fab22f7d667f4749bc0b6b60a8fa9e91de71880a6ebafbbda1b26"
RELEASE = (
    f"https://github.com/qdrant/qdrant/releases/download/v{VERSION}/"
    "qdrant-aarch64-unknown-linux-musl.tar.gz"
)
SNAPSHOT_DAYS = 14
ROOT_GB = 8  # of the system, beside the volume of the data
BOOT_LIMIT = Duration.minutes(20)


class QdrantMachine(Construct):
    """A group of one host, its volume, and the bucket of its snapshots.

    Not an instance with a volume attachment: CloudFormation would start the new instance of a
    replacement before it ends the old one, which holds the volume. The group ends the old one
    first, also where it died by itself, and each host attaches the volume to itself.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: Config,
        network: QdrantNetwork,
        service: discovery.Service,
        key: secretsmanager.Secret,
    ) -> None:
        super().__init__(scope, construct_id)
        snapshots, volume = self._snapshots(config), self._volume(config, network)
        role = HostRole(self, "Role")
        role.attaches(volume)
        role.registers_in(service)
        role.reads(key)
        role.keeps_snapshots_in(snapshots)
        boot = ec2.UserData.for_linux()
        group = self._group(network, self._template(config, network, role, boot))
        boot.add_signal_on_exit_command(group)
        values = {
            "AWS_DEFAULT_REGION": Aws.REGION,
            "VOLUME": volume.volume_id,
            "SERVICE": service.service_id,
            "SECRET": key.secret_arn,
            "BUCKET": snapshots.bucket_name,
            "RELEASE": RELEASE,
            "CHECKSUM": CHECKSUM,
        }
        boot.add_commands(*_commands(values))

    def _snapshots(self, config: Config) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Snapshots",
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            removal_policy=removal_of("index", config),
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(SNAPSHOT_DAYS),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
        )

    def _volume(self, config: Config, network: QdrantNetwork) -> ec2.Volume:
        return ec2.Volume(
            self,
            "Data",
            availability_zone=network.vpc.public_subnets[0].availability_zone,
            size=Size.gibibytes(config.qdrant_disk_gb),
            volume_type=ec2.EbsDeviceVolumeType.GP3,
            encrypted=True,
            removal_policy=removal_of("index", config),
        )

    def _template(
        self, config: Config, network: QdrantNetwork, role: HostRole, boot: ec2.UserData
    ) -> ec2.LaunchTemplate:
        return ec2.LaunchTemplate(
            self,
            "Template",
            instance_type=ec2.InstanceType(config.qdrant_instance),
            # A parameter that CloudFormation reads at each deploy: a newer image, a newer host.
            machine_image=ec2.MachineImage.latest_amazon_linux2023(
                cpu_type=ec2.AmazonLinuxCpuType.ARM_64
            ),
            role=role,
            security_group=network.host,
            user_data=boot,
            associate_public_ip_address=True,
            require_imdsv2=True,
            http_put_response_hop_limit=1,
            block_devices=[
                ec2.BlockDevice(
                    device_name="/dev/xvda",
                    volume=ec2.BlockDeviceVolume.ebs(
                        ROOT_GB, encrypted=True, volume_type=ec2.EbsDeviceVolumeType.GP3
                    ),
                )
            ],
        )

    def _group(
        self, network: QdrantNetwork, template: ec2.LaunchTemplate
    ) -> autoscaling.AutoScalingGroup:
        group = autoscaling.AutoScalingGroup(
            self,
            "Group",
            vpc=network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnets=network.vpc.public_subnets),
            launch_template=template,
            min_capacity=1,
            max_capacity=1,
            # A host that does not come up fails the deployment.
            signals=autoscaling.Signals.wait_for_all(timeout=BOOT_LIMIT),
            update_policy=autoscaling.UpdatePolicy.rolling_update(
                min_instances_in_service=0, max_batch_size=1, pause_time=BOOT_LIMIT
            ),
        )
        # Ways out first, and last to go: a host that ends still says so.
        group.node.add_dependency(network.vpc.internet_connectivity_established)
        Tags.of(group).add(HOST_TAG, Stack.of(self).stack_name)
        return group


def _commands(values: dict[str, str]) -> Iterator[str]:
    """The first boot: the values, the files of `infra/qdrant`, then `boot.sh`."""
    exports = "\n".join(f"export {name}='{value}'" for name, value in values.items())
    yield _written(VALUES, f"{exports}\n{_text('place.sh')}")
    for name in ("qdrant-key", "qdrant-register", "qdrant-snapshot", "qdrant-restore"):
        yield _written(f"/usr/local/sbin/{name}", _text(name))
        yield f"chmod 755 /usr/local/sbin/{name}"
    for path in sorted([*FILES.glob("*.service"), *FILES.glob("*.timer")]):
        yield _written(f"/etc/systemd/system/{path.name}", path.read_text())
    yield _text("boot.sh")


def _text(name: str) -> str:
    return (FILES / name).read_text()


def _written(path: str, content: str) -> str:
    return f"cat >{path} <<'ASKBUCKET'\n{content.rstrip()}\nASKBUCKET"
