"""`python -m infra.leave` takes the stack away, and with it what `-c keep=` did not name.

What goes is what the deployed template says, so a change of `keep` has to be deployed first.
CloudFormation deletes no bucket with anything in it: those that go are emptied here, old versions
and delete markers included.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

BUCKET = "AWS::S3::Bucket"


class Protected(Exception):
    """The stack may not be deleted; the message says what to do first."""


def main() -> None:
    """Asks for the stack's name unless `--yes`. Exit code 1 where it was not given."""
    parser = argparse.ArgumentParser(prog="python -m infra.leave", description=__doc__)
    parser.add_argument("--stack", default="Askbucket", help="the stack's name")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given, cdk = parser.parse_known_args()

    import boto3

    try:
        going = leaving(boto3.client("cloudformation"), given.stack)
    except Protected as error:
        sys.exit(str(error))
    sys.stdout.write(f"These go with everything in them: {', '.join(going) or 'no bucket'}\n")
    if not given.yes and input(f"Type {given.stack} to delete it: ").strip() != given.stack:
        sys.exit("not the stack's name: nothing was deleted")
    for bucket in going:
        sys.stdout.write(f"{bucket}: {emptied(boto3.client('s3'), bucket)} versions removed\n")
    command = [sys.executable, "-m", "infra.cdk_cli", "destroy", "Askbucket", "--force", *cdk]
    sys.exit(subprocess.run(command, check=False).returncode)


def leaving(cloudformation: Any, stack: str) -> list[str]:
    """Names of the stack's own buckets that are deleted with it.

    Raises Protected for a stack that CloudFormation will not delete.
    """
    (about,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    if about.get("EnableTerminationProtection"):
        raise Protected(
            f"{stack} is protected against deletion: deploy it with "
            "-c termination_protection=false first"
        )
    template = cloudformation.get_template(StackName=stack)["TemplateBody"]
    resources = (json.loads(template) if isinstance(template, str) else template)["Resources"]
    made = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    return [
        each["PhysicalResourceId"]
        for each in made
        if each["ResourceType"] == BUCKET
        and resources[each["LogicalResourceId"]].get("DeletionPolicy") == "Delete"
    ]


def emptied(s3: Any, bucket: str) -> int:
    """How many versions and delete markers were removed. Raises RuntimeError where S3 refuses."""
    removed = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [
            {"Key": each["Key"], "VersionId": each["VersionId"]}
            for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        ]
        if not found:
            continue
        reply = s3.delete_objects(Bucket=bucket, Delete={"Objects": found, "Quiet": True})
        if refused := reply.get("Errors"):
            raise RuntimeError(f"{bucket}: S3 kept {len(refused)}: {refused[0].get('Message')}")
        removed += len(found)
    return removed


if __name__ == "__main__":
    main()
