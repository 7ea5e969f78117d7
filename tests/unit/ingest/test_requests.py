"""What a document asks of S3, DynamoDB and SQS: what the price list of use counts with."""

from __future__ import annotations

from collections import Counter

from infra.usage_bill import DOCUMENT_PAGES, DOCUMENT_REQUESTS
from tests.unit.ingest.files import pdf
from tests.unit.ingest.parts import World

KINDS = {
    "put_object": "S3 writes",
    "list_objects_v2": "S3 writes",  # at the price of one
    "get_object": "S3 reads",
    "head_object": "S3 reads",
    "get_object_tagging": "S3 reads",
    "update_item": "table writes",
    "put_item": "table writes",
    "get_item": "table reads",
    "query": "table reads",
}


def test_a_document_asks_no_more_of_services_than_its_price_says(world: World) -> None:
    asked: Counter[str] = Counter()

    def heard(name: str) -> None:
        _, method = name.split(".")
        asked[KINDS.get(method, method)] += name.startswith(("s3.", "manifest."))

    page = ["a page of text that is long enough to be read without a scanner"] * 30
    world.put("ten.pdf", pdf([page] * DOCUMENT_PAGES))
    world.worker(heard)("ten.pdf", world.deadline())
    assert world.entry("ten.pdf").pages == DOCUMENT_PAGES
    counted = {kind: asked[kind] for kind in DOCUMENT_REQUESTS if kind in set(KINDS.values())}
    unknown = {name for name, number in asked.items() if number} - set(KINDS.values())
    assert unknown <= {"delete_objects"}, unknown  # free
    assert all(0 < counted[kind] <= DOCUMENT_REQUESTS[kind] for kind in counted), counted
    assert all(DOCUMENT_REQUESTS[kind] <= 2 * counted[kind] for kind in counted), counted
