"""The offline Textract endpoint, reached by boto3 through AWS_ENDPOINT_URL_TEXTRACT."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.ocr.engines import engine_named
from local.ocr.page_text import Engine
from local.textract import wire
from local.textract.emulated_aws import EmulatedAws
from local.textract.errors import TextractError
from local.textract.jobs import JobFiles
from local.textract.ledger import PageLedger
from local.textract.runner import JobRunner
from local.textract.service import Limits, TextractService

ENGINE_VARIABLE = "ASKBUCKET_LOCAL_OCR"
WORKERS = 2
"""Pages read side by side; each takes one core and, with RapidOCR, up to 500 MB."""


def create_app(
    data: Path,
    *,
    aws_endpoint: str,
    region: str = "us-east-1",
    engine: Engine | None = None,
    limits: Limits | None = None,
) -> Starlette:
    """The endpoint as an ASGI app; background work runs from its start-up to its shutdown.

    `data` holds jobs, results and the page ledger, and must belong to one app at a time. Documents
    are read from S3 at `aws_endpoint`, completions are published to SNS there.
    """
    data.mkdir(parents=True, exist_ok=True)
    chosen = engine or engine_named(os.environ.get(ENGINE_VARIABLE, "rapidocr"))
    aws = EmulatedAws(aws_endpoint, region)
    files = JobFiles(data / "jobs")
    ledger = PageLedger(data / "pages.json")
    runner = JobRunner(files, ledger, chosen, aws)
    endpoint = _Endpoint(TextractService(files, runner, aws, limits or Limits()))

    async def pages(_: Request) -> Response:
        return JSONResponse({"pages": ledger.pages, "engine": chosen.name})

    @asynccontextmanager
    async def background(_: Starlette) -> AsyncIterator[None]:
        runner.start(WORKERS)
        yield
        await run_in_threadpool(runner.stop)

    return Starlette(
        routes=[
            Route("/", endpoint.call, methods=["POST"]),
            Route("/_askbucket/pages", pages, methods=["GET"]),
        ],
        exception_handlers={TextractError: _error_reply},
        lifespan=background,
    )


class _Endpoint:
    """JSON 1.1: the operation stands in a header, parameters and reply are JSON bodies."""

    def __init__(self, service: TextractService) -> None:
        self._service = service
        self._model = wire.service_model()

    async def call(self, request: Request) -> Response:
        operation = wire.operation_of(request.headers.get("x-amz-target", ""))
        shape = self._model.operation_model(operation).input_shape
        parameters = wire.parameters(await request.body(), shape)
        reply = await run_in_threadpool(self._service.operations[operation], parameters)
        return _reply(reply, 200)


async def _error_reply(_: Request, error: Exception) -> Response:
    assert isinstance(error, TextractError)  # noqa: S101 - the only class registered
    return _reply({"__type": error.code, "Message": str(error)}, error.http_status)


def _reply(content: object, status: int) -> Response:
    return Response(
        json.dumps(content),
        status_code=status,
        headers={"x-amzn-requestid": str(uuid4())},
        media_type="application/x-amz-json-1.1",
    )
