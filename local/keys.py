"""API keys of a stack that lets callers in by them (`-c auth=api_key`), for its operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.emulator import CREDENTIALS
from local.target import ClientFailed, Target

TENANT_TAG = "askbucket:tenant"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is listed: without its value, which is shown once, when it is made."""

    id: str
    name: str
    tenant: str


class Keys:
    """The keys of one usage plan. Whose a key is stands in the answers table, where the API looks,
    and, for people, in a tag."""

    def __init__(self, gateway: Any, plan: str, table: Any) -> None:
        self._gateway = gateway
        self._plan = plan
        self._table = table

    @classmethod
    def of(cls, target: Target) -> Keys:
        """By a stack's outputs and the usual credentials. Raises ClientFailed for a stack that
        knows its callers in another way."""
        outputs = target.outputs
        if "UsagePlanId" not in outputs:
            raise ClientFailed(
                "this stack knows no API keys: name one by --stack that is deployed with "
                "-c auth=api_key"
            )
        session = session_of(target)
        where = {"endpoint_url": target.aws_endpoint}
        table = session.resource("dynamodb", **where).Table(outputs["AnswersTableName"])
        return cls(session.client("apigateway", **where), outputs["UsagePlanId"], table)

    def add(self, name: str, tenant: str) -> tuple[Key, str]:
        """The new key and its value. Nobody can call by it before all of it is written."""
        made = self._gateway.create_api_key(
            name=name, enabled=True, tags={TENANT_TAG: tenant} if tenant else {}
        )
        if tenant:
            self._table.put_item(Item=_owner(made["id"], tenant))
        self._gateway.create_usage_plan_key(
            usagePlanId=self._plan, keyId=made["id"], keyType="API_KEY"
        )
        return Key(made["id"], name, tenant), str(made["value"])

    def list(self) -> Iterator[Key]:
        """Every key of the plan, in the gateway's order."""
        pages = self._gateway.get_paginator("get_usage_plan_keys")
        for page in pages.paginate(usagePlanId=self._plan):
            for each in page["items"]:
                told = self._gateway.get_api_key(apiKey=each["id"], includeValue=False)
                tenant = told.get("tags", {}).get(TENANT_TAG, "")
                yield Key(each["id"], told.get("name", ""), tenant)

    def remove(self, key_id: str) -> bool:
        """Whether the plan had the key; then nobody can call by it any more."""
        if key_id not in {key.id for key in self.list()}:
            return False
        self._gateway.delete_usage_plan_key(usagePlanId=self._plan, keyId=key_id)
        self._gateway.delete_api_key(apiKey=key_id)
        self._table.delete_item(Key={"id": _owner(key_id, "")["id"]})
        return True


@contextmanager
def told_plainly(what: str) -> Iterator[None]:
    """The service's refusals as ClientFailed."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise ClientFailed(f"{what}: {error}") from error


def session_of(target: Target) -> boto3.Session:
    """The usual credentials; for a local stack those it takes."""
    if target.aws_endpoint is None:
        return boto3.Session()
    return boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=CREDENTIALS["AWS_REGION"],
    )


def _owner(key_id: str, tenant: str) -> dict[str, Any]:
    """Whose the key is, as `lambdas.query.identity` looks it up."""
    return {"id": f"caller#{key_id}", "tenant": tenant, "kind": "caller", "groups": []}
