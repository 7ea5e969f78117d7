"""What Prometheus scrapes, where the app runs on a machine of its own."""

from __future__ import annotations

import os

from fastapi import Request, Response

from askbucket import wiring
from askbucket.errors import NotFound
from lambdas.query.identity import Asking

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics(request: Request, caller: Asking) -> Response:  # noqa: ARG001  (lets in loopback only)
    """Counters of this process, and gauges of all documents. Nowhere in Lambda: its processes come
    and go, and CloudWatch has them all."""
    in_lambda = "aws.event" in request.scope or "AWS_LAMBDA_FUNCTION_NAME" in os.environ
    if in_lambda or wiring.settings().metrics != "prometheus":
        raise NotFound("there are no metrics here; ASKBUCKET_METRICS=prometheus switches them on")
    return Response(wiring.prometheus().exposed(), media_type=CONTENT_TYPE)
