"""Textract, Bedrock and SQS as they answer on the wire, and what they were asked to do."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from local.ocr.page_text import Box, Line, Word
from local.textract.blocks import page_blocks
from tests.faults.wire import json_reply
from tests.unit.ingest.hash_embedder import hash_vector
from tests.unit.ingest.parts import Watch
from tests.unit.ingest.scripted_textract import shades_of, text_of_shade

VISIBILITY_MS = 330_000
MAX_RECEIVES = 5


@dataclass
class Message:
    """One message of the queue; `receipt` is its id, which is good enough for one reader."""

    receipt: str
    body: str
    visible_at: int
    receives: int = 0

    def record(self) -> dict[str, Any]:
        """As Lambda's event source hands it over."""
        return {
            "messageId": self.receipt,
            "receiptHandle": self.receipt,
            "body": self.body,
            "attributes": {"ApproximateReceiveCount": str(self.receives)},
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:documents",
        }


@dataclass
class Queue:
    """A queue with visibility by the given clock, and what it gave up on."""

    clock: Watch
    waiting: dict[str, Message] = field(default_factory=dict)
    dead: list[Message] = field(default_factory=list)
    _sent: int = 0

    def send(self, body: str) -> str:
        self._sent += 1
        receipt = f"m{self._sent}"
        self.waiting[receipt] = Message(receipt, body, self.clock())
        return receipt

    def receive(self) -> Message | None:
        """The message that is visible first; the clock goes on to that moment."""
        while self.waiting:
            message = min(self.waiting.values(), key=lambda each: each.visible_at)
            self.clock.at = max(self.clock.at, message.visible_at)
            if message.receives == MAX_RECEIVES:
                self.dead.append(self.waiting.pop(message.receipt))
                continue
            message.receives += 1
            message.visible_at = self.clock() + VISIBILITY_MS
            return message
        return None

    def __call__(self, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        asked = json.loads(request.body)
        match operation:
            case "SendMessageBatch":
                sent = [
                    {"Id": each["Id"], "MessageId": self.send(each["MessageBody"])}
                    for each in asked["Entries"]
                ]
                return json_reply(request, {"Successful": sent, "Failed": []})
            case "ChangeMessageVisibility":
                message = self.waiting[asked["ReceiptHandle"]]
                message.visible_at = self.clock() + 1000 * asked["VisibilityTimeout"]
                return json_reply(request, {})
        raise AssertionError(f"nobody scripted {operation}")


@dataclass
class Job:
    """A job of Textract: whose it is, what its pages say, how it stands."""

    tag: str
    shades: tuple[int, ...]
    status: str = "IN_PROGRESS"
    features: tuple[str, ...] = ()


@dataclass
class TextractService:
    """Bills every page of every new job; the same ClientRequestToken is the same job."""

    read: Callable[[str, str], bytes]
    jobs: dict[str, Job] = field(default_factory=dict)
    billed: int = 0

    def end(self, status: str = "SUCCEEDED") -> list[str]:
        """Every running job ends so; the completions that the topic tells of."""
        running = [(name, job) for name, job in self.jobs.items() if job.status == "IN_PROGRESS"]
        for _, job in running:
            job.status = status
        return [
            json.dumps({"JobId": name, "Status": status, "JobTag": job.tag})
            for name, job in running
        ]

    def __call__(self, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        asked = json.loads(request.body)
        match operation:
            case "StartDocumentTextDetection" | "StartDocumentAnalysis":
                return json_reply(request, {"JobId": self._started(asked)})
            case "GetDocumentTextDetection" | "GetDocumentAnalysis":
                return json_reply(request, self._result(asked["JobId"]))
        raise AssertionError(f"nobody scripted {operation}")

    def _started(self, asked: dict[str, Any]) -> str:
        job_id = hashlib.sha256(asked["ClientRequestToken"].encode()).hexdigest()
        if job_id not in self.jobs:
            where = asked["DocumentLocation"]["S3Object"]
            shades = shades_of(self.read(where["Bucket"], where["Name"]))
            features = tuple(asked.get("FeatureTypes", ()))
            self.jobs[job_id] = Job(asked["JobTag"], shades, features=features)
            self.billed += len(shades)
        return job_id

    def _result(self, job_id: str) -> dict[str, Any]:
        job = self.jobs[job_id]
        blocks = [
            block
            for number, shade in enumerate(job.shades, 1)
            for block in page_blocks([_line(text_of_shade(shade))], number, job_id)
        ]
        done = {"Blocks": blocks, "DocumentMetadata": {"Pages": len(job.shades)}}
        return {"JobStatus": job.status, **(done if job.status == "SUCCEEDED" else {})}


@dataclass
class BedrockService:
    """Titan's InvokeModel with vectors of word hashes; counts how often each text was embedded."""

    longest: int = 10_000
    embedded: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def __call__(self, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        assert (operation, "tests.hash" in unquote(request.url)) == ("InvokeModel", True)
        text = json.loads(request.body)["inputText"]
        if len(text) > self.longest:
            self.refused[text] += 1
            reply = json_reply(request, {"message": "400 Bad Request: Too many input tokens"}, 400)
            reply.headers["x-amzn-errortype"] = "ValidationException"
            return reply
        self.embedded[text] += 1
        return json_reply(request, {"embedding": hash_vector(text), "inputTextTokenCount": 1})


def _line(text: str) -> Line:
    words = text.split()
    step = 0.8 / len(words)
    return Line(
        tuple(
            Word(word, Box(0.1 + step * number, 0.1, 0.08 + step * (number + 1), 0.12), 98.0)
            for number, word in enumerate(words)
        )
    )
