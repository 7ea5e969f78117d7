"""The function behind every route but one: a whole reply within the gateway's 29 s."""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.answering import allow_answering, allow_documents, answering_environment
from infra.callbacks import callback_environment
from infra.dependency_layer import DependencyLayer
from infra.python_function import PythonFunction, Shape
from infra.questions import allow_questions, question_environment
from infra.shared import Shared
from infra.work_queue import WorkQueue


class Query(Construct):
    """Exposes `function`, `served`, which the API asks, and, for the stream function, `layers`.

    With `-c snapstart=true` the API asks an alias: only a published version has a snapshot.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        shared: Shared,
        questions: WorkQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.layers = DependencyLayer(
            self, "Packages", config=shared.config, name="query-deps"
        ).layers
        if shared.config.asks_servers:
            self.layers += DependencyLayer(
                self, "ServerPackages", config=shared.config, name="openai-deps"
            ).layers
        made = PythonFunction(
            self,
            "Query",
            build=shared.build,
            shape=Shape(
                handler="lambdas.query.handler.handler",
                timeout=Duration.seconds(28),  # our own problem reply comes before the gateway's
                memory_mb=1769,
                layers=self.layers,
                snapstart=shared.config.snapstart,
            ),
            environment={
                **answering_environment(shared),
                **question_environment(questions),
                **callback_environment(shared),
            },
        )
        allow_answering(made, shared)
        allow_documents(made, shared)
        allow_questions(made, questions)
        self.function = made.function
        self.served: lambda_.IFunction = made.function
        if shared.config.snapstart:
            version = made.function.current_version
            self.served = lambda_.Alias(self, "Live", alias_name="live", version=version)
