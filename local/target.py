"""Where a stack answers: the local one's own description, or a deployed one's outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.stack import BUCKET, DESCRIPTION


class ClientFailed(RuntimeError):
    """What was asked could not be done; the message says why and the way out."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a stack answers. `aws_endpoint` is None for a deployed one."""

    api_url: str
    bucket: str
    aws_endpoint: str | None
    outputs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def local(cls, data: Path) -> Target:
        """The running local stack; its usual addresses where its data folder is another."""
        path = data / DESCRIPTION
        if not path.exists():
            return cls("http://127.0.0.1:8000", BUCKET, "http://127.0.0.1:4566")
        told = json.loads(path.read_text())
        return cls(told["api_url"], told["bucket"], told["aws_endpoint"], told["outputs"])

    @classmethod
    def deployed(cls, stack: str) -> Target:
        """By the outputs of a stack in the account and region of the usual AWS settings."""
        try:
            described = boto3.client("cloudformation").describe_stacks(StackName=stack)
        except (ClientError, BotoCoreError) as error:
            raise ClientFailed(f"stack {stack} cannot be looked up: {error}") from error
        outputs = {o["OutputKey"]: o["OutputValue"] for o in described["Stacks"][0]["Outputs"]}
        return cls(outputs["ApiUrl"].rstrip("/"), outputs["BucketName"], None, outputs)
