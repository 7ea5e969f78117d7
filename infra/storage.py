"""Where everything is kept, handed to functions as one input."""

from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3


@dataclass(frozen=True, kw_only=True)
class Storage:
    """The documents, what was made from them, the manifest, and what answering remembers."""

    documents: s3.IBucket
    artifacts: s3.IBucket
    manifest: dynamodb.Table
    answers: dynamodb.Table

    @property
    def environment(self) -> dict[str, str]:
        """The variables every function gets, since every function looks at the first three."""
        return {
            "ASKBUCKET_BUCKET": self.documents.bucket_name,
            "ASKBUCKET_ARTIFACTS_BUCKET": self.artifacts.bucket_name,
            "ASKBUCKET_TABLE": self.manifest.table_name,
        }
