"""The whole of Askbucket on this machine: endpoints, emulator, the deployed app, and its API.

Only buckets and the store's points live in the data folder. Everything else is made anew at every
start, clean or after a kill: the app is deployed onto the buckets that are there, and one sweep
hints every key, which costs no OCR and no embedding, since the artifacts are in a bucket too.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.certificate import Certificate
from local.data_folder import ENDING_SECONDS, FolderTaken, locked
from local.emulator import CREDENTIALS, HOST, Emulator, EmulatorFailed, free_port
from local.langfuse_keys import tracing_context, tracing_keys
from local.serve import API_KEY_VARIABLE, CHAT_VARIABLE, ROOT, Server, ServerFailed

if TYPE_CHECKING:
    from local.deployed import Deployed

CACHE = ROOT / ".cache"
BUCKET = "askbucket"
CONCURRENCY = 2  # two cores: OCR and embedding are the work
RESTORE_SECONDS = 30
DESCRIPTION = "stack.json"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}  # parallel pages, not parallel loops
LOOPBACK_ONLY = {"NO_PROXY": f"{HOST},localhost", "ORT_DISABLE_TELEMETRY": "1"}
CHOICES = {  # of the context, by the variables of the settings they become
    "ocr_features": "ASKBUCKET_OCR_FEATURES",
    "tenants": "ASKBUCKET_TENANTS",
    "groups_label": "ASKBUCKET_GROUPS_LABEL",
}
CONTEXT = {
    "bucket_name": BUCKET,
    "layers": "venv",
    "arch": "x86_64",
    "max_concurrency": str(CONCURRENCY),
    "embedder": "askbucket.minilm-l6-v2",
    "chat_model": "askbucket.extractive",
    "store": "qdrant+http://127.0.0.1:6333/askbucket",
}


class StackFailed(RuntimeError):
    """The stack could not start, or broke; the message says which part and why."""


class PortTaken(StackFailed):
    """A port that was asked for belongs to another program."""


@dataclass(frozen=True, slots=True)
class Running:
    """Where a running stack answers; written to the data folder for the clients."""

    api_url: str
    gateway_url: str
    aws_endpoint: str
    textract_url: str
    bedrock_url: str
    bucket: str
    ocr_engine: str
    outputs: dict[str, str]


class OfflineStack:
    """`with OfflineStack(data, say=print) as stack: stack.running.api_url`.

    `say` hears of every step. Ports of 0 are chosen freely. `workers_python` runs the Lambda
    functions, and must have the emulator installed. `chat_model` is a server's, NAME@URL, or that
    of a local Ollama, NAME; empty: the one in the environment, or none. With a `certificate`,
    which this process must trust too, the emulator enforces IAM. Raises StackFailed.
    """

    def __init__(
        self,
        data: Path,
        *,
        api_port: int = 0,
        aws_port: int = 0,
        say: Callable[[str], None] = lambda _: None,
        context: Mapping[str, str] | None = None,
        chat_model: str = "",
        workers_python: Path = Path(sys.executable),
        certificate: Certificate | None = None,
    ) -> None:
        self._data = data.resolve()
        self._api_port = api_port or free_port()
        self._aws_port = aws_port or free_port()
        self._say = say
        chosen = {name: os.environ[each] for name, each in CHOICES.items() if each in os.environ}
        tracing = tracing_context(os.environ)
        self._chat = chat_model or os.environ.get(CHAT_VARIABLE, "")
        self._context = CONTEXT | chosen | tracing | _chat_context(self._chat)
        self._context |= dict(context or {})
        self._workers_python = workers_python
        self._certificate = certificate
        self._store_key = secrets.token_urlsafe(24)
        self._open = contextlib.ExitStack()
        self._servers: dict[str, Server] = {}
        self.running: Running

    def __enter__(self) -> OfflineStack:
        with contextlib.ExitStack() as undo:
            undo.push(self.__exit__)
            try:
                lock, killed = self._open.enter_context(locked(self._data))
            except FolderTaken as error:
                raise StackFailed(str(error)) from error
            patience = ENDING_SECONDS if killed else 0
            for port, flag in ((self._api_port, "--api-port"), (self._aws_port, "--aws-port")):
                _require_free(port, flag, patience)
            self._start(lock)
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def check(self) -> None:
        """Raises StackFailed if a part has broken."""
        try:
            for server in self._servers.values():
                server.check()
        except ServerFailed as error:
            raise StackFailed(str(error)) from error

    def _start(self, lock: int) -> None:
        from infra.synthesis import SynthesisFailed
        from local import deploy  # half a second of imports, which a taken port need not wait for
        from local.deployed import Deployed
        from local.operations import OperationFailed

        try:
            emulator = self._start_parts(lock)
            with ThreadPoolExecutor() as pool:
                emulated = pool.submit(emulator.start)
                self._say("synthesising the CDK app and starting the endpoints")
                folder = deploy.assembly(CACHE, self._context)  # in this thread: signals end it
                emulated.result()
            self._say("deploying the stack into the emulator")
            store = f"qdrant+{self._servers['qdrant'].url}/askbucket"
            outputs = deploy.deploy(emulator.endpoint, folder, {"ASKBUCKET_STORE": store})
            self._open_doors(Deployed(emulator.endpoint, outputs), emulator.endpoint, outputs)
        except (
            EmulatorFailed, ServerFailed, SynthesisFailed, deploy.DeployFailed, OperationFailed
        ) as error:  # fmt: skip
            raise StackFailed(str(error)) from error

    def _start_parts(self, lock: int) -> Emulator:
        """Starts all processes but the emulator, which is returned; nothing is waited for."""
        ports = {name: free_port() for name in ("textract", "bedrock", "qdrant")}
        endpoints = {
            "AWS_ENDPOINT_URL_TEXTRACT": f"http://{HOST}:{ports['textract']}",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"http://{HOST}:{ports['bedrock']}",
        }
        emulator = Emulator(
            self._data / "aws",
            port=self._aws_port,
            environment={**endpoints, **ONE_THREAD},
            lambda_concurrency=4 * CONCURRENCY,
            python=self._workers_python,
            certificate=self._certificate,
        )
        environment = {
            **_clean_environment(),
            **CREDENTIALS,
            **endpoints,
            **ONE_THREAD,
            **LOOPBACK_ONLY,
            "AWS_ENDPOINT_URL": emulator.endpoint,
            **(self._certificate.trusted if self._certificate else {}),
        }
        self._open.callback(_end, self._servers)
        self._open.callback(emulator.stop)
        self._open.callback(_release, self._servers, ["api"])  # first, so that nobody asks any more
        for name, port in {**ports, "api": self._api_port}.items():
            self._servers[name] = Server(name, port, self._data / name, environment, lock)
        for name in ports:
            own = {
                "qdrant": {API_KEY_VARIABLE: self._store_key},
                "bedrock": {CHAT_VARIABLE: self._chat},
            }
            self._servers[name].begin(own.get(name, {}))
        return emulator

    def _open_doors(self, aws: Deployed, aws_endpoint: str, outputs: dict[str, str]) -> None:
        """Starts what the deployed stack works for, and returns when all of it answers."""
        aws.put_store_key(self._store_key)
        if keys := tracing_keys(os.environ):
            aws.put_langfuse_keys(keys)
        self._servers["api"].begin(aws.query_environment())
        for server in self._servers.values():
            server.wait_until_up()
        aws.warm_up(CONCURRENCY)
        self._restore(aws)
        self.running = Running(
            api_url=self._servers["api"].url,
            gateway_url=outputs["ApiUrl"].rstrip("/"),
            aws_endpoint=aws_endpoint,
            textract_url=self._servers["textract"].url,
            bedrock_url=self._servers["bedrock"].url,
            bucket=BUCKET,
            ocr_engine=_get_json(f"{self._servers['textract'].url}/_askbucket/pages")["engine"],
            outputs=outputs,
        )
        description = self._data / DESCRIPTION
        description.write_text(json.dumps(asdict(self.running), indent=2))
        self._open.callback(description.unlink, missing_ok=True)

    def _restore(self, aws: Deployed) -> None:
        """Indexes what the bucket kept from last time; a large one goes on after the start."""
        if aws.bucket_is_empty():
            return
        self._say("bringing the index up to date with the bucket")
        aws.sweep()
        deadline = time.monotonic() + RESTORE_SECONDS
        while (left := aws.backlog()) and time.monotonic() < deadline:
            time.sleep(0.1)
        if left:
            self._say(f"{left} documents are still to be looked at; that goes on by itself")


def _chat_context(chat: str) -> dict[str, str]:
    """With a server's model, that one answers, and the extractive answerer where it is asked to."""
    if not chat:
        return {}
    from local.bedrock.forward import served

    try:
        return {"chat_model": served(chat).model_id, "chat_models": CONTEXT["chat_model"]}
    except ValueError as error:
        raise StackFailed(f"the chat model: {error}") from error


def _release(servers: Mapping[str, Server], names: Iterable[str]) -> None:
    for name in names:
        if name in servers:
            servers[name].release()


def _end(servers: Mapping[str, Server]) -> None:
    _release(servers, servers)
    for server in servers.values():
        server.wait()


def _require_free(port: int, flag: str, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                if time.monotonic() > deadline:
                    raise PortTaken(f"port {port} is taken; choose another with {flag}") from error
            else:
                return
        time.sleep(0.05)


def _get_json(url: str) -> Any:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=10) as reply:
            return json.load(reply)
    except (urllib.error.URLError, TimeoutError) as error:
        raise StackFailed(f"{url} does not answer: {error}") from error


def _clean_environment() -> dict[str, str]:
    """Ours, without anybody's AWS account or settings of another stack in it."""
    foreign = ("AWS_", "ASKBUCKET_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(foreign) or name.startswith("ASKBUCKET_LOCAL_")
    }
    return {**kept, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
