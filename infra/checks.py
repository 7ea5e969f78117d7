"""What a deployment's choices must be, each refused in words that name key, value and way out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from infra.stages import KEEPABLE

if TYPE_CHECKING:
    from infra.config import Config

NO_STORE = (
    "qdrant+https://set-the-store.invalid:6333/askbucket"  # .invalid never resolves (RFC 2606)
)
MODEL_ID = r"[a-z0-9-]{1,63}\.[A-Za-z0-9.:-]{1,150}"
ARN = r"arn:aws[\w-]*:bedrock:[a-z0-9-]+:\d*:"
# An id, an ARN that tells its model, the ARN of another profile and its model, or a server's model.
CHAT_MODEL = re.compile(
    rf"{MODEL_ID}|{ARN}(foundation-model|inference-profile)/{MODEL_ID}"
    rf"|{MODEL_ID}={ARN}[a-z-]+/[\w.:/-]+|[^@,\s]+@https?://[\w.-]+(:\d+)?(/[^@,\s]*)?"
)
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?")
REDIS = re.compile(rf"rediss://{HOST.pattern}(/\d+)?")
SECRET = re.compile(r"arn:aws[\w-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+")
GUARDRAIL = re.compile(rf"([a-z0-9]+|{ARN}guardrail/[a-z0-9]+):(DRAFT|\d{{1,8}})")
LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)


class BadContext(ValueError):
    """A context value the stack cannot be built from; the message names key, value and way out."""


def check(of: Config) -> None:
    """Raises BadContext for the first choice the stack cannot be built from."""
    _kept(of)
    _door(of)
    _watched(of)
    _indexed(of)
    _models(of)
    _replies(of)
    _store_url(of.store)
    _qdrant(of)
    _buckets(of)


def _kept(of: Config) -> None:
    """What is made, for how long, and by what name."""
    one_of("arch", of.arch, ("arm64", "x86_64"))
    _keep(of.keep)
    _stack_name(of.stack_name)
    _repository(of.github_repo)
    one_of("layers", of.layers, ("bundled", "venv"))
    one_of("log_retention_days", of.log_retention_days, LOG_RETENTION_DAYS)
    _between("noncurrent_days", of.noncurrent_days, 1, 3650)
    _between("adapter_version", of.adapter_version, 1, 10_000)


def _door(of: Config) -> None:
    """Who may call, and how often."""
    one_of("auth", of.auth, ("iam", "jwt", "api_key"))
    _token_issuer(of)
    _origins(of.cors_origins)
    _between("caller_per_minute", of.caller_per_minute, 0, 100_000)
    _between("key_per_month", of.key_per_month, 1, 1_000_000_000)
    _between("throttle_rate", of.throttle_rate, 1, 10_000)
    _between("throttle_burst", of.throttle_burst, 1, 5_000)
    one_of("tenants", of.tenants, ("single", "prefix"))
    _groups_label(of.groups_label)


def _watched(of: Config) -> None:
    """What is logged, traced and counted, and whom it alarms."""
    one_of("trace_text", of.trace_text, ("masked", "full"))
    one_of("metrics", of.metrics, ("emf", "off"))
    one_of("alarms", of.alarms, ("few", "all", "none"))
    one_of("log_level", of.log_level, ("debug", "info", "warning", "error"))
    _between("daily_usd_alarm", of.daily_usd_alarm, 0, 1_000_000)
    _gauges(of)
    if of.langfuse_url and urlsplit(of.langfuse_url).scheme not in ("http", "https"):
        raise BadContext(f"langfuse_url={of.langfuse_url!r} is not an http(s) URL")


def _indexed(of: Config) -> None:
    """How documents are read, cut and embedded."""
    # SQS event sources take 2 to 1,000 (Lambda guide, "Maximum concurrency for SQS").
    _between("max_concurrency", of.max_concurrency, 2, 1000)
    _between("chunk_chars", of.chunk_chars, 100, 8000)  # Titan takes 8,192 bytes a text
    _between("chunk_overlap_chars", of.chunk_overlap_chars, 0, of.chunk_chars - 1)
    _ocr_features("ocr_features", of.ocr_features)
    _model_id("embedder", of.embedder)


def _models(of: Config) -> None:
    """What ranks and answers."""
    if of.reranker:
        _model_id("reranker", of.reranker)
    for model in of.every_chat_model:
        _chat_model("chat_model" if model == of.chat_model else "chat_models", model)
    _guardrail("guardrail", of.guardrail)
    if of.guardrail and of.asks_servers:
        raise BadContext(
            f"guardrail={of.guardrail!r} guards Bedrock models only, and chat_model or "
            "chat_models names a server's; give up one of the two"
        )


def _replies(of: Config) -> None:
    """Where they are kept, and who may be told of them."""
    _cache(of.cache, of.cache_secret)
    _hosts("callback_hosts", of.callback_hosts)


def _buckets(of: Config) -> None:
    if of.bucket and of.bucket_name:
        raise BadContext(
            f"bucket={of.bucket!r} uses an existing bucket and bucket_name="
            f"{of.bucket_name!r} names a new one; pass only one of them"
        )


def one_of(key: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        raise BadContext(f"{key}={value!r} is not one of {', '.join(map(str, allowed))}")


def _between(key: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise BadContext(f"{key}={value} is outside {low} to {high}")


def _gauges(config: Config) -> None:
    """What is asked for must have something to look at and someone to tell."""
    if config.alarm_email and not re.fullmatch(r"[^@\s]+@[^@\s]+", config.alarm_email):
        raise BadContext(f"alarm_email={config.alarm_email!r} is no address; pass NAME@DOMAIN")
    if config.alarms == "none" and (config.alarm_email or config.daily_usd_alarm):
        raise BadContext("alarms='none' leaves nothing to tell of; pass few or all, or no alarm_*")
    if config.daily_usd_alarm and config.metrics != "emf":
        raise BadContext(f"daily_usd_alarm={config.daily_usd_alarm} needs -c metrics=emf")


def _keep(value: str) -> None:
    if value != "none" and not set(value.split(",")) <= set(KEEPABLE):
        raise BadContext(
            f"keep={value!r} is neither none nor some of {', '.join(KEEPABLE)}; "
            "pass, for example, -c keep=documents,manifest"
        )


def _stack_name(value: str) -> None:
    # CloudFormation user guide, "Naming restrictions": letters, digits and hyphens, 128 at most.
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,127}", value):
        raise BadContext(
            f"stack_name={value!r} must begin with a letter and hold letters, digits and hyphens"
        )


def _token_issuer(config: Config) -> None:
    if (config.jwt_issuer or config.jwt_audience) and config.auth != "jwt":
        raise BadContext(f"jwt_issuer and jwt_audience need auth=jwt; auth is {config.auth}")
    if bool(config.jwt_issuer) != bool(config.jwt_audience):
        raise BadContext(
            "jwt_issuer and jwt_audience go together; without both, a user pool is made"
        )
    url = urlsplit(config.jwt_issuer)
    if config.jwt_issuer and (url.scheme != "https" or not url.hostname or url.query):
        raise BadContext(f"jwt_issuer={config.jwt_issuer!r} is not an https URL")


def _origins(value: str) -> None:
    for origin in filter(str.strip, value.split(",")):
        # An origin has no path (RFC 6454, section 6.2); plain http only on one's own machine.
        if not re.fullmatch(
            r"https://[a-z0-9.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?", origin.strip()
        ):
            raise BadContext(
                f"cors_origins: {origin.strip()!r} is not an origin; pass, for example, "
                "-c cors_origins=https://app.example.com"
            )


def _groups_label(value: str) -> None:
    # User metadata travels as headers, so S3 stores its names in lower case.
    if value and not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,127}", value):
        raise BadContext(
            f"groups_label={value!r} is not 1 to 128 of a-z, 0-9, '.', '_' and '-'; "
            "pass, for example, -c groups_label=groups"
        )


def _repository(value: str) -> None:
    if value and not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", value):
        raise BadContext(f"github_repo={value!r} is not OWNER/NAME")


def _ocr_features(key: str, value: str) -> None:
    """As the package reads them; here so that a wrong one ends the synthesis, not an upload."""
    for rule in filter(str.strip, value.split(";")):
        _, equals, wanted = rule.rpartition("=")
        kinds = {kind.strip().lower() for kind in wanted.split(",")}
        if not equals or not (kinds == {"none"} or kinds <= {"forms", "layout", "tables"}):
            raise BadContext(
                f"{key}: {rule!r} is no rule PREFIX=FEATURES with some of forms, layout, tables, "
                "or none; pass, for example, -c 'ocr_features=invoices/=tables,forms;=none'"
            )


def _model_id(key: str, value: str) -> None:
    if value.startswith("arn:") or "." not in value or any(c.isspace() or c == "*" for c in value):
        raise BadContext(
            f"{key}={value!r} is not a Bedrock model or inference-profile id, "
            "such as amazon.titan-embed-text-v2:0 or us.amazon.nova-lite-v1:0"
        )


def _chat_model(key: str, value: str) -> None:
    if not CHAT_MODEL.fullmatch(value):
        raise BadContext(
            f"{key}={value!r} is not a Bedrock model or inference-profile id, such as "
            "us.amazon.nova-lite-v1:0, nor ID=ARN for an application inference profile, nor "
            "NAME@URL for an OpenAI-compatible server"
        )


def _guardrail(key: str, value: str) -> None:
    if value and not GUARDRAIL.fullmatch(value):
        raise BadContext(
            f"{key}={value!r} is no ID:VERSION; pass, for example, -c {key}=abcd1234efgh:1, or "
            "DRAFT as the version"
        )


def _cache(value: str, secret: str) -> None:
    if value not in ("dynamodb", "off") and not REDIS.fullmatch(value):
        raise BadContext(
            f"cache={value!r} is none of dynamodb, off, and rediss://HOST:PORT (by TLS, since "
            "answers go there); a password belongs into the secret named by -c cache_secret=ARN"
        )
    if secret and not SECRET.fullmatch(secret):
        raise BadContext(f"cache_secret={secret!r} is no ARN of a Secrets Manager secret")


def _hosts(key: str, value: str) -> None:
    for host in filter(None, map(str.strip, value.split(","))):
        if not HOST.fullmatch(host):
            raise BadContext(
                f"{key}: {host!r} is no HOST or HOST:PORT; pass, for example, "
                f"-c {key}=hooks.example.com,ci.example.com:8443"
            )


def _store_url(value: str) -> None:
    url = urlsplit(value)
    if not url.scheme.startswith("qdrant+") or not url.hostname or not url.path.strip("/"):
        raise BadContext(
            f"store={value!r} is not a store URL; pass -c store=qdrant+https://HOST:6333/COLLECTION"
        )
    if url.username or url.password:
        raise BadContext(
            "store holds credentials; put the API key into the StoreKey secret instead"
        )


def _qdrant(config: Config) -> None:
    one_of("qdrant", config.qdrant, ("none", "ec2"))
    _between("qdrant_disk_gb", config.qdrant_disk_gb, 5, 16_000)
    if not re.fullmatch(r"[a-z]+[0-9]+g[a-z]*\.[a-z0-9]+", config.qdrant_instance):
        raise BadContext(
            f"qdrant_instance={config.qdrant_instance!r} is not of Graviton, for which Qdrant's "
            "release is pinned; pass, for example, -c qdrant_instance=t4g.medium"
        )
    if config.qdrant == "ec2" and config.store != NO_STORE:
        raise BadContext(
            f"qdrant=ec2 makes a store and store={config.store!r} names one; pass only one of them"
        )
