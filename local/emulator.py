"""ministack, the AWS emulator, as a child process that never outlives us.

It runs in a process group of its own below a small guard (this file, run as a script). The guard
ends the whole group, Lambda workers and their children included, when its standard input closes:
that is how we stop it, and also what happens to it when we are killed.
"""

import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from local.certificate import Certificate

REGION = "us-east-1"
ACCOUNT = "000000000000"
HOST = "127.0.0.1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",  # any credentials are accepted
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}
START_TIMEOUT_S = 60.0
GRACE_S = 3.0  # after SIGTERM; then SIGKILL: S3 data is on disk as soon as a PUT is answered


class EmulatorFailed(RuntimeError):
    """The emulator did not start; the message ends with the last lines of its log."""


class PortTaken(EmulatorFailed):
    """Another program listens on the port asked for."""


class Emulator:
    """`with Emulator(data) as aws: aws.endpoint`.

    `data/s3` keeps buckets and object versions across restarts; all other state starts empty.
    `environment` reaches the Lambda workers too, below what the template gives their function.
    `python` runs the emulator and the workers, which can import whatever is installed for it.
    With a `certificate` callers are held to their IAM permissions, and to TLS, which bucket and
    queue policies ask for; without one, any credentials may do anything.
    """

    def __init__(
        self,
        data: Path,
        *,
        port: int = 0,
        environment: Mapping[str, str] | None = None,
        lambda_concurrency: int = 10,
        python: Path = Path(sys.executable),
        certificate: Certificate | None = None,
    ) -> None:
        self._data = data.resolve()
        self._python = python
        self.port = port or free_port()
        self._certificate = certificate
        self.endpoint = f"{'https' if certificate else 'http'}://{HOST}:{self.port}"
        self.log = self._data / "emulator.log"
        self._scratch = self._data / "tmp"
        self._environment = {
            **_inherited(),
            **CREDENTIALS,
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._data / "s3"),
            "PERSIST_STATE": "0",
            "STATE_DIR": str(self._scratch),
            "TMPDIR": str(self._scratch),
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_ACCOUNT_CONCURRENCY": str(lambda_concurrency),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": f"{HOST},localhost",
            **_enforcing(certificate),
            **(environment or {}),
        }
        self._guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Emulator":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when the emulator answers; raises EmulatorFailed when it never does."""
        if _listens(self.port):  # or we would mistake another emulator's answer for ours
            raise PortTaken(f"port {self.port} is taken by another program")
        self._clear_scratch()
        self._scratch.mkdir(parents=True)
        (self._data / "s3").mkdir(exist_ok=True)
        command = [sys.executable, "-P", __file__, str(self._python), "-m", "ministack"]
        with self.log.open("wb") as log:
            self._guard = subprocess.Popen(
                command,
                cwd=self._scratch,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if self._guard.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise EmulatorFailed(f"the AWS emulator did not start: {self._last_words()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends all processes of the emulator, removes its temporary files; safe to call twice."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        if guard.stdin is not None:
            guard.stdin.close()
        try:
            guard.wait(GRACE_S + 2)
        except subprocess.TimeoutExpired:
            os.killpg(guard.pid, signal.SIGKILL)
            guard.wait()
        self._clear_scratch()

    def _answers(self) -> bool:
        try:
            with self._direct().open(f"{self.endpoint}/_ministack/ready", timeout=2) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def _direct(self) -> urllib.request.OpenerDirector:
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if self._certificate:
            trusting = ssl.create_default_context(cafile=self._certificate.path)
            handlers.append(urllib.request.HTTPSHandler(context=trusting))
        return urllib.request.build_opener(*handlers)

    def _clear_scratch(self) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:].strip() or "it said nothing"


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _inherited() -> dict[str, str]:
    """Our environment without anybody's real AWS account in it."""
    return {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}


def _enforcing(certificate: Certificate | None) -> dict[str, str]:
    if certificate is None:
        return {}
    return {
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(certificate.path),
        "MINISTACK_SSL_KEY": str(certificate.key),
        **certificate.trusted,
    }


def _guard(command: list[str]) -> None:
    """Runs the command until it ends, or until whoever started us closes our standard input."""
    child: subprocess.Popen[bytes] = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())

    def stop_at_end_of_input() -> None:
        while os.read(0, 1024):
            pass
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_S)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    child.wait()
    os.killpg(0, signal.SIGKILL)  # Lambda workers that outlived it, and the guard itself


if __name__ == "__main__":
    _guard(sys.argv[1:])
