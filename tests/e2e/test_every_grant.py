"""Each grant of the stack taken away alone: the step that needs it breaks, or we say why it cannot.

`python -m pytest -m exhaustive tests/e2e/test_every_grant.py -s` prints the list.
"""

from __future__ import annotations

import copy
import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from askbucket.entries import OWN_ITEM
from tests.e2e.driver import eventually
from tests.e2e.enforced import (
    RENT,
    Enforced,
    ask_everything,
    enforced_stack,
    require,
    role_policies,
    upload,
)

pytestmark = [pytest.mark.exhaustive, pytest.mark.timeout(3600)]

ENDPOINT = "our endpoint in its place asks for no permission"
POLLER = "the emulator's poller reads queues itself; AWS refuses a mapping without it"
LOGGED = "the emulator writes logs itself"
RARELY = "asked only where work is cut short or fails; tests/faults goes there"
OPTIONAL = "a secret that cannot be read switches tracing off, and nothing else"
HIDDEN = "AWS answers 403 for a missing key without it; the emulator's 404 comes all the same"
# What no step here can miss, and why: side, action, the resource's pattern. The test holds that
# each is indeed missed by none.
UNSEEN = (
    ("", "logs:", "", LOGGED),
    ("", "textract:", "", ENDPOINT),
    ("", "iam:PassRole", "", ENDPOINT),
    ("", "bedrock:", "", ENDPOINT),
    ("", "secretsmanager:GetSecretValue", "Langfuse", OPTIONAL),
    ("Ingest", "s3:ListBucket", ":askbucket$", HIDDEN),
    ("Query", "s3:ListBucket", "-artifacts$", HIDDEN),
    ("Ingest", "sqs:ChangeMessageVisibility", "", RARELY),
    ("Ingest", "sqs:SendMessageBatch", "", RARELY),
    ("Ingest", "sqs:", "", POLLER),
    ("Query", "s3:DeleteObject", "-artifacts", RARELY),
    ("Sweep", "dynamodb:PutItem", "", RARELY),
)


@dataclass(frozen=True)
class Grant:
    """One action on one resource, in one role's policy."""

    side: str
    role: str
    policy: str
    statement: int
    action: str
    resource: str

    @property
    def unseen(self) -> str | None:
        """Why no step can miss it."""
        for side, action, resource, reason in UNSEEN:
            named = self.action.startswith(action) and re.search(resource, self.resource)
            if side in ("", self.side) and named:
                return reason
        return None

    def __str__(self) -> str:
        return f"{self.side:7} {self.action:40} {self.resource.split(':', 5)[-1]}"


MANY_REQUESTS = {"caller_per_minute": "100000"}  # of one caller, counted but not limited
numbers = itertools.count(1)


def ingest(to: Enforced) -> None:
    """A text from its upload to its deletion, and a scan."""
    key = f"trial-{next(numbers)}/flat.txt"
    for euros in ("1,577", "1,600"):
        to.put(key, RENT.format(n=key, euros=euros))
        to.sync(key)
        require((to.document(key) or {}).get("status") == "ready", f"{key} is not ready")
    to.aws("s3").delete_object(Bucket=to.running.bucket, Key=key)
    to.sync(key)
    require(to.document(key) is None, f"{key} is still there")
    to.sync(f"trial-{next(numbers)}/never-there")
    _old(to, f"trial-{next(numbers)}/old.txt")
    _scan(to, f"trial-{next(numbers)}/scan.png")


def _old(to: Enforced, key: str) -> str:
    """An object from before versioning was switched on."""
    to.put_unversioned(key, RENT.format(n=7, euros="1,577"))
    to.sync(key)
    id_ = (to.document(key) or {}).get("id", "")
    require(id_, f"{key} is not there")
    return id_


def _scan(to: Enforced, key: str) -> None:
    """Every completion is handed over: a trial before may have left one."""
    sqs, queue = to.aws("sqs"), to.running.outputs["CompletionsQueueUrl"]
    to.put(key, picture(f"Flat {key} costs"))
    to.sync(key)

    def ready() -> bool:
        for message in sqs.receive_message(QueueUrl=queue).get("Messages", ()):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            to.hint(message["Body"])
        return (to.document(key) or {}).get("status") == "ready"

    eventually(ready, "the scan is ready", within_s=30)
    to.aws("s3").delete_object(Bucket=to.running.bucket, Key=key)
    to.sync(key)


def picture(text: str) -> bytes:
    image = Image.new("RGB", (700, 120), "white")
    ImageDraw.Draw(image).text((20, 40), text, "black", ImageFont.load_default(32))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def query(to: Enforced) -> None:
    """Every route, with a document that ingest, which has all its grants now, made of an upload."""
    key = f"trial-{next(numbers)}/flat.txt"
    upload(to, key, RENT.format(n=7, euros="1,577"))
    to.sync(key)
    ask_everything(to, key)
    document = to.document(key)
    assert document is not None
    old = _old(to, f"{key}.old.txt")
    redirect = to.ask("GET", f"/documents/{old}/content")
    require(redirect.status_code == 307, f"GET content: {redirect.text}")
    file = to.http.get(redirect.headers["location"])
    require(file.status_code == 200, f"the signed GET of an old object: {file.text}")
    removed = to.ask("DELETE", f"/documents/{document['id']}")
    require(removed.status_code == 202, f"DELETE: {removed.text}")
    listed = to.aws("s3").list_objects_v2(Bucket=to.running.bucket, Prefix=key)
    left = [each["Key"] for each in listed.get("Contents", ())]
    require(key not in left, "DELETE left the object")
    to.sync(key)


def sweep(to: Enforced) -> None:
    """Both schedules: OCR that never reported back, and a key that no event told of."""
    late = f"trial-{next(numbers)}/late.png"
    to.put(late, picture(f"Flat {late} costs"))
    to.sync(late)
    _make_due(to, late)
    require(to.invoke("SweepFunction", {"task": "due"})["due"], "due finds nothing")
    to.aws("s3").delete_object(Bucket=to.running.bucket, Key=late)
    to.sync(late)
    key = f"trial-{next(numbers)}/unseen.txt"
    to.put(key, RENT.format(n=key, euros="1"))
    cursor: Any = {"prefix": ""}
    hinted = 0
    while cursor is not None:
        found = to.invoke("SweepFunction", {"task": "sweep", "cursor": cursor})
        hinted += sum(found["hinted"].values())
        cursor = found["cursor"]
    require(hinted, "the sweep hinted nothing")
    to.aws("s3").delete_object(Bucket=to.running.bucket, Key=key)


def _make_due(to: Enforced, key: str) -> None:
    """Puts the moment at which its OCR is looked at again into the past."""
    document = to.document(key) or {}
    require(document.get("status") == "ocr", f"{key} is {document.get('status')}")
    to.aws("dynamodb").update_item(
        TableName=to.running.outputs["TableName"],
        Key={"id": {"S": document["id"]}, "item": {"S": OWN_ITEM}},
        UpdateExpression="SET due_at = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )


STEPS: dict[str, tuple[str, Callable[[Enforced], None]]] = {
    "Ingest": ("IngestFunction", ingest),
    "Query": ("QueryFunction", query),
    "Sweep": ("SweepFunction", sweep),
}


def grants(to: Enforced) -> Iterator[tuple[Grant, dict[str, Any]]]:
    """Every grant of the three sides, with its policy's document. The stream function's are the
    query function's, which tests/infra holds it to."""
    for side in STEPS:
        for where, document in role_policies(to.aws("iam"), f"-{side}Side"):
            for at, statement in enumerate(document["Statement"]):
                for action, resource in _pairs(statement):
                    yield Grant(side, *where.values(), at, action, resource), document


def _pairs(statement: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from itertools.product(_listed(statement["Action"]), _listed(statement["Resource"]))


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def without(grant: Grant, document: dict[str, Any]) -> dict[str, Any]:
    """The policy less this one action on this one resource."""
    left = copy.deepcopy(document)
    whole = left["Statement"].pop(grant.statement)
    for action, resource in _pairs(whole):
        if (action, resource) != (grant.action, grant.resource):
            left["Statement"].append({**whole, "Action": action, "Resource": resource})
    return left


@contextmanager
def taken_away(to: Enforced, grant: Grant, document: dict[str, Any]) -> Iterator[None]:
    iam = to.aws("iam")
    where = {"RoleName": grant.role, "PolicyName": grant.policy}
    iam.put_role_policy(**where, PolicyDocument=json.dumps(without(grant, document)))
    if grant.action.startswith("secretsmanager:"):
        _start_anew(to, grant.side)  # a secret is read once in a worker's life
    yield
    iam.put_role_policy(**where, PolicyDocument=json.dumps(document))
    if grant.action.startswith("secretsmanager:"):
        _start_anew(to, grant.side)


def _start_anew(to: Enforced, side: str) -> None:
    name = to.running.outputs[STEPS[side][0]]
    lambda_ = to.aws("lambda")
    now = lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    fresh = {**now, "TRIAL": str(next(numbers))}
    lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": fresh})


def broken_by(to: Enforced, grant: Grant, document: dict[str, Any]) -> str | None:
    """What the missing grant breaks, in the words of who missed it."""
    with taken_away(to, grant, document):
        try:
            STEPS[grant.side][1](to)
        except AssertionError as broken:
            return str(broken)
    return None


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enforced]:
    """Its queues feed nobody: the steps hand every message over themselves."""
    with enforced_stack(tmp_path_factory.mktemp("enforced"), MANY_REQUESTS) as made:
        lambda_ = made.aws("lambda")
        for mapping in lambda_.list_event_source_mappings()["EventSourceMappings"]:
            lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        yield made


def test_every_grant_is_missed_by_a_step(stack: Enforced) -> None:
    for side in STEPS:
        STEPS[side][1](stack)  # with every grant all is well
    told: dict[Grant, str | None] = {}
    for grant, document in list(grants(stack)):
        told[grant] = broken_by(stack, grant, document)
        missed = told[grant] or f"missed by none: {grant.unseen}"
        print(f"{grant}  {missed}"[:230])  # noqa: T201
    unmissed = {grant for grant, broken in told.items() if broken is None}
    assert [str(grant) for grant in unmissed if not grant.unseen] == []
    assert [str(grant) for grant in told.keys() - unmissed if grant.unseen] == []
