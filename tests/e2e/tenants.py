"""Callers of tenants on a running stack, and what there is of a tenant, read from every service.

Nothing here asks our own code what is left: that is what is tested.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.credentials import Credentials

from askbucket.models import Document
from local.emulator import CREDENTIALS
from local.serve import ROOT
from tests.e2e.driver import Driver, eventually
from tests.e2e.processes import COMMAND

AT_REST = ("answered", "failed")


def aws(stack: Driver, service: str) -> Any:
    """A boto3 client of the emulator."""
    names = ("aws_access_key_id", "aws_secret_access_key", "region_name")
    given = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
    keys = dict(zip(names, map(CREDENTIALS.__getitem__, given), strict=True))
    return boto3.client(service, endpoint_url=stack.running.aws_endpoint, **keys)


def command(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: commands on tenants take on the functions' settings."""
    told = [*COMMAND, "--data", str(data), "tenant", *arguments]
    return subprocess.run(told, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@dataclass(frozen=True)
class Member:
    """An IAM user of a tenant, through the gateway."""

    stack: Driver
    tenant: str
    keys: Credentials
    arn: str

    @classmethod
    def made(cls, stack: Driver, tenant: str) -> Member:
        iam = aws(stack, "iam")
        user = iam.create_user(UserName=f"member-of-{tenant}")["User"]
        made = iam.create_access_key(UserName=user["UserName"])["AccessKey"]
        keys = Credentials(made["AccessKeyId"], made["SecretAccessKey"])
        return cls(stack, tenant, keys, user["Arn"])

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.stack.through_gateway(method, path, body, keys=self.keys)

    def json(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        reply = self.send(method, path, body)
        assert reply.is_success, f"{path}: {reply.status_code} {reply.text}"
        told: dict[str, Any] = reply.json()
        return told

    def ask(self, question: str, **more: Any) -> dict[str, Any]:
        return self.json("POST", "/query", {"question": question, **more})

    def queued(self, question: str) -> str:
        """Where its answer will be."""
        return f"/questions/{self.json('POST', '/questions', {'question': question})['id']}"

    def answered(self, where: str) -> dict[str, Any]:
        def told() -> dict[str, Any] | None:
            now = self.json("GET", where)
            return now if now["status"] in AT_REST else None

        found: dict[str, Any] = eventually(told, f"{where} at rest")
        return found

    def document(self, name: str) -> dict[str, Any] | None:
        listed = self.json("GET", f"/documents?key={self.tenant}/{name}")["documents"]
        return listed[0] if listed else None

    def put_ready(self, name: str, body: str) -> None:
        version = self.stack.put(f"{self.tenant}/{name}", body)

        def ready() -> bool:
            now = self.document(name)
            return bool(now and now["active_version"] == version)

        eventually(ready, f"{name} of {self.tenant} ready")


def held(stack: Driver, tenant: str, names: tuple[str, ...], redis: Any) -> dict[str, int]:
    """How much every service holds of a tenant whose documents had these names."""
    prefix = f"{tenant}/"
    documents = {Document(stack.running.bucket, prefix + name).id for name in names}
    settings = settings_of(stack, "QueryFunction")
    listed = stack.s3.list_object_versions(Bucket=stack.running.bucket, Prefix=prefix)
    artifacts = stack.s3.list_objects_v2(Bucket=settings["ASKBUCKET_ARTIFACTS_BUCKET"])
    manifest, answers = (
        scanned(stack, settings[f"ASKBUCKET_{each}TABLE"]) for each in ("", "ANSWERS_")
    )
    return {
        "versions": len(listed.get("Versions", ())) + len(listed.get("DeleteMarkers", ())),
        "artifacts": sum(k["Key"][:36] in documents for k in artifacts.get("Contents", ())),
        "manifest": sum(each["id"]["S"] in documents for each in manifest),
        "points": sum(key.startswith(prefix) for key in points(stack, settings)),
        **kinds(answers, tenant),
        "replies in Redis": len(redis.keys(f"*#{tenant}#*")),
    }


def kinds(answers: list[dict[str, Any]], tenant: str) -> dict[str, int]:
    """Items of a tenant in the answers table, by kind; counted calls, which come and go, apart."""
    counts = dict.fromkeys(("session", "reply", "question", "caller"), 0)
    for each in answers:
        kind = each["id"]["S"].split("#")[0]
        owned = each.get("tenant", {}).get("S") == tenant or f"#{tenant}#" in each["id"]["S"]
        if owned and kind != "calls":
            counts[kind] += 1
    return counts


def settings_of(stack: Driver, function: str) -> dict[str, str]:
    name = stack.running.outputs[function]
    told = stack.functions.get_function_configuration(FunctionName=name)
    variables: dict[str, str] = told["Environment"]["Variables"]
    return variables


def scanned(stack: Driver, table: str) -> list[dict[str, Any]]:
    pages = aws(stack, "dynamodb").get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]


def points(stack: Driver, settings: dict[str, str]) -> list[str]:
    """The keys of the documents of all points."""
    secret = settings["ASKBUCKET_STORE_SECRET_ARN"]
    told = aws(stack, "secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    url = settings["ASKBUCKET_STORE"].removeprefix("qdrant+").rpartition("/")[0]
    headers = {"api-key": json.loads(told)["api_key"]}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as store:
        named = store.get("/collections").json()["result"]["collections"]
        asked = {"limit": 10_000, "with_payload": ["document"]}
        lists = [
            store.post(f"/collections/{each['name']}/points/scroll", json=asked).json()["result"]
            for each in named
        ]
    assert not any(each["next_page_offset"] for each in lists)
    return [point["payload"]["document"] for each in lists for point in each["points"]]
