"""With IAM enforced a document's whole way works by the grants of the template, and no others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials

from tests.e2e.driver import eventually
from tests.e2e.enforced import (
    RENT,
    Enforced,
    ask_everything,
    enforced_stack,
    queue_question,
    upload,
)

SCAN = Path(__file__).parents[2] / "samples" / "scan.pdf"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enforced]:
    with enforced_stack(tmp_path_factory.mktemp("enforced")) as made:
        yield made


def test_a_document_s_whole_way_needs_no_more_than_is_granted(stack: Enforced) -> None:
    # given a text and a scan
    key = "leases/flat.txt"
    first = upload(stack, key, RENT.format(n=7, euros="1,577"))
    stack.put("scan.pdf", SCAN.read_bytes())

    # when they are indexed, then every route reads them
    stack.wait_for(key, "ready", first)
    scanned = stack.wait_for("scan.pdf", "ready")
    assert scanned["ocr_pages"] == 1
    ask_everything(stack, key)

    # and the queue's worker answers
    where = queue_question(stack, key)

    def at_rest() -> Any:
        now = stack.ask("GET", where).json()
        return now if now["status"] in ("answered", "failed") else None

    queued = eventually(at_rest, "the queued question is at rest")
    assert queued["status"] == "answered", queued

    # and an overwrite takes the text's place
    second = upload(stack, key, RENT.format(n=7, euros="1,600"))
    renewed = stack.wait_for(key, "ready", second)
    answer = stack.ask("POST", "/query", {"question": "What is the monthly rent of flat 7?"})
    assert "1,600" in answer.json()["answer"]

    # and a deletion ends it
    deleted = stack.ask("DELETE", f"/documents/{renewed['id']}")
    assert deleted.status_code == 202
    eventually(lambda: stack.document(key) is None, f"{key} is gone")

    # and the schedules find nothing left to do
    assert stack.invoke("SweepFunction", {"task": "due"}) is not None
    assert stack.invoke("SweepFunction", {"task": "sweep"})["hinted"] == {}


@pytest.fixture(scope="module")
def stranger(stack: Enforced) -> Credentials:
    """A user of the account who may do nothing yet."""
    iam = stack.aws("iam")
    iam.create_user(UserName="stranger")
    made = iam.create_access_key(UserName="stranger")["AccessKey"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"])


def test_who_cannot_sign_is_refused_by_the_gateway(stack: Enforced, stranger: Credentials) -> None:
    wrong = Credentials(stranger.access_key, "another secret")
    unknown = Credentials("AKIAIOSFODNN7EXAMPLE", "never issued")
    for signer in (None, wrong, unknown):
        reply = stack.ask("GET", "/documents", signer=signer)
        assert reply.status_code == 403
        assert reply.headers["content-type"] == "application/problem+json"


def test_a_user_of_the_account_may_call_once_allowed_to(
    stack: Enforced, stranger: Credentials
) -> None:
    assert stack.ask("GET", "/documents", signer=stranger).status_code == 403

    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    stack.aws("iam").put_user_policy(UserName="stranger", PolicyName="call", PolicyDocument=policy)
    assert stack.ask("GET", "/documents", signer=stranger).status_code == 200
