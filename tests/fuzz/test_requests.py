"""A short run of `make fuzz`, and that it would find what it looks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from tests.fuzz.backend import from_loopback, running
from tests.fuzz.requests import faults

# A library's warning, raised in the midst of a request, is no fault of the API.
pytestmark = pytest.mark.filterwarnings("ignore")


class Halved(BaseModel):
    number: int


def test_no_request_breaks_the_api_or_its_description(tmp_path: Path) -> None:
    with running(tmp_path) as app:
        found = faults(app, requests=300, seed_number=7)
    assert found == []
    assert app.statuses.total() > 200
    assert {200, 201, 202, 307, 400, 404, 409, 422} <= app.statuses.keys()


def fault_of(app: FastAPI) -> str:
    return "\n".join(faults(from_loopback(app), requests=300, seed_number=7))


def test_a_crash_is_found() -> None:
    app = FastAPI()

    @app.post("/halve", response_model=None)
    def halve(body: Halved) -> JSONResponse:
        return JSONResponse({}, 500 if body.number % 2 else 200)

    assert "Server error" in fault_of(app)


def test_an_undocumented_status_is_found() -> None:
    app = FastAPI()
    app.get("/tea", response_model=None)(lambda: JSONResponse({}, 418))
    assert "Undocumented status code" in fault_of(app)


def test_a_reply_that_breaks_its_schema_is_found() -> None:
    app = FastAPI()
    schema: Any = {200: {"content": {"application/json": {"schema": {"type": "integer"}}}}}
    app.get("/one", response_model=None, responses=schema)(lambda: JSONResponse("one"))
    assert "Response violates schema" in fault_of(app)
