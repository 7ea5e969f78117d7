"""Documents fetched from S3, and completions published to SNS, both at the emulator's endpoint."""

import json
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.textract.errors import DocumentTooLarge, InvalidS3Object
from local.textract.jobs import Job

CHUNK_BYTES = 1 << 20


class NotPublished(Exception):
    """SNS did not take the message; worth another attempt."""


class EmulatedAws:
    """S3 and SNS of one endpoint. Any credentials do offline, so real ones are never sent."""

    def __init__(self, endpoint: str, region: str) -> None:
        session = boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator takes anything
            region_name=region,
        )
        config = Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "total_max_attempts": 3},
            s3={"addressing_style": "path"},
        )
        self._s3 = session.client("s3", endpoint_url=endpoint, config=config)
        self._sns = session.client("sns", endpoint_url=endpoint, config=config)

    def fetch(self, s3_object: dict[str, str], to: Path, max_bytes: int) -> None:
        """Write the object (exactly the version named, else the current one) to `to`.

        Raises:
            InvalidS3Object: no such bucket, key or version, or S3 cannot be reached.
            DocumentTooLarge: over `max_bytes`.
        """
        wanted = {"Bucket": s3_object.get("Bucket", ""), "Key": s3_object.get("Name", "")}
        if "Version" in s3_object:
            wanted["VersionId"] = s3_object["Version"]
        try:
            reply = self._s3.get_object(**wanted)
            _check_size(reply["ContentLength"], max_bytes)
            with to.open("wb") as file:
                for chunk in reply["Body"].iter_chunks(CHUNK_BYTES):
                    file.write(chunk)
        except (ClientError, BotoCoreError) as error:
            raise InvalidS3Object(
                "Unable to get object metadata from S3. "
                f"Check object key, region and/or access permissions. ({error})"
            ) from error

    def publish(self, topic: str, message: dict[str, Any]) -> None:
        """Publish the message as JSON.

        Raises:
            NotPublished: SNS refused it or cannot be reached.
        """
        try:
            self._sns.publish(TopicArn=topic, Message=json.dumps(message))
        except (ClientError, BotoCoreError) as error:
            raise NotPublished(f"{topic}: {error}") from error


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise DocumentTooLarge(f"The document has {size} bytes, the limit is {max_bytes}")


def completion(job: Job) -> dict[str, Any]:
    """The message that Textract publishes when a job ends."""
    tag = {"JobTag": job.tag} if job.tag else {}
    return {
        "JobId": job.job_id,
        "Status": job.status,
        "API": "StartDocumentAnalysis" if job.features else "StartDocumentTextDetection",
        **tag,
        "Timestamp": job.finished_ms,
        "DocumentLocation": {"S3ObjectName": job.name, "S3Bucket": job.bucket},
    }
