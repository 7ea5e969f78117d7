"""What happens in the bucket becomes a hint in the queue."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.work_queue import WorkQueue

# EventBridge also reports lifecycle expiry and delete markers, as "Object Deleted".
DETAIL_TYPES = [
    "Object Created",
    "Object Deleted",
    "Object Tags Added",
    "Object Tags Deleted",
]


class BucketEvents(Construct):
    """One rule. What EventBridge cannot deliver in 24 h it drops, were there no dead letters."""

    def __init__(
        self, scope: Construct, construct_id: str, *, bucket: s3.IBucket, work: WorkQueue
    ) -> None:
        super().__init__(scope, construct_id)
        rule = events.Rule(
            self,
            "Rule",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=DETAIL_TYPES,
                detail={"bucket": {"name": [bucket.bucket_name]}},
            ),
        )
        rule.add_target(
            targets.SqsQueue(
                work.queue,
                dead_letter_queue=work.dead_letters,
                max_event_age=Duration.hours(24),
                retry_attempts=185,  # the most EventBridge makes
            )
        )
