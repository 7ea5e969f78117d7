"""The whole system, in the order a document meets it."""

from collections.abc import Mapping

from aws_cdk import Annotations, CfnOutput, Stack
from constructs import Construct

from infra.acknowledgements import acknowledge_findings
from infra.answers_table import AnswersTable
from infra.artifacts_bucket import ArtifactsBucket
from infra.bucket_events import BucketEvents
from infra.build import build
from infra.checks import NO_STORE
from infra.config import Config
from infra.dashboard import Dashboard
from infra.document_bucket import DocumentBucket
from infra.door import Door
from infra.firewall import Firewall
from infra.gauges import Gauges, Watched
from infra.http_api import HttpApi
from infra.ingest import Ingest
from infra.manifest_table import ManifestTable
from infra.ocr_completions import OcrCompletions
from infra.outputs import outputs_of
from infra.qdrant_host import QdrantHost
from infra.query import Query
from infra.questions import Questions
from infra.service_keys import ServiceKeys
from infra.shared import Shared
from infra.storage import Storage
from infra.stream import TIMEOUT, Stream
from infra.sweep import Sweep
from infra.usage_plan import UsagePlan
from infra.work_queue import WorkQueue


class AskbucketStack(Stack):
    """Any account, any region with Textract and the models; nothing is looked up at synthesis."""

    def __init__(self, scope: Construct, construct_id: str, *, config: Config) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=config.stack_name,
            termination_protection=config.termination_protection,
            description="Askbucket: ask a bucket questions",
        )

        storage = self._storage(config)
        documents = WorkQueue(self, "DocumentHints")
        completions = WorkQueue(self, "CompletionHints")
        questions = WorkQueue(self, "QuestionTickets")
        BucketEvents(self, "BucketEvents", bucket=storage.documents, work=documents)
        ocr = OcrCompletions(self, "Ocr", completions=completions)
        made, keys = build(self, config), ServiceKeys(self, "Keys", config=config)
        shared = Shared(config, made, storage, keys)

        ingest = Ingest(self, "IngestSide", shared=shared, documents=documents, ocr=ocr)
        for work in (documents, completions):
            work.feed(ingest.function, at_once=config.max_concurrency)
        sweep = Sweep(self, "SweepSide", shared=shared, documents=documents, layers=ingest.layers)
        query = Query(self, "QuerySide", shared=shared, questions=questions)
        answer = Questions(self, "QuestionSide", shared=shared, work=questions, layers=query.layers)
        stream = Stream(self, "StreamSide", shared=shared, layers=query.layers)
        door = Door(self, "Door", shared=shared)
        if config.qdrant == "ec2":
            retention = made.log_retention
            store = QdrantHost(self, "Qdrant", config=config, key=keys.store, retention=retention)
            answering = (query.function, stream.function, answer.function)
            store.serve(ingest.function, sweep.function, *answering)
        api = HttpApi(
            self,
            "Http",
            shared=shared,
            methods=door.methods,
            query=query.served,
            stream=stream.function,
            stream_timeout=TIMEOUT,
        )

        guarded = self._guarded(shared, api)
        watched = Watched(
            queues={"Documents": documents, "Completions": completions, "Questions": questions},
            functions={
                "Ingest": ingest.function,
                "Sweep": sweep.function,
                "Query": query.function,
                "Stream": stream.function,
                "Answer": answer.function,
            },
            api=api.api,
        )
        self._watch(config, watched)
        self._tell({**outputs_of(shared, watched), **door.outputs, **keys.outputs, **guarded})
        acknowledge_findings(self, config=config, storage=storage)
        self._warn(config)

    def _storage(self, config: Config) -> Storage:
        return Storage(
            documents=DocumentBucket(self, "Documents", config=config).bucket,
            artifacts=ArtifactsBucket(self, "Artifacts", config=config).bucket,
            manifest=ManifestTable(self, "Manifest", config=config).table,
            answers=AnswersTable(self, "Answers").table,
        )

    def _guarded(self, shared: Shared, api: HttpApi) -> dict[str, str]:
        """What stands before the API where it is asked for; outputs by their names."""
        config, outputs = shared.config, {}
        if config.auth == "api_key":
            plan = UsagePlan(self, "Usage", config=config, api=api.api).plan
            outputs["UsagePlanId"] = plan.usage_plan_id
        if config.waf:
            retention = shared.build.log_retention
            Firewall(self, "Firewall", stage=api.api.deployment_stage, retention=retention)
        return outputs

    def _watch(self, config: Config, watched: Watched) -> None:
        if config.alarms != "none":
            gauges = Gauges(self, "Gauges", config=config, watched=watched)
            self._tell({"AlarmTopicArn": gauges.topic.topic_arn})
        if config.dashboard:
            Dashboard(self, "Dashboard", config=config, watched=watched)

    def _warn(self, config: Config) -> None:
        if config.store == NO_STORE and config.qdrant == "none":
            Annotations.of(self).add_warning_v2(
                "askbucket:store", "No store is set: pass -c store=qdrant+https://HOST:6333/NAME"
            )

    def _tell(self, outputs: Mapping[str, str]) -> None:
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
