"""The function that makes the index agree with the bucket, one key at a time."""

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.dependency_layer import DependencyLayer
from infra.models import model_arns
from infra.ocr_completions import OcrCompletions
from infra.python_function import PythonFunction, Shape
from infra.shared import Shared
from infra.work_queue import INGEST_TIMEOUT, WorkQueue


class Ingest(Construct):
    """Exposes `function` and, for the sweep, its `layers`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        shared: Shared,
        documents: WorkQueue,
        ocr: OcrCompletions,
    ) -> None:
        super().__init__(scope, construct_id)
        config, keys = shared.config, shared.keys
        self.layers = DependencyLayer(self, "Packages", config=config, name="ingest-deps").layers
        made = PythonFunction(
            self,
            "Ingest",
            build=shared.build,
            shape=Shape(
                handler="lambdas.ingest.handler.handler",
                timeout=INGEST_TIMEOUT,
                memory_mb=1769,  # one whole vCPU
                layers=self.layers,
                # A long document sends its own hint again, and only if it got further since the
                # last time: the loop ends with the document, so the 16-hop guard must not cut it.
                recursive_loop=lambda_.RecursiveLoop.ALLOW,
            ),
            environment={
                **shared.storage.environment,
                "ASKBUCKET_QUEUE_URL": documents.queue.queue_url,
                "ASKBUCKET_OCR_TOPIC_ARN": ocr.topic.topic_arn,
                "ASKBUCKET_OCR_ROLE_ARN": ocr.role.role_arn,
                "ASKBUCKET_STORE": config.store,
                "ASKBUCKET_STORE_SECRET_ARN": keys.store.secret_arn,
                **config.recipe_environment,
                **shared.tracing_environment,
                **shared.metrics_environment,
            },
        )
        self.function = made.function
        self._config = config
        self._allow(made, shared, documents, ocr)

    def _allow(
        self, made: PythonFunction, shared: Shared, documents: WorkQueue, ocr: OcrCompletions
    ) -> None:
        storage, keys = shared.storage, shared.keys
        bucket, artifacts = storage.documents, storage.artifacts
        # ListBucket makes a missing key a 404 instead of a 403.
        made.allow("s3:ListBucket", on=[bucket.bucket_arn, artifacts.bucket_arn])
        made.allow("s3:GetObject", "s3:GetObjectVersion", on=[bucket.arn_for_objects("*")])
        made.allow(
            "s3:GetObjectTagging", "s3:GetObjectVersionTagging", on=[bucket.arn_for_objects("*")]
        )
        made.allow(
            "s3:GetObject", "s3:PutObject", "s3:DeleteObject", on=[artifacts.arn_for_objects("*")]
        )
        made.allow(
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            on=[storage.manifest.table_arn],
        )
        made.allow("sqs:SendMessage", on=[documents.queue.queue_arn])
        # Textract has no resources to name: its actions only take "*".
        made.allow(
            "textract:StartDocumentTextDetection",
            "textract:GetDocumentTextDetection",
            "textract:StartDocumentAnalysis",
            "textract:GetDocumentAnalysis",
            on=["*"],
        )
        made.allow("iam:PassRole", on=[ocr.role.role_arn])
        made.allow("bedrock:InvokeModel", on=model_arns(Stack.of(self), self._config.embedder_id))
        made.allow(
            "secretsmanager:GetSecretValue", on=[keys.store.secret_arn, keys.langfuse.secret_arn]
        )
