"""Another bucket's objects: all of them, once, with what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from local.importing import Found, Importer, Outcome, listed

SOURCE, TARGET = "their-files", "askbucket"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        for bucket in (SOURCE, TARGET):
            client.create_bucket(Bucket=bucket)
        yield client


def put(s3: Any, key: str, body: bytes = b"text", **more: Any) -> None:
    s3.put_object(Bucket=SOURCE, Key=key, Body=body, **more)


def brought(s3: Any, prefix: str = "", under: str = "") -> Any:
    return Importer(s3, SOURCE, TARGET)(listed(s3, SOURCE, prefix, under), lambda _: None)


def keys(s3: Any) -> list[str]:
    return [o["Key"] for o in s3.list_objects_v2(Bucket=TARGET).get("Contents", ())]


def test_every_object_under_the_prefix_comes_over(s3: Any) -> None:
    for key in ("a/1.txt", "a/ü +%.txt", "a/deep/2.txt", "b/3.txt", "a/"):
        put(s3, key, b"" if key.endswith("/") else b"text")
    done = brought(s3, "a/", "from/")
    assert keys(s3) == ["from/a/1.txt", "from/a/deep/2.txt", "from/a/ü +%.txt"]
    assert done.objects == {Outcome.COPIED: 3, Outcome.THERE: 0, Outcome.REFUSED: 0}
    assert done.bytes == 12


def test_content_type_metadata_and_tags_are_kept(s3: Any) -> None:
    put(
        s3,
        "a.bin",
        bytes(9 * 1024 * 1024),
        ContentType="text/csv",
        Metadata={"team": "sales"},
        Tagging="year=2024",
    )
    brought(s3)
    head = s3.head_object(Bucket=TARGET, Key="a.bin")
    assert head["ContentType"] == "text/csv"
    assert head["Metadata"]["team"] == "sales"
    tags = s3.get_object_tagging(Bucket=TARGET, Key="a.bin")["TagSet"]
    assert tags == [{"Key": "year", "Value": "2024"}]


def test_a_second_run_copies_only_what_changed(s3: Any) -> None:
    put(s3, "same.txt")
    put(s3, "changed.txt")
    brought(s3)
    put(s3, "changed.txt", b"other")
    assert brought(s3).objects == {Outcome.COPIED: 1, Outcome.THERE: 1, Outcome.REFUSED: 0}
    assert s3.get_object(Bucket=TARGET, Key="changed.txt")["Body"].read() == b"other"


class Refusing:
    """S3, but for some keys that cannot be read."""

    def __init__(self, s3: Any, refused: dict[str, str]) -> None:
        self._s3 = s3
        self._refused = refused

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def copy(self, source: dict[str, str], *rest: Any, **more: Any) -> None:
        if code := self._refused.get(source["Key"]):
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "CopyObject")
        self._s3.copy(source, *rest, **more)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("InvalidObjectState", "it is archived; restore it first"),
        ("AccessDenied", "not allowed with these credentials"),
        ("SlowDown", "SlowDown"),
    ],
)
def test_one_that_cannot_be_read_stops_no_other(s3: Any, code: str, said: str) -> None:
    for number in range(20):
        put(s3, f"{number:02}.txt")
    done = brought(Refusing(s3, {"03.txt": code}))
    assert len(keys(s3)) == 19
    assert list(done.refused) == ["03.txt"]
    assert said in done.refused["03.txt"]


def test_each_is_seen_once(s3: Any) -> None:
    for number in range(30):
        put(s3, f"{number}.txt")
    seen: list[Found] = []
    Importer(s3, SOURCE, TARGET)(listed(s3, SOURCE, "", ""), seen.append)
    assert len(seen) == len({each.key for each in seen}) == 30
