"""By what files would be indexed: the settings of a stack, or those it would be deployed with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from askbucket.embedders import EMBEDDERS, EmbedderSpec
from askbucket.ingest.features import FeatureRules
from askbucket.ingest.limits import Limits
from askbucket.ingest.readers.reader_process import ReaderLimits
from askbucket.ownership import Ownership
from askbucket.settings import Settings, variable
from infra.checks import BadContext
from infra.config import Config
from infra.synthesis import ROOT
from local.client import LOCALLY
from local.keys import session_of
from local.target import ClientFailed, Target

NOWHERE = dict.fromkeys(map(variable, ("bucket", "table", "store")), "none")  # they have no default


@dataclass(frozen=True, slots=True)
class Plan:
    """What of the settings decides what a file costs."""

    embedder: EmbedderSpec
    ocr_features: str
    chunk_chars: int
    chunk_overlap_chars: int
    limits: Limits
    reader: ReaderLimits
    ownership: Ownership

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Plan:
        """By the variables of a function; what is not among them has its default, whatever stands
        in this process's environment. Raises ValueError naming what is wrong."""
        of = _settings(variables)
        if of.embedder not in EMBEDDERS:
            raise ValueError(f"no embedder {of.embedder!r}; known ones: {', '.join(EMBEDDERS)}")
        return cls(
            EMBEDDERS[of.embedder],
            of.ocr_features,
            of.chunk_chars,
            of.chunk_overlap_chars,
            Limits(of.max_file_bytes, of.max_pages),
            ReaderLimits(of.reader_memory_mib, of.reader_open_seconds, of.reader_page_seconds),
            Ownership(of.tenants, of.groups_label),
        )

    @property
    def features(self) -> FeatureRules:
        return FeatureRules.of(self.ocr_features)

    def __str__(self) -> str:
        """`EMBEDDER, chunks of 1,000 characters, OCR features: none`, for people."""
        overlap = f" and {self.chunk_overlap_chars:,} shared" if self.chunk_overlap_chars else ""
        return (
            f"{self.embedder.name}, chunks of {self.chunk_chars:,} characters{overlap}, "
            f"OCR features: {self.ocr_features or 'none'}"
        )


def deployed_variables(target: Target) -> dict[str, str]:
    """Those of the stack's ingest function. Raises ClientFailed where it cannot be asked."""
    name = target.outputs.get("IngestFunction")
    if name is None:
        raise ClientFailed(
            "settings are a stack's outputs' to find: name one by --stack, or --data, or give "
            "--stack-context"
        )
    config = LOCALLY if target.aws_endpoint else None
    lambda_: Any = session_of(target).client(
        "lambda", endpoint_url=target.aws_endpoint, config=config
    )
    try:
        told = lambda_.get_function_configuration(FunctionName=name)
    except (ClientError, BotoCoreError) as error:
        raise ClientFailed(f"the settings of {name} cannot be read: {error}") from error
    finally:
        lambda_.close()
    return dict(told["Environment"]["Variables"])


def context_variables(context: Mapping[str, str], folder: Path = ROOT) -> dict[str, str]:
    """Those that a deployment of this context would set: `-c` before cdk.json, as the CDK takes
    them. Raises ValueError naming key and value."""
    told = json.loads((folder / "cdk.json").read_text()).get("context", {})
    try:
        return Config.from_context({**told, **context}.get).recipe_environment
    except BadContext as error:
        raise ValueError(str(error)) from error


def _settings(variables: Mapping[str, str]) -> Settings:
    """Every one is given, so that none is looked up in the environment."""
    defaults = {
        variable(name): field.default
        for name, field in Settings.model_fields.items()
        if not field.is_required()
    }
    return Settings(**{**NOWHERE, **defaults, **variables})
