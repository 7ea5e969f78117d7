"""One page that shows whether documents become ready, questions are answered, and at what price."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.config import Config
from infra.gauges import Watched

WIDTH, HEIGHT = 8, 6  # three graphs to a row of 24
Graph = tuple[str, str, Sequence[str]]
# Title, metric, values of its dimension; in the order of a document's way, then a question's.
COUNTED: Mapping[str, Sequence[Graph]] = {
    "status": (("Documents", "documents", ("ready", "failed", "deleted")),),
    "": (
        ("Pages", "pages", ()),
        ("Pages by OCR", "pages_paid", ()),
        ("Chunks", "chunks", ()),
        ("Embedding tokens", "embedding_tokens", ()),
    ),
    "outcome": (
        ("Questions", "questions", ("answered", "abstained")),
        ("Answer cache", "cache", ("hit", "miss")),
    ),
    "direction": (("Tokens of answers", "tokens", ("in", "out")),),
    "part": (("US dollars at list prices", "dollars", ("ocr", "embedding", "answer")),),
    "score": (("Feedback", "feedback", ("up", "down", "neither")),),
}
TIMED: Sequence[tuple[str, str, str, Sequence[str]]] = (
    ("From upload to ready, p50 and p95", "seconds_to_ready", "", ("",)),
    (
        "Seconds of a question, p50 and p95",
        "question_seconds",
        "part",
        ("retrieval", "generation"),
    ),
)


class Dashboard(Construct):
    """Named after the stack."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, watched: Watched
    ) -> None:
        super().__init__(scope, construct_id)
        self._namespace = config.stack_name
        graphs = [*self._queues(watched), *self._counted(), *self._timed(), _api(watched)]
        board = cloudwatch.Dashboard(
            self, "Board", dashboard_name=config.stack_name, default_interval=Duration.days(1)
        )
        board.add_widgets(*graphs)

    def _queues(self, watched: Watched) -> list[cloudwatch.GraphWidget]:
        works = watched.queues.values()
        return [
            _graph(
                "Dead letters",
                [w.dead_letters.metric_approximate_number_of_messages_visible() for w in works],
            ),
            _graph(
                "Oldest hint, seconds",
                [w.queue.metric_approximate_age_of_oldest_message() for w in works],
            ),
        ]

    def _counted(self) -> list[cloudwatch.GraphWidget]:
        return [
            _graph(title, [self._metric(name, dimension, v, "Sum") for v in values or ("",)])
            for dimension, graphs in COUNTED.items()
            for title, name, values in graphs
        ]

    def _timed(self) -> list[cloudwatch.GraphWidget]:
        return [
            _graph(
                title,
                [
                    self._metric(name, dimension, value, statistic)
                    for value in values
                    for statistic in ("p50", "p95")
                ],
            )
            for title, name, dimension, values in TIMED
        ]

    def _metric(self, name: str, dimension: str, value: str, statistic: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=self._namespace,
            metric_name=name,
            dimensions_map={dimension: value} if dimension else None,
            statistic=statistic,
            label=f"{value or name} {statistic}" if statistic != "Sum" else value or name,
        )


def _api(watched: Watched) -> cloudwatch.GraphWidget:
    stage = watched.api.deployment_stage
    return _graph("API", [stage.metric_count(), stage.metric_server_error(statistic="Sum")])


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=WIDTH, height=HEIGHT)
