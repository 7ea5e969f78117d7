"""What every function shares. With the `wiring_*` modules beside it, the only place that chooses
implementations; everything is made when first asked for, once.

Those call the parts here by `wiring.store()`, so that one replaced here is replaced for all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from askbucket.artifacts import Artifacts
from askbucket.bucket import Bucket
from askbucket.clock import now_ms
from askbucket.embedders import EMBEDDERS, BedrockEmbedder, EmbedderSpec
from askbucket.errors import Forbidden, TryAgain
from askbucket.log import event as log
from askbucket.manifest import Manifest
from askbucket.metrics import UNCOUNTED, Metrics
from askbucket.once import forget_all, once
from askbucket.ownership import Ownership
from askbucket.s3 import S3
from askbucket.settings import Settings
from askbucket.stores.port import VectorStore
from askbucket.tracing import Tracer, Untraced

if TYPE_CHECKING:
    from askbucket.call_limit import CallLimit
    from askbucket.callers import Callers
    from askbucket.ingest.recipe import Recipe
    from askbucket.prometheus import PrometheusMetrics
    from askbucket.stores.signing import Signed

BEDROCK_CONNECTIONS = 64


@once
def settings() -> Settings:
    """Read from the environment once. Raises pydantic.ValidationError naming what is wrong."""
    return Settings()


@once
def client(service: str) -> Any:
    """A boto3 client; endpoints come from the standard AWS_ENDPOINT_URL variables."""
    config = Config(
        retries={"mode": "standard", "max_attempts": 5},
        connect_timeout=5,
        read_timeout=60,
        max_pool_connections=BEDROCK_CONNECTIONS,
        signature_version="s3v4" if service == "s3" else None,
    )
    return boto3.client(service, config=config)


@once
def manifest() -> Manifest:
    return Manifest(boto3.resource("dynamodb").Table(settings().table))


@once
def bucket() -> Bucket:
    return Bucket(S3(client("s3"), settings().bucket))


@once
def artifacts() -> Artifacts:
    return Artifacts(S3(client("s3"), settings().artifacts_bucket))


@once
def embedder() -> BedrockEmbedder:
    of = settings()
    return BedrockEmbedder(client("bedrock-runtime"), embedder_spec(of), of.embed_parallel)


def embedder_spec(of: Settings) -> EmbedderSpec:
    """Raises ValueError naming the models there are."""
    if of.embedder not in EMBEDDERS:
        raise ValueError(
            f"ASKBUCKET_EMBEDDER is {of.embedder!r}; known models: {', '.join(EMBEDDERS)}"
        )
    return EMBEDDERS[of.embedder]


@once
def store() -> VectorStore:
    """The store named by the URL's scheme. Raises ValueError for one that does not exist."""
    scheme, _, rest = settings().store.partition("+")
    if scheme not in STORES:
        raise ValueError(
            f"ASKBUCKET_STORE is {settings().store!r}; it must begin with one of: "
            + ", ".join(f"{name}+" for name in STORES)
        )
    return STORES[scheme](rest)


def _qdrant(url: str) -> VectorStore:
    from askbucket.stores.qdrant import QdrantStore, connect

    address, _, collection = url.rpartition("/")
    if not urlsplit(address).hostname:
        raise ValueError(
            f"ASKBUCKET_STORE is {settings().store!r}; it must look like "
            "qdrant+https://host:6333/collection"
        )
    key = secret(settings().store_secret_arn).get("api_key")
    spec = embedder_spec(settings())
    client = connect(address, key, auth=_signed())
    return QdrantStore(client, collection_of(collection, spec), spec.dimensions)


def _signed() -> Signed | None:
    if settings().store_auth == "key":
        return None
    from askbucket.stores.signing import Signed

    session = boto3.Session()
    return Signed(session.get_credentials(), session.region_name)


STORES: dict[str, Callable[[str], VectorStore]] = {"qdrant": _qdrant}


def collection_of(name: str, spec: EmbedderSpec) -> str:
    """Vectors of different models never share a collection."""
    model = re.sub(r"[^A-Za-z0-9]+", "-", spec.model_id)
    return f"{name or 'askbucket'}-{model}-{spec.dimensions}-{spec.variant}"


@once
def tracer() -> Tracer:
    """Langfuse where its secret holds keys; else nothing at all, not even its import.

    A secret that cannot be read is no reason not to answer.
    """
    keys = langfuse_keys()
    if not keys:
        return Untraced()
    from askbucket.langfuse_tracer import langfuse_tracer

    of = settings()
    return langfuse_tracer(keys, of.langfuse_url, masked=of.trace_text == "masked")


@once
def metrics() -> Metrics:
    """Where the settings say; off, nothing is imported or kept."""
    match settings().metrics:
        case "emf":
            from askbucket.emf import EmbeddedMetrics

            return EmbeddedMetrics(settings().metrics_namespace)
        case "prometheus":
            return prometheus()
    return UNCOUNTED


@once
def prometheus() -> PrometheusMetrics:
    """What `GET /metrics` shows."""
    from askbucket.prometheus import PrometheusMetrics

    return PrometheusMetrics(lambda: manifest().every(settings().bucket))


@once
def langfuse_keys() -> dict[str, str]:
    """Empty where tracing is off."""
    try:
        keys = secret(settings().langfuse_secret_arn)
    except TryAgain as error:
        log("tracing_off", level="warning", error=str(error))
        return {}
    return keys if keys.get("public_key") and keys.get("secret_key") else {}


@once
def call_limit() -> CallLimit | None:
    """None where the gateway counts, by usage plan, or where there is no table to count in."""
    from askbucket.call_limit import CallLimit

    of = settings()
    if not of.answers_table or not of.caller_per_minute:
        return None
    return CallLimit(answers(), of.caller_per_minute, now_ms)


def recipe() -> Recipe:
    """What documents are indexed by now."""
    from askbucket.ingest.features import FeatureRules
    from askbucket.ingest.recipe import Recipe, recipe_of

    of = settings()
    text = recipe_of(of.chunk_chars, of.chunk_overlap_chars, embedder_spec(of), ownership())
    return Recipe(text, FeatureRules.of(of.ocr_features))


def ownership() -> Ownership:
    """Whose documents are, and who of them may see one."""
    return Ownership(settings().tenants, settings().groups_label)


@once
def answers() -> Any:
    """The answers table; everything of a tenant is found by its index."""
    return boto3.resource("dynamodb").Table(settings().answers_table)


@once
def callers() -> Callers:
    """Raises Forbidden where no table is set to know callers by."""
    from askbucket.callers import Callers

    if not settings().answers_table:
        raise Forbidden("no caller is known here: ASKBUCKET_ANSWERS_TABLE is not set")
    return Callers(answers())


def forget() -> None:
    """Everything is made anew when it is next asked for, by the settings and keys of then."""
    boto3.DEFAULT_SESSION = None
    forget_all()


def secret(arn: str) -> dict[str, str]:
    """The secret's JSON; empty where none is named or its value is no JSON object."""
    if not arn:
        return {}
    try:
        text = client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    except (ClientError, BotoCoreError) as error:
        raise TryAgain(f"the secret {arn} cannot be read: {error}") from error
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
