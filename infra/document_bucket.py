"""The bucket people drop files into: the source of truth for everything else."""

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.config import Config
from infra.removal import removal_of


class DocumentBucket(Construct):
    """Exposes `bucket`: ours, or the existing one that `-c bucket=NAME` names."""

    def __init__(self, scope: Construct, construct_id: str, *, config: Config) -> None:
        super().__init__(scope, construct_id)
        self.bucket: s3.IBucket = (
            s3.Bucket.from_bucket_name(self, "Existing", config.bucket)
            if config.bucket
            else self._new(config)
        )

    def _new(self, config: Config) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=config.bucket_name or None,
            versioned=True,  # sync pins the version it reads
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            removal_policy=removal_of("documents", config),
            lifecycle_rules=[
                s3.LifecycleRule(
                    noncurrent_version_expiration=Duration.days(config.noncurrent_days),
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                    expired_object_delete_marker=True,
                )
            ],
        )
        # The L1 property: `event_bridge_enabled=True` would add a hidden function to set it.
        resource = bucket.node.default_child
        if not isinstance(resource, s3.CfnBucket):
            raise TypeError(f"expected the bucket's CfnBucket, found {resource!r}")
        resource.add_property_override(
            "NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", True
        )
        return bucket
