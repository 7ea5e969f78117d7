"""What can go wrong at the offline Qdrant endpoint, as the status codes a Qdrant server uses.

QdrantError
├── BadRequest      400  the request cannot be carried out as it stands
├── NotFound        404  no such collection or point
├── Conflict        409  the collection exists already
├── TooLarge        413  the body exceeds the server's limit
├── Unprocessable   422  well formed, but a value is out of its range
├── EngineFault     500  Qdrant Edge failed; not the client's doing
├── NotOffered      501  a feature of Qdrant this endpoint does not have
└── Locked          503  another process holds the collection

`local.qdrant.app` turns each into `{"status": {"error": message}, "time": seconds}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel


class QdrantError(Exception):
    """An error with the HTTP status it is answered with."""

    status = 500


class BadRequest(QdrantError):
    """The request cannot be carried out as it stands."""

    status = 400


class NotFound(QdrantError):
    """No such collection or point."""

    status = 404


class Conflict(QdrantError):
    """The collection exists already."""

    status = 409


class TooLarge(QdrantError):
    """The body exceeds the server's limit."""

    status = 413


class Unprocessable(QdrantError):
    """A value is out of its range."""

    status = 422


class EngineFault(QdrantError):
    """Qdrant Edge failed; not the client's doing."""

    status = 500


class NotOffered(QdrantError):
    """A feature of Qdrant that this endpoint does not have."""

    status = 501

    def __init__(self, feature: str) -> None:
        super().__init__(f"{feature} is not offered by the offline Qdrant endpoint")


class Locked(QdrantError):
    """Another process holds the collection."""

    status = 503


def refuse(request: BaseModel, *fields: str) -> None:
    """Raise NotOffered for the first of `fields` that the client has set."""
    for field in fields:
        if getattr(request, field) is not None:
            raise NotOffered(f"`{field}`")


@contextmanager
def client_values() -> Iterator[None]:
    """Wrap the building of Edge objects: a path, date or number they refuse is a 400."""
    try:
        yield
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"Wrong input: {error}") from error


@contextmanager
def engine_calls(collection: str) -> Iterator[None]:
    """Wrap calls to a shard: its errors as ours.

    Qdrant Edge 0.9 raises bare `Exception`, and only the text tells whose fault it was:
    "Service runtime error" is the engine's, a lock that would block is another process's,
    everything else is a verdict on the request.
    """
    try:
        yield
    except Exception as error:
        if type(error) is not Exception:
            raise
        raise _translated(str(error), collection) from error


def _translated(message: str, collection: str) -> QdrantError:
    if "WouldBlock" in message:
        return Locked(
            f"Collection `{collection}` is open in another process; "
            "stop that one or choose another data folder"
        )
    if message.startswith("Service runtime error"):
        return EngineFault(f"Service internal error: {message}")
    return BadRequest(f"Wrong input: {message}")
