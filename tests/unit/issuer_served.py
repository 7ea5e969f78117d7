"""A small OpenID Connect issuer on loopback, with real keys."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

AUDIENCE = "askbucket-app"
HOUR = 3600


@dataclass
class Issuer:
    """Signs tokens by `keys`, and publishes those of them that are `public`."""

    url: str
    keys: dict[str, Any] = field(default_factory=dict)
    public: list[str] = field(default_factory=list)
    fetched: int = 0  # how often the keys were
    broken: bool = False

    def token(self, kid: str = "rsa", alg: str | None = None, **changes: Any) -> str:
        """A good token of this issuer, but for the changes; None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "ann",
            "iat": now,
            "exp": now + HOUR,
            **changes,
        }
        left = {name: value for name, value in claims.items() if value is not None}
        algorithm = alg or ("ES256" if kid == "ec" else "RS256")
        return jwt.encode(left, self.keys[kid], algorithm=algorithm, headers={"kid": kid})

    def reply(self, path: str) -> Any:
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        self.fetched += 1
        return {"keys": [_public(kid, self.keys[kid]) for kid in self.public]}


def _public(kid: str, key: Any) -> dict[str, Any]:
    algorithm: Any = jwt.algorithms.ECAlgorithm if kid == "ec" else jwt.algorithms.RSAAlgorithm
    told: dict[str, Any] = json.loads(algorithm.to_jwk(key.public_key()))
    return {**told, "kid": kid, "use": "sig", "alg": "ES256" if kid == "ec" else "RS256"}


@contextmanager
def served_issuer() -> Iterator[Issuer]:
    """It publishes an RSA and an EC key, and keeps a third, `stolen`, to itself."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(issuer.reply(self.path)).encode()
            self.send_response(503 if issuer.broken else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    stolen = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    keys = {"rsa": made, "ec": ec.generate_private_key(ec.SECP256R1()), "stolen": stolen}
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}", keys, ["rsa", "ec"])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield issuer
    server.shutdown()
    server.server_close()
    thread.join()
