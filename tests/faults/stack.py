"""The deployed stack in one process: the real handlers and wiring, every call over one `Wire`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.endpoint
import pytest
from botocore.retries import quota
from botocore.session import Session
from moto import mock_aws
from moto.core.models import botocore_stubber
from moto.core.serialize import JSONSerializer
from qdrant_client import models as q

from askbucket import embedders, wiring, wiring_ingest
from askbucket.embedders import EmbedderSpec
from askbucket.ingest.chunking import Chunker
from askbucket.models import Document
from askbucket.once import forget_all
from askbucket.stores.qdrant import QdrantStore, connect
from lambdas.ingest import handler as ingest
from lambdas.sweep import handler as sweep
from tests.faults.services import BedrockService, Queue, TextractService
from tests.faults.wire import FaultyTransport, Wire
from tests.unit.ingest.hash_embedder import DIMENSIONS
from tests.unit.ingest.parts import (
    ARTIFACTS,
    BUCKET,
    COLLECTION,
    TABLE,
    Watch,
    World,
    clients,
    made_store,
    make_table,
)
from tests.unit.ingest.scripted_textract import ScriptedTextract

SPEC = EmbedderSpec("tests.hash", DIMENSIONS, "v1", 1_000_000, 1_000_000, "amazon")
VARIABLES = {
    "BUCKET": BUCKET,
    "ARTIFACTS_BUCKET": ARTIFACTS,
    "TABLE": TABLE,
    "STORE": "wired+",
    "EMBEDDER": SPEC.model_id,
    "EMBED_PARALLEL": "1",  # calls in a known order
    "CHUNK_CHARS": "100",
    "CHUNK_OVERLAP_CHARS": "20",
    "QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/documents",
    "OCR_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:ocr",
    "OCR_ROLE_ARN": "arn:aws:iam::123456789012:role/ocr",
}
HOUR_MS = 3_600_000


class Context:
    """What Lambda tells of an invocation."""

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@dataclass
class Stack:
    """`world` looks past the wire: at what is stored."""

    world: World
    wire: Wire
    queue: Queue
    textract: TextractService
    bedrock: BedrockService

    @property
    def clock(self) -> Watch:
        return self.queue.clock

    def upload(self, key: str, body: bytes | str, labels: Mapping[str, str] | None = None) -> None:
        self.world.put(key, body, labels)
        self.tell(key)

    def remove(self, key: str) -> None:
        self.world.remove(key)
        self.tell(key)

    def tell(self, key: str) -> None:
        """The bucket's event, by EventBridge."""
        detail = {"bucket": {"name": BUCKET}, "object": {"key": key}}
        self.queue.send(json.dumps({"source": "aws.s3", "detail": detail}))

    def deliver(self) -> None:
        """Every message, as often as it takes, until it is done with or dead."""
        while self.deliver_once():
            pass

    def deliver_once(self) -> bool:
        """The next message, once; False where there is none."""
        message = self.queue.receive()
        if message is None:
            return False
        reply = ingest.handler({"Records": [message.record()]}, Context())
        if not reply["batchItemFailures"]:
            del self.queue.waiting[message.receipt]
        return True

    def run(self) -> None:
        """Until nothing is waiting, neither in the queue nor for OCR."""
        self.deliver()
        while completions := self.textract.end():
            for body in completions:
                self.queue.send(body)
            self.deliver()

    def repair(self) -> None:
        """The faults end; later the schedules come by once."""
        self.wire.start(None)
        for task in ("due", "sweep"):
            self.clock.at += HOUR_MS
            sweep.handler({"task": task}, Context())
            self.run()

    def redrive(self) -> None:
        """The operator puts the dead letters back."""
        letters, self.queue.dead = self.queue.dead, []
        for letter in letters:
            self.queue.send(letter.body)
        self.run()

    def artifacts(self, key: str) -> list[str]:
        return self.world.artifacts.keys(f"{Document(BUCKET, key).id}/")


@contextmanager
def made_stack(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """An empty stack, its store at the address given."""
    s3, dynamodb, _ = clients()
    with mock_aws(), monkeypatch.context() as patch:
        for name in (BUCKET, ARTIFACTS):
            s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        make_table(dynamodb)
        queue, bedrock = Queue(Watch()), BedrockService()
        textract = TextractService(lambda b, k: s3.get_object(Bucket=b, Key=k)["Body"].read())
        wire = Wire(
            {
                "s3": _moto,
                "dynamodb": _moto,
                "sqs": queue,
                "textract": textract,
                "bedrock-runtime": bedrock,
            }
        )
        qdrant, faulty = connect(server, None), connect(server, None)
        http = faulty._client.openapi_client.client._client  # type: ignore[attr-defined]
        http._transport = FaultyTransport(http._transport, wire)
        _wired(patch, wire, QdrantStore(faulty, COLLECTION, DIMENSIONS), queue.clock)
        world = World(
            s3,
            dynamodb,
            qdrant,
            made_store(qdrant),
            ScriptedTextract(s3),
            queue.clock,
            chunker=Chunker(100, 20),
        )
        try:
            yield Stack(world, wire, queue, textract, bedrock)
        finally:  # the store is shared: what a failed story leaves would fail the next
            qdrant.delete(COLLECTION, q.FilterSelector(filter=q.Filter()), wait=True)
            for each in (qdrant, faulty):
                each.close()
            forget_all()


def _wired(patch: pytest.MonkeyPatch, wire: Wire, store: QdrantStore, clock: Watch) -> None:
    """Real clients whose requests go to the wire, and no waiting between their retries."""
    for name, value in VARIABLES.items():
        patch.setenv(f"ASKBUCKET_{name}", value)
    patch.setattr(boto3, "DEFAULT_SESSION", _session(wire))
    patch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
    patch.setattr(quota, "RetryQuota", partial(quota.RetryQuota, 1_000_000))  # for many faults
    patch.setattr(JSONSerializer, "_serialize_type_structure", _serialized_quickly)
    patch.setitem(embedders.EMBEDDERS, SPEC.model_id, SPEC)
    patch.setitem(wiring.STORES, "wired", lambda _: store)
    for module in (wiring, wiring_ingest, ingest, sweep):
        patch.setattr(module, "now_ms", clock)
    forget_all()


def _session(wire: Wire) -> boto3.Session:
    core = Session()
    core.unregister("before-send", botocore_stubber)
    core.register("before-send", wire.aws)
    core.register_component("data_loader", LOADER)
    return boto3.Session("testing", "testing", region_name="us-east-1", botocore_session=core)


LOADER: Any = Session().get_component("data_loader")  # one, so that it reads its files once


SERIALIZED = JSONSerializer._serialize_type_structure


def _serialized_quickly(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    """As moto does it, but of DynamoDB's ten kinds of value only the one there is: three times as
    fast as looking for each under each of its spellings."""
    if shape.name != "AttributeValue" or not isinstance(value, dict):
        SERIALIZED(self, serialized, value, shape, key)
        return
    serialized[key] = {}
    for kind, held in value.items():
        self._serialize(serialized[key], held, shape.members[kind], kind)


def _moto(operation: str, request: Any) -> Any:
    return botocore_stubber(event_name=f"before-send.{operation}", request=request)
