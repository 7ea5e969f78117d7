"""What a request may name: keys, labels, and the filter that narrows a question down."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from askbucket.answer.question import Scope

KEY_BYTES = 1024  # S3's limit
Key = Annotated[str, StringConstraints(min_length=1, max_length=KEY_BYTES)]
SEVERAL = Field(min_length=1, max_length=100)
Label = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Body(BaseModel):
    """Taken as the OpenAPI document describes it and no other way: no `"5"` for a 5."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Filter(Body):
    """Narrows a question down; everything given must hold, one of several values each."""

    prefix: Key | Annotated[list[Key], SEVERAL] | None = Field(
        None, description="only keys that begin so, or so with one of several"
    )
    document: Key | None = Field(None, description="only this key")
    metadata: dict[Label, Label | Annotated[list[Label], SEVERAL]] = Field(
        default_factory=dict,
        max_length=10,
        description="user metadata or tags, all of them; of several values any",
    )

    def scope(self) -> Scope:
        labels = {name: _all(value) for name, value in self.metadata.items()}
        return Scope(_all(self.prefix), self.document, labels)


def _all(value: str | list[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)
