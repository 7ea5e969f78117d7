"""Who is told when something is wrong: alarms, and the topic they speak to.

An alarm costs by the metrics it looks at, so by default there is one, that documents were given up,
and the others are made where they are asked for: `-c alarms=all`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Aws, Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.config import Config
from infra.queue_alarms import DOCTOR, QUEUE_ALARMS
from infra.work_queue import WorkQueue

FIVE_MINUTES, QUARTER, DAY = Duration.minutes(5), Duration.minutes(15), Duration.days(1)
OLDEST_SECONDS = 15 * 60
MOST_5XX = 0.05  # share of requests
SLOW_MS = 15_000  # p95; the gateway cuts a reply off at 29 s
MOST_FAILED = 0.5  # share of documents
SPENT_ON = ("ocr", "embedding", "answer")


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What is looked at: queues and functions by the names people know them by."""

    queues: Mapping[str, WorkQueue]
    functions: Mapping[str, lambda_.Function]
    api: apigateway.RestApi


class Gauges(Construct):
    """Exposes `topic`, which every alarm speaks to."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, watched: Watched
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self.topic = _topic(self, config.alarm_email)
        self._action = actions.SnsAction(self.topic)
        self._few(watched)
        if config.alarms == "all":
            self._more(watched)
            if config.metrics == "emf":
                self._failing()
        if config.daily_usd_alarm:
            self._spending(config.daily_usd_alarm)

    def _few(self, watched: Watched) -> None:
        self._dead("Documents", watched.queues["Documents"])

    def _dead(self, name: str, work: WorkQueue) -> None:
        self._alarm(
            f"{name}DeadLetters",
            work.dead_letters.metric_approximate_number_of_messages_visible(
                period=FIVE_MINUTES, statistic="Maximum"
            ),
            above=0,
            says=QUEUE_ALARMS[name].given_up,
        )

    def _waiting(self, name: str, work: WorkQueue) -> None:
        self._alarm(
            f"{name}Waiting",
            work.queue.metric_approximate_age_of_oldest_message(
                period=FIVE_MINUTES, statistic="Maximum"
            ),
            above=OLDEST_SECONDS,
            says=QUEUE_ALARMS[name].waiting,
        )

    def _more(self, watched: Watched) -> None:
        for name, work in watched.queues.items():
            self._waiting(name, work)
            if name != "Documents":
                self._dead(name, work)
        self._alarm(
            "ApiFaults",
            watched.api.deployment_stage.metric_server_error(
                period=FIVE_MINUTES, statistic="Average"
            ),
            above=MOST_5XX,
            times=3,
            says="More than one request in twenty ended in a 5xx. Look for `request_failed` and "
            "`request_put_off` in the log of the query function, and ask GET /health.",
        )
        for name, function in watched.functions.items():
            self._alarm(
                f"{name}Errors",
                function.metric_errors(period=QUARTER),
                above=2,
                says=f"The {name.lower()} function died more than twice in 15 minutes, of time, "
                "memory or a fault at its start: its log's last lines before `REPORT` say which.",
            )
            self._alarm(
                f"{name}Throttles",
                function.metric_throttles(period=QUARTER),
                above=0,
                says=f"The {name.lower()} function was refused a run: the account's concurrency "
                "is used up. Ask for more, or lower `-c max_concurrency=`.",
            )
        self._alarm(
            "ApiSlow",
            watched.api.deployment_stage.metric_latency(period=QUARTER, statistic="p95"),
            above=SLOW_MS,
            says="One request in twenty takes longer than 15 s. `question_seconds` tells "
            "retrieval and generation apart.",
        )

    def _failing(self) -> None:
        """Two metrics, and so twice the price."""
        ended = {
            status: self._ours("documents", {"status": status}, DAY)
            for status in ("failed", "ready")
        }
        self._alarm(
            "DocumentsFailing",
            cloudwatch.MathExpression(
                expression="failed / SUM([failed, ready])",
                using_metrics=ended,
                period=DAY,
                label="share of documents that failed",
            ),
            above=MOST_FAILED,
            says="More than half of a day's documents failed. `askbucket status` names them with "
            f"their reasons; {DOCTOR}",
        )

    def _spending(self, dollars: int) -> None:
        spent = {part: self._ours("dollars", {"part": part}, DAY) for part in SPENT_ON}
        self._alarm(
            "DollarsOfADay",
            cloudwatch.MathExpression(
                expression=f"SUM([{', '.join(SPENT_ON)}])",  # of those there are
                using_metrics=spent,
                period=DAY,
                label="US dollars at list prices",
            ),
            above=dollars,
            says=f"More than {dollars} US dollars went into OCR, embeddings and answers within a "
            "day. `askbucket status` shows what each document cost; to stop for now, disable the "
            "event source mappings of the ingest function.",
        )

    def _ours(
        self, name: str, dimensions: Mapping[str, str], period: Duration
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=self._config.stack_name,
            metric_name=name,
            dimensions_map=dict(dimensions),
            period=period,
            statistic="Sum",
        )

    def _alarm(
        self, name: str, metric: cloudwatch.IMetric, *, above: float, says: str, times: int = 1
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=times,
            datapoints_to_alarm=max(1, times - 1),
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=says,
        )
        alarm.add_alarm_action(self._action)


def _topic(scope: Construct, email: str) -> sns.Topic:
    """A policy of its own replaces SNS's default one, which let alarms of the account publish."""
    topic = sns.Topic(scope, "Topic", enforce_ssl=True)
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        )
    )
    if email:
        topic.add_subscription(subscriptions.EmailSubscription(email))
    return topic
