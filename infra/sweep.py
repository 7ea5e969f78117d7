"""Scheduled repair: what an event lost, and OCR that never reported back."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.manifest_table import BY_KEY, DUE
from infra.python_function import PythonFunction, Shape
from infra.shared import Shared
from infra.work_queue import WorkQueue


class Sweep(Construct):
    """Exposes `function`. It uses the ingest layer: its own would save nothing but an upload."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        shared: Shared,
        documents: WorkQueue,
        layers: Sequence[lambda_.ILayerVersion],
    ) -> None:
        super().__init__(scope, construct_id)
        made = PythonFunction(
            self,
            "Sweep",
            build=shared.build,
            shape=Shape(
                handler="lambdas.sweep.handler.handler",
                timeout=Duration.seconds(300),
                memory_mb=1024,
                layers=layers,
            ),
            environment={
                **shared.storage.environment,
                "ASKBUCKET_QUEUE_URL": documents.queue.queue_url,
                "ASKBUCKET_STORE": shared.config.store,
                "ASKBUCKET_STORE_SECRET_ARN": shared.keys.store.secret_arn,
                **shared.config.recipe_environment,
            },
        )
        self.function = made.function
        self._every("Daily", Duration.days(1), task="sweep")
        self._every("FiveMinutes", Duration.minutes(5), task="due")
        _allow(made, shared, documents)

    def _every(self, name: str, period: Duration, *, task: str) -> None:
        rule = events.Rule(self, name, schedule=events.Schedule.rate(period))
        event = events.RuleTargetInput.from_object({"task": task})
        rule.add_target(targets.LambdaFunction(self.function, event=event))


def _allow(made: PythonFunction, shared: Shared, documents: WorkQueue) -> None:
    storage = shared.storage
    table = storage.manifest.table_arn
    made.allow("s3:ListBucket", on=[storage.documents.bucket_arn])
    made.allow("dynamodb:GetItem", "dynamodb:BatchGetItem", on=[table])
    made.allow("dynamodb:PutItem", "dynamodb:DeleteItem", on=[table])  # a sweep's own progress
    made.allow("dynamodb:Query", on=[f"{table}/index/{BY_KEY}", f"{table}/index/{DUE}"])
    made.allow("sqs:SendMessage", on=[documents.queue.queue_arn])
    made.allow("secretsmanager:GetSecretValue", on=[shared.keys.store.secret_arn])
