"""Textract says "done" through SNS into a queue, so that no function waits for OCR."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.work_queue import WorkQueue


class OcrCompletions(Construct):
    """Exposes `topic` and the `role` Textract assumes, which may publish to this topic only."""

    def __init__(self, scope: Construct, construct_id: str, *, completions: WorkQueue) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", enforce_ssl=True)
        self.topic.add_subscription(
            subscriptions.SqsSubscription(completions.queue, raw_message_delivery=True)
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "textract.amazonaws.com",
                # Only jobs of this account: otherwise Textract could be made to act for a stranger.
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            ),
        )
        self.topic.grant_publish(self.role)
