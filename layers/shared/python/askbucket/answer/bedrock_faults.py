"""Bedrock's errors as ours, in words that tell whose turn it is."""

from __future__ import annotations

from botocore.exceptions import ClientError
from langchain_core.exceptions import ContextOverflowError

from askbucket.errors import AskbucketError, TooLarge, TryAgain

# By the error's name, which in a stream begins with a small letter.
SAYINGS = {
    "accessdeniedexception": "refused: {} (is it enabled for this account and region?)",
    "resourcenotfoundexception": "refused: {} (is it enabled for this account and region?)",
    "validationexception": "refused: {} (is it enabled for this account and region?)",
    "throttlingexception": "is throttled: {} (an account with a quota of 0 for it always is: see "
    "Service Quotas, Amazon Bedrock)",
    "servicequotaexceededexception": "has no quota left: {} (see Service Quotas, Amazon Bedrock)",
    "modelnotreadyexception": "is not ready yet: {}",
    "modeltimeoutexception": "took too long: {}",
}


def fault_of(model: str, error: Exception) -> AskbucketError:
    """TooLarge where the prompt is longer than the model takes, else TryAgain."""
    if isinstance(error, ContextOverflowError):
        return TooLarge(
            f"the question with its sources is longer than {model} takes; ask with a smaller top_k"
        )
    if not isinstance(error, ClientError):
        return TryAgain(f"the chat model {model} does not answer: {error}")
    told = error.response.get("Error", {})
    saying = SAYINGS.get(str(told.get("Code", "")).lower(), "does not answer: {}")
    return TryAgain(f"the chat model {model} {saying.format(told.get('Message') or error)}")
