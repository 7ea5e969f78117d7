"""The manifest: one item per document that says which generation readers may see."""

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.config import Config
from infra.removal import removal_of

BY_KEY = "by_key"
DUE = "due"


class ManifestTable(Construct):
    """Exposes `table`: key `id` + `item`, listed `by_key`, and the few waiting items in `due`.

    Encrypted at rest with the key DynamoDB owns, which costs nothing and needs no grant.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: Config) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=_text("id"),
            sort_key=_text("item"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.DEFAULT,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute="expires_at",  # tombstones and step history only
            removal_policy=removal_of(
                "manifest", config
            ),  # without it every document is read again
        )
        self.table.add_global_secondary_index(
            index_name=BY_KEY, partition_key=_text("bucket"), sort_key=_text("key")
        )
        # Sparse: only items that wait for OCR carry `waiting`.
        self.table.add_global_secondary_index(
            index_name=DUE,
            partition_key=_text("waiting"),
            sort_key=dynamodb.Attribute(name="due_at", type=dynamodb.AttributeType.NUMBER),
            projection_type=dynamodb.ProjectionType.INCLUDE,
            non_key_attributes=["bucket", "key"],
        )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
