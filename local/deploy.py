"""The synthesised CDK app, deployed into the emulator as `cdk deploy` would, in a few seconds.

The CDK CLI would need npm and three times as long; what it does is little: upload the assets, hand
the template to CloudFormation, wait.
"""

import contextlib
import hashlib
import io
import json
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from infra.synthesis import ROOT, synthesise
from local.emulator import ACCOUNT, CREDENTIALS, REGION
from local.validators import mend_validators

STACK = "Askbucket"
SOURCES = ("app.py", "cdk.json", "pyproject.toml", "infra", "lambdas", "layers")
ASSETS = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"  # where `cdk bootstrap` puts them
BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
DEPLOY_TIMEOUT_S = 120.0
EPOCH = (1980, 1, 1, 0, 0, 0)  # equal folders give equal archives


# No bucket names as host names, and no proxy, between this machine and itself.
LOOPBACK = Config(s3={"addressing_style": "path"}, proxies={})


class DeployFailed(RuntimeError):
    """CloudFormation rolled back; the message holds the reason of every resource that failed."""


def assembly(cache: Path, context: Mapping[str, str]) -> Path:
    """A cloud assembly for the context: synthesised now, or kept from an equal earlier time."""
    folder = cache / f"assembly-{_fingerprint(context)}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="unfinished-") as scratch:
            finished = Path(scratch) / "assembly"
            synthesise(finished, context)
            _keep(finished, folder)
    return folder


def _keep(finished: Path, folder: Path) -> None:
    try:
        finished.rename(folder)
    except OSError:
        if not folder.exists():  # if it does, someone else finished the same one first
            raise


def deploy(
    endpoint: str, assembly: Path, environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The stack's outputs, once every resource is there; ApiUrl is the emulator's address of it.

    `environment` replaces values of function variables the template sets, for what is known only
    at start, such as ports. Buckets the emulator kept on disk are taken over with all versions.
    """
    aws = boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    s3, ssm, cloudformation, lambda_, gateway = (
        aws.client(service, endpoint_url=endpoint, config=LOOPBACK)
        for service in ("s3", "ssm", "cloudformation", "lambda", "apigateway")
    )
    _upload_assets(s3, assembly)
    ssm.put_parameter(Name=BOOTSTRAP_VERSION, Value="99", Type="String", Overwrite=True)
    template = _with_secret_arns(json.loads((assembly / f"{STACK}.template.json").read_text()))
    _set_variables(template, environment or {})
    _create(cloudformation, _uploaded(s3, endpoint, template))
    outputs = _wait(cloudformation)
    _mend_buckets(s3, template)
    physical_ids = _physical_ids(cloudformation)
    _mend_functions(lambda_, template, physical_ids)
    mend_validators(gateway, template, physical_ids)
    return {**outputs, "ApiUrl": _local_url(endpoint, outputs["ApiUrl"])}


def _local_url(endpoint: str, url: str) -> str:
    """https://ID.execute-api.REGION.amazonaws.com/STAGE/ as the emulator serves it."""
    parts = urlsplit(url)
    api = parts.netloc.split(".")[0]
    return f"{endpoint}/restapis/{api}{parts.path.rstrip('/')}/_user_request_/"


def _fingerprint(context: Mapping[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(dict(context), sort_keys=True).encode())
    for path in _source_files():
        digest.update(f"{path.relative_to(ROOT)} {path.stat().st_mode} ".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _source_files() -> Iterator[Path]:
    for source in SOURCES:
        path = ROOT / source
        yield from sorted(_files(path)) if path.is_dir() else [path]


def _files(folder: Path) -> Iterator[Path]:
    return (p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def _upload_assets(s3: Any, assembly: Path) -> None:
    listed = json.loads((assembly / f"{STACK}.assets.json").read_text())
    for entry in listed["files"].values():
        for where in entry["destinations"].values():
            bucket = _concrete(where["bucketName"])
            with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
                s3.create_bucket(Bucket=bucket)
            source = assembly / entry["source"]["path"]
            body = _zipped(source) if entry["source"]["packaging"] == "zip" else source.read_bytes()
            s3.put_object(Bucket=bucket, Key=_concrete(where["objectKey"]), Body=body)


def _concrete(name: str) -> str:
    for placeholder, value in (("AccountId", ACCOUNT), ("Region", REGION), ("Partition", "aws")):
        name = name.replace(f"${{AWS::{placeholder}}}", value)
    return name


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(_files(folder)):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), date_time=EPOCH)
            entry.external_attr = (
                path.stat().st_mode & 0xFFFF
            ) << 16  # run.sh must stay executable
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _with_secret_arns(template: dict[str, Any]) -> dict[str, Any]:
    """A Ref to a secret is its ARN on AWS, and its name in the emulator, which no grant matches."""
    text = json.dumps(template)
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::SecretsManager::Secret":
            arn = json.dumps({"Fn::GetAtt": [name, "Id"]})
            text = text.replace(json.dumps({"Ref": name}), arn)
    mended: dict[str, Any] = json.loads(text)
    return mended


def _set_variables(template: dict[str, Any], values: Mapping[str, str]) -> None:
    for resource in _resources(template, "AWS::Lambda::Function"):
        variables = resource["Properties"]["Environment"]["Variables"]
        variables.update({k: v for k, v in values.items() if k in variables})


def _resources(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [r for r in template["Resources"].values() if r["Type"] == kind]


def _uploaded(s3: Any, endpoint: str, template: dict[str, Any]) -> str:
    """Its URL: a template over 51,200 bytes is only taken from S3, as the CDK CLI gives it."""
    bucket, key = _concrete(ASSETS), f"{STACK}.template.json"
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(template).encode())
    return f"{endpoint}/{bucket}/{key}"


def _create(cloudformation: Any, template_url: str) -> None:
    """A change set, not CreateStack: it can import the buckets still there from last time.

    CloudFormation imports what has a fixed name and is retained, as both our buckets are offline.
    """
    cloudformation.create_change_set(
        StackName=STACK,
        ChangeSetName="deploy",
        ChangeSetType="CREATE",
        ImportExistingResources=True,
        DisableValidation=True,  # the emulator's would refuse the very names it is to import
        TemplateURL=template_url,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    )
    change_set = _until(
        lambda: cloudformation.describe_change_set(StackName=STACK, ChangeSetName="deploy"),
        lambda reply: reply["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"),
    )
    if change_set["Status"] != "CREATE_COMPLETE":
        raise DeployFailed(f"{STACK}: {change_set.get('StatusReason', change_set['Status'])}")
    cloudformation.execute_change_set(StackName=STACK, ChangeSetName="deploy")


def _wait(cloudformation: Any) -> dict[str, str]:
    stack = _until(
        lambda: cloudformation.describe_stacks(StackName=STACK)["Stacks"][0],
        lambda stack: (
            stack["StackStatus"] != "REVIEW_IN_PROGRESS"
            and not stack["StackStatus"].endswith("_IN_PROGRESS")
        ),
    )
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise DeployFailed(f"{STACK} is {stack['StackStatus']}\n{_reasons(cloudformation)}")
    return {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}


def _until(ask: Any, done: Any) -> Any:
    deadline = time.monotonic() + DEPLOY_TIMEOUT_S
    while not done(reply := ask()):
        if time.monotonic() > deadline:
            raise DeployFailed(f"{STACK} was not deployed within {DEPLOY_TIMEOUT_S:.0f} s")
        time.sleep(0.05)
    return reply


def _reasons(cloudformation: Any) -> str:
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    failed = [e for e in reversed(events) if "FAILED" in e["ResourceStatus"]]
    return "\n".join(
        f"{e['LogicalResourceId']} ({e['ResourceType']}): {e.get('ResourceStatusReason', '')}"
        for e in failed
    )


def _mend_buckets(s3: Any, template: dict[str, Any]) -> None:
    """An import adopts a bucket as it stands, and the emulator keeps objects but no settings."""
    for resource in _resources(template, "AWS::S3::Bucket"):
        wanted = resource["Properties"]
        name = wanted.get("BucketName")
        if not isinstance(name, str):
            continue  # only buckets with a fixed name can have been there before
        if "VersioningConfiguration" in wanted:
            s3.put_bucket_versioning(
                Bucket=name, VersioningConfiguration=wanted["VersioningConfiguration"]
            )
        if "EventBridgeConfiguration" in wanted.get("NotificationConfiguration", {}):
            s3.put_bucket_notification_configuration(
                Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
            )


def _physical_ids(cloudformation: Any) -> dict[str, str]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    found = (each for page in pages for each in page["StackResourceSummaries"])
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}


def _mend_functions(
    lambda_: Any, template: dict[str, Any], physical_ids: Mapping[str, str]
) -> None:
    """The emulator's CloudFormation leaves RecursiveLoop out; its Lambda knows it."""
    for logical_id, resource in template["Resources"].items():
        loop = resource["Properties"].get("RecursiveLoop") if "Properties" in resource else None
        if resource["Type"] == "AWS::Lambda::Function" and loop:
            name = physical_ids[logical_id]
            lambda_.put_function_recursion_config(FunctionName=name, RecursiveLoop=loop)
