"""The stack that stands in the emulator, seen from outside: what is left to do and to know."""

from __future__ import annotations

import json
from collections.abc import Mapping

import boto3

from local import operations
from local.deploy import LOOPBACK
from local.emulator import CREDENTIALS


class Deployed:
    """By the outputs of the stack."""

    def __init__(self, endpoint: str, outputs: Mapping[str, str]) -> None:
        self._outputs = outputs
        session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=CREDENTIALS["AWS_REGION"],
        )
        self._secrets, self._lambda, self._sqs, self._s3 = (
            session.client(service, endpoint_url=endpoint, config=LOOPBACK)
            for service in ("secretsmanager", "lambda", "sqs", "s3")
        )

    def put_store_key(self, key: str) -> None:
        self._secrets.put_secret_value(
            SecretId=self._outputs["StoreSecretArn"], SecretString=json.dumps({"api_key": key})
        )

    def put_langfuse_keys(self, keys: Mapping[str, str]) -> None:
        self._secrets.put_secret_value(
            SecretId=self._outputs["LangfuseSecretArn"], SecretString=json.dumps(dict(keys))
        )

    def query_environment(self) -> dict[str, str]:
        """The deployed function's variables; only its ways of letting callers in and of handing
        out metrics are others."""
        name = self._outputs["QueryFunction"]
        deployed = self._lambda.get_function_configuration(FunctionName=name)
        variables: dict[str, str] = deployed["Environment"]["Variables"]
        return {**variables, "ASKBUCKET_AUTH": "none", "ASKBUCKET_METRICS": "prometheus"}

    def warm_up(self, workers: int) -> None:
        """Makes that many ingest workers load their code, by hints of a folder, which are
        ignored."""
        hint = json.dumps({"look_at": {"bucket": self._outputs["BucketName"], "key": "/"}})
        for _ in range(workers):
            self._sqs.send_message(QueueUrl=self._outputs["QueueUrl"], MessageBody=hint)

    def bucket_is_empty(self) -> bool:
        listed = self._s3.list_objects_v2(Bucket=self._outputs["BucketName"], MaxKeys=1)
        return "Contents" not in listed

    def sweep(self) -> None:
        """Hints every key that the new manifest does not know."""
        operations.sweep(self._lambda, self._outputs["SweepFunction"], "")

    def backlog(self) -> int:
        """Hints that wait or are being followed."""
        return operations.waiting(self._sqs, self._outputs["QueueUrl"])
