"""Calls to addresses that callers name, made so that none reaches what only we may reach.

A host has to be allowed by name. It is resolved here, once, and the connection goes to the address
that was looked at, so that a name cannot stand for another one a moment later. Redirects are not
followed, and nothing of a reply but its status is read.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from askbucket.clock import Clock
from askbucket.errors import NotAllowed, TryAgain

CONNECT_SECONDS, REPLY_SECONDS = 3, 10
SIGNATURE_HEADER = "x-askbucket-signature"
HTTPS_PORT = 443
# Ways to write a private IPv4 address as a public IPv6 one: NAT64 (RFC 6052) and 6to4 (RFC 3056).
CARRIERS = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "2002::/16")))

Resolve = Callable[[str, int], Sequence[str]]


class Callbacks:
    """Posts JSON to the hosts that are allowed: `host`, or `host:port` for a port but 443.

    `secret` gives the key that posts are signed with.
    """

    def __init__(
        self,
        hosts: Sequence[str],
        secret: Callable[[], str],
        clock: Clock,
        *,
        resolve: Resolve | None = None,
        reachable: Callable[[str], bool] | None = None,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._secret = secret
        self._clock = clock
        self._resolve = resolve or resolved
        self._reachable = reachable or public
        self._tls = tls

    def check(self, url: str) -> SplitResult:
        """The parts of a URL that may be called. Raises NotAllowed with the reason otherwise."""
        if not self._hosts:
            raise NotAllowed("no callbacks are made here: ASKBUCKET_CALLBACK_HOSTS names no host")
        parts = _parted(url)
        if parts.hostname is None or parts.scheme != "https" or "@" in parts.netloc:
            raise NotAllowed(f"the callback {url!r} is no https URL without a user and password")
        if _named(parts) not in self._hosts:
            raise NotAllowed(
                f"the callback host {_named(parts)!r} is none of those that "
                f"ASKBUCKET_CALLBACK_HOSTS allows: {', '.join(sorted(self._hosts))}"
            )
        return parts

    def __call__(self, url: str, body: bytes) -> None:
        """Raises TryAgain where the URL is not allowed any more, or no 2xx came back in time."""
        try:
            parts = self.check(url)
        except NotAllowed as error:
            raise TryAgain(str(error)) from error
        port = parts.port or HTTPS_PORT
        status = self._posted(self._address(str(parts.hostname), port), port, parts, body)
        if not 200 <= status < 300:
            raise TryAgain(f"the callback was answered with {status}; only a 2xx counts")

    def _address(self, host: str, port: int) -> str:
        """The address to connect to: the first one, where not one of them is out of bounds."""
        try:
            addresses = self._resolve(host, port)
        except OSError as error:
            raise TryAgain(f"the callback host {host!r} cannot be resolved: {error}") from error
        if not addresses or not all(map(self._reachable, addresses)):
            raise TryAgain(f"the callback host {host!r} has an address that is not public")
        return addresses[0]

    def _posted(self, address: str, port: int, parts: SplitResult, body: bytes) -> int:
        """The reply's status."""
        import urllib3

        pool = urllib3.HTTPSConnectionPool(
            address,
            port,
            server_hostname=parts.hostname,  # whose certificate is asked for, and has to match
            assert_hostname=parts.hostname,
            ssl_context=self._tls(),
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=REPLY_SECONDS),
            retries=False,
        )
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        try:
            reply = pool.urlopen(
                "POST",
                target,
                body=body,
                headers=self._headers(parts, body),
                redirect=False,
                preload_content=False,
            )
            reply.close()
            return int(reply.status)
        except urllib3.exceptions.HTTPError as error:
            raise TryAgain(f"the callback cannot be made: {type(error).__name__}") from error
        finally:
            pool.close()

    def _headers(self, parts: SplitResult, body: bytes) -> dict[str, str]:
        secret = self._secret()
        if not secret:
            raise TryAgain("no callback is made unsigned: its secret (CallbackKey) holds no key")
        return {
            "host": parts.netloc,
            "content-type": "application/json",
            "user-agent": "askbucket",
            SIGNATURE_HEADER: signature(secret, self._clock() // 1000, body),
        }


def signature(secret: str, seconds: int, body: bytes) -> str:
    """`t=…,v1=…`: the time, and HMAC-SHA256 of "<time>.<body>" in hex digits."""
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"


def resolved(host: str, port: int) -> list[str]:
    """Every address of the host, the preferred one first. Raises OSError."""
    found: list[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def public(address: str) -> bool:
    """Whether anybody on the Internet could reach it: not private, loopback, link-local, …"""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return public(str(ip.ipv4_mapped))
        if any(ip in carrier for carrier in CARRIERS):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _parted(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (reading it is what checks it)
    except ValueError as error:
        raise NotAllowed(f"the callback {url!r} is no URL: {error}") from error
    return parts


def _named(parts: SplitResult) -> str:
    """As the allow-list has it."""
    host = str(parts.hostname).lower()
    return host if parts.port in (None, HTTPS_PORT) else f"{host}:{parts.port}"
