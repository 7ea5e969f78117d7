"""The index follows the bucket: overwrites, deletes, undeletes, copies, and keys of every kind."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.serve import ROOT
from tests.e2e.driver import Driver, eventually

SAMPLES = ROOT / "samples"
FIRST, SECOND = SAMPLES / "notes.txt", SAMPLES / "changes" / "notes-v2.txt"
BUDGET = "What is the budget for the solar panels?"
ODD_KEYS = (
    "with spaces and  two.txt",
    "a+b.txt",
    "100%2Fraw%.txt",
    "a&b=c?d#e.txt",
    "Grüße/日本語.txt",
    "rocket-🚀.txt",
    "up/../../escaped.txt",
    "./dot/./path.txt",
    ".hidden",
    "no-ending",
    "double//slash.txt",
    "quote\"'<tag>.txt",
    "Case.txt",
    "case.txt",
)
LONGEST = 1024  # bytes of a key


def test_an_overwrite_is_answered_from_one_version_at_any_moment(
    stack: Driver, prefix: str
) -> None:
    key = f"{prefix}notes.txt"
    stack.put_ready(key, FIRST.read_bytes())
    assert "26,400" in stack.ask(BUDGET, prefix=prefix)["answer"]

    version = stack.put(key, SECOND.read_bytes())

    def changed() -> bool:
        answer = stack.ask(BUDGET, prefix=prefix)
        text = answer["answer"]
        assert ("26,400" in text) != ("31,900" in text), text
        assert len({cite["version"] for cite in answer["citations"]}) == 1
        return "31,900" in text

    eventually(changed, "the new budget")
    document = stack.ready(key, version)
    assert document["active_version"] == version
    assert "26,400" not in str(stack.hits("budget 26,400 pounds", prefix=prefix))


def test_what_was_ready_once_is_never_answered_after_the_next_is_ready(
    stack: Driver, prefix: str
) -> None:
    key = f"{prefix}notes.txt"
    for file, budget, former in ((FIRST, "26,400", "31,900"), (SECOND, "31,900", "26,400")) * 2:
        stack.put_ready(key, file.read_bytes())

        answer = stack.ask(BUDGET, prefix=prefix)["answer"]

        assert budget in answer
        assert former not in answer


def test_a_deleted_document_is_not_answered_until_it_is_undeleted(
    stack: Driver, prefix: str
) -> None:
    key = f"{prefix}notes.txt"
    document = stack.put_ready(key, FIRST.read_bytes())

    marker = stack.delete(key)
    stack.gone([key])

    assert stack.ask(BUDGET, prefix=prefix)["citations"] == []
    assert stack.hits(BUDGET, prefix=prefix) == []

    stack.delete(key, version=marker)

    stack.ready(key, document["version"])
    assert "26,400" in stack.ask(BUDGET, prefix=prefix)["answer"]


def test_the_same_bytes_again_cost_no_ocr_and_no_embedding(stack: Driver, prefix: str) -> None:
    key = f"{prefix}scan.pdf"
    scan = (SAMPLES / "scan.pdf").read_bytes()
    first = stack.put_ready(key, scan)
    before = stack.pages_billed(), stack.embeddings_made()

    again = stack.put_ready(key, scan)

    assert (stack.pages_billed(), stack.embeddings_made()) == before
    assert again["active_version"] == again["version"] != first["version"]
    assert (again["ocr_pages"], again["chunks"]) == (first["ocr_pages"], first["chunks"])
    assert stack.hits("Ingrid Solheim", prefix=prefix)


def test_two_keys_with_the_same_bytes_live_apart(stack: Driver, prefix: str) -> None:
    keys = [f"{prefix}one.txt", f"{prefix}two.txt"]
    versions = [stack.put(key, FIRST.read_bytes()) for key in keys]
    for key, version in zip(keys, versions, strict=True):
        stack.ready(key, version)
    assert places(stack.hits(BUDGET, prefix=prefix)) == set(keys)

    stack.delete(keys[0])
    stack.gone([keys[0]])

    assert places(stack.hits(BUDGET, prefix=prefix)) == {keys[1]}


def places(hits: list[dict[str, Any]]) -> set[str]:
    """The documents of the hits, and of their duplicates."""
    return {each["document"] for hit in hits for each in (hit, *hit["duplicates"])}


def test_changed_metadata_reaches_the_filter_without_embedding(stack: Driver, prefix: str) -> None:
    key = f"{prefix}notes.txt"
    stack.put_ready(key, FIRST.read_bytes())
    before = stack.embeddings_made()

    version = stack.put(key, FIRST.read_bytes(), Metadata={"team": "roof"})
    stack.ready(key, version)

    assert stack.embeddings_made() == before
    assert stack.hits(BUDGET, prefix=prefix, metadata={"team": "roof"})
    assert stack.hits(BUDGET, prefix=prefix, metadata={"team": "kiln"}) == []


def test_keys_of_every_kind_are_indexed_answered_and_deleted(stack: Driver, prefix: str) -> None:
    keys = [prefix + key for key in ODD_KEYS]
    keys.append(prefix + "ä" * ((LONGEST - len(prefix)) // 2))
    codes = {key: f"zk{number:03d}" for number, key in enumerate(keys)}
    versions = {key: stack.put(key, f"The code of the cupboard is {codes[key]}.\n") for key in keys}
    for key, version in versions.items():
        stack.ready(key, version)

    for key in keys:
        answer = stack.ask("What is the code of the cupboard?", document=key)
        assert codes[key] in answer["answer"], (key, answer)
        assert {cite["document"] for cite in answer["citations"]} == {key}
    listed = stack.http.get(
        f"{stack.running.api_url}/documents", params={"prefix": prefix, "limit": "200"}
    ).json()["documents"]
    assert [each["document"] for each in listed] == sorted(keys, key=str.encode)

    for key in keys:
        stack.delete(key)
    stack.gone(keys)
    assert stack.hits("code of the cupboard", prefix=prefix) == []


@pytest.mark.parametrize("key", ["plain.txt", "odd +%2F&ü🚀.txt"])
def test_an_upload_url_takes_the_file_and_its_version_becomes_ready(
    stack: Driver, prefix: str, key: str
) -> None:
    api, body = stack.running.api_url, b"The gate opens at 07:45 now."
    wanted: dict[str, Any] = {"key": prefix + key, "content_type": "text/plain", "size": len(body)}
    made = stack.http.post(f"{api}/documents", json=wanted).raise_for_status().json()

    sent = stack.http.put(made["url"], content=body, headers=made["headers"])

    assert sent.status_code == 200, sent.text
    document = stack.ready(prefix + key, sent.headers["x-amz-version-id"])
    assert document["id"] == made["id"]
    content = stack.http.get(f"{api}/documents/{made['id']}/content", follow_redirects=True)
    assert content.content == body
    deleted = stack.http.delete(f"{api}/documents/{made['id']}")
    assert deleted.status_code == 202
    stack.gone([prefix + key])


def test_many_small_files_at_once_all_become_ready(
    stack: Driver, prefix: str, record_property: Any
) -> None:
    files = {f"{prefix}{n:02d}.txt": f"Locker {n} belongs to member {n * 7}.\n" for n in range(30)}
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        versions = dict(zip(files, pool.map(stack.put, files, files.values()), strict=True))
    for key, version in versions.items():
        stack.ready(key, version)
    record_property("files_per_s", round(len(files) / (time.monotonic() - began), 1))

    answer = stack.ask("Who has locker 17?", document=f"{prefix}17.txt")
    assert "119" in answer["answer"]
