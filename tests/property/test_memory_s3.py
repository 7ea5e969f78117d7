"""The S3 of histories answers as moto's does."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from tests.property.memory_s3 import MemoryS3
from tests.unit.ingest.parts import clients


def test_versions_markers_and_faults_are_those_of_s3() -> None:
    real, _, _ = clients()
    real.create_bucket(Bucket="held-against")
    real.put_bucket_versioning(Bucket="held-against", VersioningConfiguration={"Status": "Enabled"})
    assert _told(MemoryS3()) == _told(real)


def _told(s3: Any) -> list[Any]:
    """What a client sees of one key through its life."""
    where = {"Bucket": "held-against", "Key": "a.txt"}
    told = [_of(s3, where)]
    first = s3.put_object(**where, Body=b"one", Metadata={"a": "b"}, Tagging="c=d")["VersionId"]
    told.append(_of(s3, where))
    second = s3.put_object(**where, Body=b"two")["VersionId"]
    told += [_of(s3, where), _of(s3, where, first)]
    marker = s3.delete_object(**where)["VersionId"]
    told += [_of(s3, where), _of(s3, where, second)]
    s3.delete_object(**where, VersionId=marker)
    told.append(_of(s3, where))
    s3.delete_object(**where, VersionId=second)
    told += [_of(s3, where), _of(s3, where, second)]
    told.append(_code(lambda: s3.get_object(**where, IfMatch='"another"')))
    return told


def _of(s3: Any, where: dict[str, str], version: str = "") -> list[Any]:
    which = {**where, **({"VersionId": version} if version else {})}
    listed = s3.list_objects_v2(Bucket=where["Bucket"]).get("Contents", [])
    return [
        _code(lambda: _head(s3.head_object(**which))),
        _code(lambda: s3.get_object_tagging(**which)["TagSet"]),
        _code(lambda: b"".join(s3.get_object(**which)["Body"].iter_chunks())),
        [(each["Key"], each["ETag"]) for each in listed],
    ]


def _head(reply: dict[str, Any]) -> tuple[Any, ...]:
    dated = reply["LastModified"].tzinfo is not None
    return reply["ETag"], reply["ContentLength"], reply["Metadata"], dated


def _code(call: Any) -> Any:
    try:
        return call()
    except ClientError as error:
        return error.response["Error"]["Code"]
