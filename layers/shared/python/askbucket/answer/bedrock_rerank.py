"""Bedrock's rerank models through langchain-aws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from langchain_aws import BedrockRerank

from askbucket.answer.rerank import Judged
from askbucket.errors import TryAgain
from askbucket.models import Usage
from askbucket.prices import rerank_usd

TEXTS_OF_A_QUERY = 100  # what one is charged for (Bedrock's price page, rerank)
MAX_CHARS = 32_000  # of a question or a text (Bedrock API reference, RerankTextDocument)


class BedrockReranker:
    """One model of the region by its id, such as `amazon.rerank-v1:0`."""

    def __init__(self, client: Any, model_id: str, candidates: int) -> None:
        self.model_id = model_id
        self.candidates = candidates
        meta = client.meta
        arn = f"arn:{meta.partition}:bedrock:{meta.region_name}::foundation-model/{model_id}"
        self._model = BedrockRerank(client=client, model_arn=arn, top_n=None)

    def judge(self, question: str, texts: Sequence[str]) -> Judged:
        if not texts:
            return Judged((), Usage())
        sent = [text[:MAX_CHARS] for text in texts]
        try:
            results = self._model.rerank(sent, question[:MAX_CHARS], top_n=len(sent))
        except (ClientError, BotoCoreError) as error:
            raise TryAgain(f"the rerank model {self.model_id} does not answer: {error}") from error
        scores = {result["index"]: float(result["relevance_score"]) for result in results}
        if scores.keys() != set(range(len(sent))):
            raise TryAgain(f"the rerank model {self.model_id} judged not every text once")
        usage = Usage(usd=rerank_usd(self.model_id, queries_of(len(sent))))
        return Judged(tuple(scores[number] for number in range(len(sent))), usage)


def queries_of(texts: int) -> int:
    """How many queries are paid for when one question is asked of so many texts."""
    return math.ceil(texts / TEXTS_OF_A_QUERY)
