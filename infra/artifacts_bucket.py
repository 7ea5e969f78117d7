"""The private bucket of pages, vectors and OCR results, so that neither is ever paid for twice."""

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.config import Config
from infra.removal import removal_of


class ArtifactsBucket(Construct):
    """Exposes `bucket`. Unversioned: every key carries the hash of the content it was made from.

    Kept by default although all of it can be made again: that costs OCR and embeddings.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: Config) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=config.artifacts_name,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            removal_policy=removal_of("artifacts", config),
            lifecycle_rules=[
                s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1))
            ],
        )
