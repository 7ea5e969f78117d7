"""A queue of work for a function, with its dead letters."""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

INGEST_TIMEOUT = Duration.seconds(300)
VISIBILITY = Duration.seconds(
    330
)  # above the timeout: an attempt under way is never handed out twice
MAX_RECEIVES = 5  # AWS advises at least 5 for Lambda


class WorkQueue(Construct):
    """Exposes `queue` and `dead_letters`; both keep messages 14 days, the longest SQS offers.

    Standard, not FIFO: hints may repeat and arrive in any order, sync does not care.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            visibility_timeout=VISIBILITY,
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=MAX_RECEIVES
            ),
        )

    def feed(self, function: lambda_.Function, *, at_once: int) -> None:
        """One message at a time, to so many invocations; also grants what that takes."""
        function.add_event_source(
            sources.SqsEventSource(
                self.queue,
                batch_size=1,
                report_batch_item_failures=True,
                max_concurrency=at_once,
            )
        )
