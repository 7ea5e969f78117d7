"""The offline Bedrock runtime, served in a thread, and a boto3 client for it."""

from __future__ import annotations

import socket
from typing import Any

import boto3
from botocore.config import Config

from evals.bedrock import served_bedrock

__all__ = ["bedrock_client", "refused_url", "served_bedrock"]


def bedrock_client(url: str) -> Any:
    return boto3.client(
        "bedrock-runtime",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=2),
    )


def refused_url() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}"
