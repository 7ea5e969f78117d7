"""Bearer tokens of an OpenID Connect issuer: what a verified one says."""

from __future__ import annotations

import json
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import jwt
from jwt.exceptions import PyJWKClientConnectionError

from askbucket.errors import TryAgain, Unauthorized

ALGORITHMS = ("RS256", "ES256")  # never a shared secret, never `none`
REQUIRED = ("exp", "iss", "sub")
LEEWAY_SECONDS = 30  # between the issuer's clock and ours
FETCH_SECONDS = 3
DISCOVERY = "/.well-known/openid-configuration"  # OpenID Connect Discovery 1.0, section 4
DISCOVERY_BYTES = 64 * 1024


class Tokens:
    """Verifies tokens of one issuer that are meant for one audience, by the issuer's own keys."""

    def __init__(self, issuer: str, audience: str, keys: jwt.PyJWKClient) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys

    def claims(self, token: str) -> dict[str, Any]:
        """All claims of the token. Raises Unauthorized for one that proves nothing, and TryAgain
        where the issuer's keys cannot be fetched."""
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": list(REQUIRED), "verify_aud": False},
            )
        except PyJWKClientConnectionError as error:
            raise TryAgain(f"the keys of {self._issuer} cannot be fetched: {error}") from error
        except (jwt.PyJWTError, ValueError) as error:
            raise Unauthorized(f"the token is refused: {error}") from error
        self._require_audience(claims)
        return claims

    def _require_audience(self, claims: dict[str, Any]) -> None:
        """Cognito names the client of an access token in `client_id`, and leaves `aud` out (its
        guide, "Understanding the access token")."""
        use = claims.get("token_use")
        if use not in (None, "access", "id"):
            raise Unauthorized(f"the token's use is {use!r}, neither access nor id")
        named = claims.get("client_id" if use == "access" else "aud")
        if self._audience not in (named if isinstance(named, list) else [named]):
            raise Unauthorized(f"the token is not meant for {self._audience}")


def tokens_of(issuer: str, audience: str) -> Tokens:
    """By the keys that the issuer publishes, looked up here once and kept for five minutes. Raises
    TryAgain where the issuer does not tell where they are."""
    try:
        # The scheme is the operator's: the stack only takes https.
        with urllib.request.urlopen(issuer.rstrip("/") + DISCOVERY, timeout=FETCH_SECONDS) as reply:  # noqa: S310
            told = json.loads(reply.read(DISCOVERY_BYTES))
        uri = str(told["jwks_uri"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise TryAgain(f"{issuer} does not tell where its keys are: {error!r}") from error
    if told.get("issuer") != issuer or urlsplit(uri).scheme != urlsplit(issuer).scheme:
        raise TryAgain(f"{issuer} tells of issuer {told.get('issuer')!r} and keys at {uri!r}")
    return Tokens(issuer, audience, jwt.PyJWKClient(uri, timeout=FETCH_SECONDS))
