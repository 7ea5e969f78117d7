"""A stack with other models: embeddings asked for in batches, answers written by a server."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from local.serve import ROOT
from local.stack import OfflineStack
from tests.e2e.driver import Driver
from tests.unit.answer.wire import completion, serving

WRITTEN = 'It is 510 pounds. [1: "510 pounds"]\nThis sentence has no quote.'


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    context = {"embedder": "askbucket.minilm-l6-v2-cohere"}
    data = tmp_path_factory.mktemp("models")
    with (
        serving(completion(WRITTEN)) as server,
        OfflineStack(data, context=context, chat_model=f"llama3.1@{server.url}/v1") as running,
    ):
        driver = Driver.of(running.running)
        version = driver.put("handbook.pdf", (ROOT / "samples" / "handbook.pdf").read_bytes())
        driver.ready("handbook.pdf", version, within_s=120)
        yield driver
        driver.close()


@pytest.mark.parametrize(
    ("model", "words"),
    [("local.llama3.1", "It is 510 pounds. [1]"), ("askbucket.extractive", "510 pounds")],
)
def test_each_allowed_model_answers_with_quotes_that_are_found(
    stack: Driver, model: str, words: str
) -> None:
    question = "How much is the deposit for boat shed B?"

    reply = stack.http.post(
        f"{stack.running.api_url}/query", json={"question": question, "model": model}
    )

    answer = reply.json()
    assert (reply.status_code, answer["model"]) == (httpx.codes.OK, model)
    assert words in answer["answer"]
    assert "no quote" not in answer["answer"]
    assert "510 pounds" in answer["citations"][0]["quote"]
