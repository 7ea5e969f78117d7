"""Signatures for a store that stands behind API Gateway: who may ask it, IAM decides."""

from __future__ import annotations

from collections.abc import Generator

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SERVICE = "execute-api"


class Signed(httpx.Auth):
    """Adds a Signature Version 4 of method, URL and body to every request of an httpx client.

    Credentials are read anew each time, since those of a role expire.
    """

    requires_request_body = True

    def __init__(self, credentials: Credentials, region: str) -> None:
        self._credentials = credentials
        self._region = region

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        plain = AWSRequest(request.method, str(request.url), data=request.content)
        frozen = self._credentials.get_frozen_credentials()
        SigV4Auth(frozen, SERVICE, self._region).add_auth(plain)
        request.headers.update(dict(plain.headers.items()))
        yield request
