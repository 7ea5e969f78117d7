"""Questions answered later: the function behind their queue has minutes where HTTP has 29 s."""

from collections.abc import Sequence

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.answering import allow_answering, answering_environment
from infra.callbacks import allow_callbacks, callback_environment
from infra.python_function import PythonFunction, Shape
from infra.shared import Shared
from infra.work_queue import INGEST_TIMEOUT, WorkQueue

SUMMARY_SECONDS = 240  # of the function's 300, for the parts of a summary


class Questions(Construct):
    """Exposes `function`, which answers one question of the queue at a time."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        shared: Shared,
        work: WorkQueue,
        layers: Sequence[lambda_.ILayerVersion],
    ) -> None:
        super().__init__(scope, construct_id)
        made = PythonFunction(
            self,
            "Answer",
            build=shared.build,
            shape=Shape(
                handler="lambdas.answer.handler.handler",
                timeout=INGEST_TIMEOUT,  # the queue's visibility is above it
                memory_mb=1769,
                layers=layers,
                # A long summary sends its own ticket again, and only if it got further; a callback
                # is tried four times: both loops end, so the 16-hop guard must not cut them.
                recursive_loop=lambda_.RecursiveLoop.ALLOW,
            ),
            environment={
                **answering_environment(shared),
                **question_environment(work),
                **callback_environment(shared),
                "ASKBUCKET_SUMMARY_SECONDS": str(SUMMARY_SECONDS),
            },
        )
        allow_answering(made, shared)
        allow_questions(made, work)
        allow_callbacks(made, shared)
        work.feed(made.function, at_once=shared.config.max_concurrency)
        self.function = made.function


def question_environment(work: WorkQueue) -> dict[str, str]:
    """What a function needs to put questions into the queue."""
    return {"ASKBUCKET_QUESTIONS_QUEUE_URL": work.queue.queue_url}


def allow_questions(made: PythonFunction, work: WorkQueue) -> None:
    """Lets a function put questions into the queue."""
    made.allow("sqs:SendMessage", on=[work.queue.queue_arn])
