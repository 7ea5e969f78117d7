"""Callbacks over real TLS: what may be called, what is sent, and what is refused on the way."""

from __future__ import annotations

import hmac
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from askbucket.answer.queued.callbacks import Callbacks, public
from askbucket.errors import NotAllowed, TryAgain

HOST = "hooks.example"
KEY = "a shared key"
NOW = 1_800_000_000_000


@dataclass
class Received:
    """What a server was sent, and what it answers."""

    port: int = 0
    status: int = 204
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


def certificate(folder: Path) -> Path:
    """Its own issuer, for HOST alone; with its key in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + made.public_bytes(pem))
    return path


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(pem: Path) -> Iterator[Received]:
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.requests.append((self.path, headers, body))
            self.send_response(received.status)
            self.send_header("location", f"https://{HOST}:{received.port}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pem)
        http.socket = tls.wrap_socket(http.socket, server_side=True)
        received.port = http.server_address[1]
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield received
        http.shutdown()


def callbacks(
    server: Received, pem: Path, *, host: str = HOST, key: str = KEY, **how: Any
) -> Callbacks:
    """Calls the server as if this machine could be reached by anybody."""
    how.setdefault("resolve", lambda *_: ["127.0.0.1"])
    how.setdefault("reachable", lambda _: True)
    hosts = [f"{host}:{server.port}"]
    trusting = ssl.create_default_context(cafile=str(pem))
    return Callbacks(hosts, lambda: key, lambda: NOW, tls=lambda: trusting, **how)


def url(server: Received, host: str = HOST) -> str:
    return f"https://{host}:{server.port}/done?order=7"


def test_a_post_is_signed_so_that_its_receiver_can_tell(server: Received, pem: Path) -> None:
    callbacks(server, pem)(url(server), b'{"id": "1"}')

    [(path, headers, body)] = server.requests
    told = dict(part.split("=") for part in headers["x-askbucket-signature"].split(","))
    expected = hmac.digest(KEY.encode(), told["t"].encode() + b"." + body, "sha256").hex()
    assert (path, body) == ("/done?order=7", b'{"id": "1"}')
    assert (told["t"], told["v1"]) == (str(NOW // 1000), expected)
    assert headers["host"] == f"{HOST}:{server.port}"
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [301, 307, 400, 503])
def test_only_a_2xx_counts_and_no_redirect_is_followed(
    server: Received, pem: Path, status: int
) -> None:
    server.status = status

    with pytest.raises(TryAgain, match=str(status)):
        callbacks(server, pem)(url(server), b"{}")

    assert len(server.requests) == 1


def test_a_certificate_of_another_host_is_refused(server: Received, pem: Path) -> None:
    other = "other.example"

    with pytest.raises(TryAgain, match="SSLError"):
        callbacks(server, pem, host=other)(url(server, other), b"{}")

    assert server.requests == []


def test_a_certificate_nobody_vouches_for_is_refused(server: Received) -> None:
    plain = Callbacks(
        [f"{HOST}:{server.port}"],
        lambda: KEY,
        lambda: NOW,
        resolve=lambda *_: ["127.0.0.1"],
        reachable=lambda _: True,
    )
    with pytest.raises(TryAgain, match="SSLError"):
        plain(url(server), b"{}")


def test_the_address_that_was_looked_at_is_the_one_called(server: Received, pem: Path) -> None:
    """A name that stands for another address a moment later changes nothing."""
    answers = iter([["127.0.0.1"], ["192.0.2.1"]])
    asked: list[str] = []

    def resolve(host: str, _: int) -> list[str]:
        asked.append(host)
        return next(answers)

    callbacks(server, pem, resolve=resolve)(url(server), b"{}")

    assert (asked, len(server.requests)) == ([HOST], 1)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.216.34", "10.0.0.8"], []])
def test_a_name_with_any_address_that_is_not_public_is_not_called(
    server: Received, pem: Path, addresses: list[str]
) -> None:
    calls = callbacks(server, pem, resolve=lambda *_: addresses, reachable=public)

    with pytest.raises(TryAgain, match="not public"):
        calls(url(server), b"{}")

    assert server.requests == []


def test_nothing_is_sent_unsigned(server: Received, pem: Path) -> None:
    with pytest.raises(TryAgain, match="unsigned"):
        callbacks(server, pem, key="")(url(server), b"{}")

    assert server.requests == []


def test_a_host_taken_off_the_list_is_not_called_any_more(server: Received, pem: Path) -> None:
    with pytest.raises(TryAgain, match=r"hooks\.example"):
        callbacks(server, pem, host="other.example")(url(server), b"{}")


@pytest.mark.parametrize(
    "named",
    [
        "http://hooks.example/",
        "https://hooks.example.evil.example/",
        "https://evil.example/hooks.example",
        "https://user@hooks.example/",
        "https://hooks.example@evil.example/",
        "https://hooks.example:8443/",
        "https://hooks.example:none/",
        "https://[::1]/",
        "https://[hooks.example/",
        "https:///x",
        "//hooks.example/",
        "file:///etc/passwd",
        "",
    ],
)
def test_other_urls_are_refused_at_once(named: str) -> None:
    with pytest.raises(NotAllowed):
        Callbacks([HOST], lambda: KEY, lambda: NOW).check(named)


@pytest.mark.parametrize("named", ["https://hooks.example/a", "https://HOOKS.example:443/?b#c"])
def test_allowed_hosts_are_compared_as_names_are(named: str) -> None:
    assert Callbacks(["Hooks.Example"], lambda: KEY, lambda: NOW).check(named).scheme == "https"


def test_without_a_list_nothing_may_be_called() -> None:
    with pytest.raises(NotAllowed, match="ASKBUCKET_CALLBACK_HOSTS"):
        Callbacks([], lambda: KEY, lambda: NOW).check("https://hooks.example/")


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00:ec2::254"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("fe80::1%eth0", "ff02::1", "not an address"),
    ],
)
def test_addresses_that_only_we_may_reach_are_not_public(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_public_addresses_are(address: str) -> None:
    assert public(address)
