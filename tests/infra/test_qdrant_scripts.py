"""The host's scripts, run as they are: real bash, curl and jq, a small server, a stand-in `aws`."""

import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.qdrant_machine import FILES

pytestmark = pytest.mark.skipif(
    not (shutil.which("jq") and shutil.which("curl")), reason="the scripts need jq and curl"
)
KEY = "s3cret"
AWS = """#!/bin/bash
echo "$@" >>"$LOG"
case "$1 $2" in
"secretsmanager get-secret-value") echo "$STORED" ;;
"s3 cp") [[ ! -e $DOWN ]] && cp "${4/s3:\\/\\/snaps/$S3}" "${5/s3:\\/\\/snaps/$S3}" ;;
esac
"""


class Qdrant(http.server.BaseHTTPRequestHandler):
    """Two collections whose snapshots lie where a real server puts them."""

    folder: Path
    uploads: list[tuple[str, bytes]]

    def do_GET(self) -> None:
        if self.path == "/readyz":
            self.reply(None)
        elif self.path == "/collections":
            self.reply({"collections": [{"name": "a-384"}, {"name": "b-384"}]})
        else:
            folder = self.folder / self.path.split("/")[2]
            self.reply([{"name": path.name} for path in folder.glob("*")])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if "/snapshots/upload" in self.path:
            self.uploads.append((self.path, body))
            self.reply(True)
            return
        folder = self.folder / self.path.split("/")[2]
        folder.mkdir(exist_ok=True)
        (folder / "new.snapshot").write_text(f"points of {folder.name}")
        self.reply({"name": "new.snapshot"})

    def do_DELETE(self) -> None:
        _, _, collection, _, name = self.path.split("/")
        (self.folder / collection / name).unlink()
        self.reply(True)

    def reply(self, result: object) -> None:
        allowed = self.path == "/readyz" or self.headers.get("api-key") == KEY
        body = json.dumps({"result": result}).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


class Host:
    """A folder that stands for the machine."""

    def __init__(self, folder: Path, port: int, uploads: list[tuple[str, bytes]]) -> None:
        self.uploads = uploads
        self.snapshots, self.run_folder = folder / "snapshots", folder / "run"
        self.s3, self.log, self.down = folder / "s3", folder / "log", folder / "down"
        for each in (self.snapshots, self.s3 / "snapshots"):
            each.mkdir(parents=True)
        aws = folder / "bin" / "aws"
        aws.parent.mkdir()
        aws.write_text(AWS)
        aws.chmod(0o755)
        values = folder / "values"
        values.write_text(
            f"QDRANT=http://127.0.0.1:{port}\nRUN={self.run_folder}\nSPACE={folder}\n"
            f"SNAPSHOTS={self.snapshots}\nBUCKET=snaps\nSECRET=arn\nSERVICE=srv-1\n"
            'imds() { [[ $ADDRESS ]] && echo "$ADDRESS"; }\n'
        )
        self.environment = {
            "PATH": f"{aws.parent}:{os.environ['PATH']}",
            "ASKBUCKET_QDRANT": str(values),
            "LOG": str(self.log),
            "S3": str(self.s3),
            "DOWN": str(self.down),
            "ADDRESS": "10.0.0.7",
            "STORED": json.dumps({"api_key": KEY}),
        }

    def run(self, name: str, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", str(FILES / name), *arguments],
            env={**self.environment, **more},
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    @property
    def on_the_volume(self) -> list[Path]:
        return list(self.snapshots.glob("*/*"))

    @property
    def in_s3(self) -> dict[str, str]:
        found = (path for path in self.s3.rglob("*") if path.is_file())
        return {str(path.relative_to(self.s3)): path.read_text() for path in found}


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    class Here(Qdrant):
        folder = tmp_path / "snapshots"

    Here.uploads = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Here) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made = Host(tmp_path, server.server_port, Here.uploads)
        for name in ("a-384", "b-384"):
            (made.s3 / "snapshots" / name).mkdir()
        yield made
        server.shutdown()


def with_key(host: Host) -> Host:
    assert host.run("qdrant-key").returncode == 0
    return host


def test_the_key_is_readable_by_its_owner_alone(host: Host) -> None:
    with_key(host)
    for name, content in (
        ("environment", f"QDRANT__SERVICE__API_KEY={KEY}\n"),
        ("header", f"api-key: {KEY}\n"),
    ):
        path = host.run_folder / name
        assert path.read_text() == content
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("stored", ['{"api_key": ""}', '{"placeholder": "x"}', "not JSON"])
def test_without_a_key_nothing_starts(host: Host, stored: str) -> None:
    assert host.run("qdrant-key", STORED=stored).returncode != 0
    assert not (host.run_folder / "environment").exists()


def test_every_collection_goes_to_s3_and_nothing_stays_on_the_volume(host: Host) -> None:
    with_key(host)
    for _ in range(2):
        done = host.run("qdrant-snapshot")
        assert done.returncode == 0, done.stderr
    assert host.in_s3 == {
        "snapshots/a-384/new.snapshot": "points of a-384",
        "snapshots/b-384/new.snapshot": "points of b-384",
    }
    assert host.on_the_volume == []


def test_a_snapshot_that_cannot_be_copied_is_a_failure_that_the_next_run_clears(
    host: Host,
) -> None:
    with_key(host).down.touch()
    assert host.run("qdrant-snapshot").returncode != 0
    assert len(host.on_the_volume) == 1

    host.down.unlink()
    left = host.on_the_volume[0]
    left.rename(left.with_name("old.snapshot"))
    assert host.run("qdrant-snapshot").returncode == 0
    assert host.on_the_volume == []


def test_a_refused_key_ends_the_run(host: Host) -> None:
    assert host.run("qdrant-key", STORED='{"api_key": "wrong"}').returncode == 0
    assert host.run("qdrant-snapshot").returncode != 0
    assert host.in_s3 == {}


def test_a_snapshot_is_restored_and_its_copy_removed(host: Host) -> None:
    with_key(host).run("qdrant-snapshot")
    before = set(host.snapshots.parent.iterdir())
    done = host.run("qdrant-restore", "a-384", "new.snapshot")
    assert done.returncode == 0, done.stderr
    ((path, body),) = host.uploads
    assert path == "/collections/a-384/snapshots/upload?priority=snapshot&wait=true"
    assert b"points of a-384" in body
    assert set(host.snapshots.parent.iterdir()) == before


def test_the_host_says_where_it_is_and_that_it_goes(host: Host) -> None:
    for step in ("up", "down"):
        assert host.run("qdrant-register", step).returncode == 0
    up, down = host.log.read_text().splitlines()
    where = "--service-id srv-1 --instance-id qdrant"
    attributes = "AWS_INSTANCE_IPV4=10.0.0.7,AWS_INSTANCE_PORT=6333"
    assert up == f"servicediscovery register-instance {where} --attributes {attributes}"
    assert down == f"servicediscovery deregister-instance {where}"


def test_a_host_that_does_not_know_its_address_registers_none(host: Host) -> None:
    assert host.run("qdrant-register", "up", ADDRESS="").returncode != 0
    assert not host.log.exists()
