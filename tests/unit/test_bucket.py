"""What the bucket says of a key, and exactly one version's bytes."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody

from askbucket.bucket import Bucket, VersionGone
from askbucket.models import ObjectHead
from askbucket.s3 import S3
from tests.unit.ingest.parts import BUCKET, World, made_world

MIB = 1024 * 1024


class ThreeAtATime:
    """S3 with shorter pages than its thousand."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def list_objects_v2(self, **request: Any) -> Any:
        return self._s3.list_objects_v2(MaxKeys=3, **request)


@pytest.fixture
def world() -> Iterator[World]:
    with made_world() as made:
        yield made


def test_a_key_shows_its_newest_version_and_its_labels(world: World) -> None:
    world.put("a.txt", "old")
    version = world.put("a.txt", "newer", {"team": "sea"}, {"year": "2026", "née": "ü+ -"})
    head = world.bucket.head("a.txt")
    assert head is not None
    assert (head.version, head.size) == (version, 5)
    assert head.labels == {"team": "sea", "year": "2026", "née": "ü+ -"}


def test_a_missing_key_and_a_delete_marker_are_absence(world: World) -> None:
    assert world.bucket.head("never.txt") is None
    world.put("a.txt", "text")
    world.bucket.delete("a.txt")
    assert world.bucket.head("a.txt") is None


def test_a_download_is_the_version_that_was_looked_at(world: World, tmp_path: Path) -> None:
    # given
    world.put("a.txt", "old")
    head = world.bucket.head("a.txt")
    assert head is not None
    # when
    world.put("a.txt", "newer")
    digest = world.bucket.download("a.txt", head, tmp_path / "object")
    # then
    assert (tmp_path / "object").read_bytes() == b"old"
    assert digest == hashlib.sha256(b"old").hexdigest()


class Endless(io.RawIOBase):
    """So many bytes that are made when they are asked for; remembers the most asked for at once."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size
        self.most = 0

    def readable(self) -> bool:
        return True

    def read(self, amount: int = -1) -> bytes:
        wanted = self._left if amount is None or amount < 0 else min(amount, self._left)
        self.most = max(self.most, wanted)
        self._left -= wanted
        return bytes(wanted)


def test_a_large_file_is_never_whole_in_memory(tmp_path: Path) -> None:
    # given
    size = 64 * MIB
    body = Endless(size)

    class OneObject:
        def get_object(self, **_: Any) -> Any:
            return {"Body": StreamingBody(body, size)}

    bucket = Bucket(S3(OneObject(), BUCKET))
    # when
    tracemalloc.start()
    digest = bucket.download("big", ObjectHead("1", "etag", size), tmp_path / "object")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # then
    assert (tmp_path / "object").stat().st_size == size
    assert digest == hashlib.sha256(bytes(size)).hexdigest()
    assert body.most <= MIB
    assert peak < 8 * MIB


def test_a_version_that_is_gone_is_told_of(world: World, tmp_path: Path) -> None:
    version = world.put("a.txt", "old")
    head = world.bucket.head("a.txt")
    assert head is not None
    world.s3.delete_object(Bucket=BUCKET, Key="a.txt", VersionId=version)
    with pytest.raises(VersionGone):
        world.bucket.download("a.txt", head, tmp_path / "object")


def test_an_object_from_before_versioning_is_told_by_its_etag(tmp_path: Path) -> None:
    with made_world() as world:
        # given
        world.s3.create_bucket(Bucket="plain")
        plain = Bucket(S3(world.s3, "plain"))
        world.s3.put_object(Bucket="plain", Key="a.txt", Body=b"old")
        head = plain.head("a.txt")
        assert head is not None
        assert head.version == "null"
        assert plain.download("a.txt", head, tmp_path / "object")
        # when
        world.s3.put_object(Bucket="plain", Key="a.txt", Body=b"newer")
        # then
        with pytest.raises(VersionGone):
            plain.download("a.txt", head, tmp_path / "object")


def test_the_listing_is_whole_and_in_order_of_the_keys_bytes(world: World) -> None:
    keys = ["a/b", "a b", "a+b", "é", "Z", "🚢", "\uffee", "%2F"]
    for key in keys:
        world.put(key, key)
    world.put("deleted", "x")
    world.remove("deleted")
    listed = list(Bucket(S3(ThreeAtATime(world.s3), BUCKET)).etags())
    assert [key for key, _ in listed] == sorted(keys, key=str.encode)
    assert dict(listed)["🚢"] == f'"{hashlib.md5("🚢".encode()).hexdigest()}"'  # noqa: S324


def test_links_name_key_and_version(world: World) -> None:
    url = world.bucket.download_url("a b+c.txt", "v1")
    assert "a%20b%2Bc.txt" in url
    assert "versionId=v1" in url
    assert "versionId" not in world.bucket.download_url("a.txt", "null")
    url, headers = world.bucket.upload_url("a.txt", "text/plain", {"Team": "sea"}, 7)
    assert headers == {
        "x-amz-meta-team": "sea",
        "content-type": "text/plain",
        "content-length": "7",
    }
    assert "Expires" in url
