"""What a request may name: keys, labels, and the filter that narrows a question down."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from askbucket.answer.question import Scope

KEY_BYTES = 1024  # S3's limit
Key = Annotated[str, StringConstraints(min_length=1, max_length=KEY_BYTES)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Filter(Body):
    """Narrows a question down; everything given must hold."""

    prefix: Key | None = Field(None, description="only keys that begin so")
    document: Key | None = Field(None, description="only this key")
    metadata: dict[Label, Label] = Field(
        default_factory=dict, max_length=10, description="user metadata or tags, all of them"
    )

    def scope(self) -> Scope:
        return Scope(self.prefix, self.document, self.metadata)
