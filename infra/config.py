"""Every choice a deployment can make, read once from the CDK context and checked first."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from urllib.parse import urlsplit

from infra.stages import DEFAULT, KEEPABLE, STAGES

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


@dataclass(frozen=True, kw_only=True)
class Config:
    """Context keys are the field names: `cdk deploy -c store=... -c chat_model=...`."""

    stage: str = ""  # dev | prod: other defaults for the fields that infra.stages names
    stack_name: str = DEFAULT.stack_name
    keep: str = DEFAULT.keep  # what outlives the stack: documents, artifacts, manifest; or none
    termination_protection: bool = DEFAULT.termination_protection
    auth: str = "iam"  # iam | jwt | api_key: how the API knows its callers
    jwt_issuer: str = ""  # an OpenID Connect issuer's URL; empty: a Cognito user pool of our own
    jwt_audience: str = ""  # what a token of that issuer must be meant for
    tenant_claim: str = "custom:tenant"
    groups_claim: str = "cognito:groups"
    caller_per_minute: int = 120  # requests of one caller; 0: no limit of its own
    key_per_month: int = 100_000  # requests of one API key
    cors_origins: str = ""  # web pages that may call: "https://a.example,https://b.example"
    waf: bool = False  # a web ACL before the API
    store: str = NO_STORE
    qdrant: str = "none"  # none | ec2: a server of the stack's own (infra/qdrant_host.py)
    qdrant_instance: str = "t4g.small"  # of Graviton; its memory bounds the index
    qdrant_disk_gb: int = 20  # can be raised later, never lowered
    qdrant_zone: str = ""  # such as us-east-1b; empty: the first. The volume never leaves it
    embedder: str = "amazon.titan-embed-text-v2:0"
    chat_model: str = "us.amazon.nova-lite-v1:0"
    reranker: str = ""  # a rerank model of the region; empty: hits keep their fused order
    chat_models: str = ""  # those a request may name as well, separated by commas
    guardrail: str = ""  # ID:VERSION of a Bedrock guardrail for every question and answer
    chunk_chars: int = 1000  # after a change of these two: `askbucket reindex`
    chunk_overlap_chars: int = 0
    ocr_features: str = ""  # such as "invoices/=tables,forms;=layout"; after a change: `reindex`
    tenants: str = "single"  # single | prefix: whose a key is; after a change: `reindex`
    groups_label: str = ""  # tag or metadata that names who may see a document; then: `reindex`
    cache: str = "dynamodb"  # where replies are kept: dynamodb | off | rediss://HOST:PORT
    cache_secret: str = ""  # ARN of an existing secret with Redis's username and password
    callback_hosts: str = ""  # that queued questions may call back, separated by commas
    langfuse_url: str = ""  # empty: Langfuse Cloud; without keys in its secret nothing is traced
    trace_text: str = "masked"  # masked | full: what traces show of texts, keys and callers
    langfuse_prompts: str = ""  # the label of prompts managed in Langfuse; empty: our own
    bucket: str = ""  # an existing bucket to use; EventBridge must be on there
    bucket_name: str = ""  # a fixed name for the bucket we make; empty: CloudFormation names it
    arch: str = "arm64"  # arm64 | x86_64
    layers: str = "bundled"  # bundled | venv: the emulator's workers import from .venv
    adapter_version: int = 27  # Lambda Web Adapter 1.0.0, as its README lists it
    snapstart: bool = False  # keeps a snapshot of the started query function, about $7 a month
    max_concurrency: int = 10  # ingest invocations at once, per queue
    log_retention_days: int = DEFAULT.log_retention_days
    noncurrent_days: int = (
        DEFAULT.noncurrent_days
    )  # how long overwritten and deleted bytes can be brought back
    throttle_rate: int = DEFAULT.throttle_rate  # requests per second, whole API
    throttle_burst: int = DEFAULT.throttle_burst
    github_repo: str = ""  # owner/name: a second stack with the role its workflows deploy by
    metrics: str = "emf"  # emf | off: each series costs in the hours in which it is counted
    alarms: str = "few"  # few | all | none
    alarm_email: str = ""  # who is told; the topic is made either way
    daily_usd_alarm: int = 0  # dollars at list prices in a day; 0: no such alarm
    dashboard: bool = False
    log_level: str = "info"  # debug | info | warning | error
    xray: bool = False
    api_log_role: bool = True  # false: the account already lets API Gateway write logs

    @classmethod
    def from_context(cls, get: Callable[[str], object]) -> "Config":
        """The configuration in `node.try_get_context`; absent keys keep their stage's defaults."""
        given = {f.name: (f.type, get(f.name)) for f in fields(cls)}
        values = {k: _typed(k, kind, v) for k, (kind, v) in given.items() if v is not None}
        stage = values.get("stage", "")
        _one_of("stage", stage, tuple(STAGES))
        return cls(**(asdict(STAGES[str(stage)]) | values))

    def __post_init__(self) -> None:
        _one_of("arch", self.arch, ("arm64", "x86_64"))
        _keep(self.keep)
        _stack_name(self.stack_name)
        _repository(self.github_repo)
        _one_of("auth", self.auth, ("iam", "jwt", "api_key"))
        _token_issuer(self)
        _origins(self.cors_origins)
        _between("caller_per_minute", self.caller_per_minute, 0, 100_000)
        _between("key_per_month", self.key_per_month, 1, 1_000_000_000)
        _one_of("trace_text", self.trace_text, ("masked", "full"))
        _one_of("tenants", self.tenants, ("single", "prefix"))
        _groups_label(self.groups_label)
        _one_of("metrics", self.metrics, ("emf", "off"))
        _one_of("alarms", self.alarms, ("few", "all", "none"))
        _one_of("log_level", self.log_level, ("debug", "info", "warning", "error"))
        _between("daily_usd_alarm", self.daily_usd_alarm, 0, 1_000_000)
        _gauges(self)
        _one_of("layers", self.layers, ("bundled", "venv"))
        _one_of("log_retention_days", self.log_retention_days, LOG_RETENTION_DAYS)
        # SQS event sources take 2 to 1,000 (Lambda guide, "Maximum concurrency for SQS").
        _between("max_concurrency", self.max_concurrency, 2, 1000)
        _between("noncurrent_days", self.noncurrent_days, 1, 3650)
        _between("chunk_chars", self.chunk_chars, 100, 8000)  # Titan takes 8,192 bytes a text
        _between("chunk_overlap_chars", self.chunk_overlap_chars, 0, self.chunk_chars - 1)
        _between("adapter_version", self.adapter_version, 1, 10_000)
        _between("throttle_rate", self.throttle_rate, 1, 10_000)
        _between("throttle_burst", self.throttle_burst, 1, 5_000)
        _ocr_features("ocr_features", self.ocr_features)
        _model_id("embedder", self.embedder)
        if self.reranker:
            _model_id("reranker", self.reranker)
        for model in self.every_chat_model:
            _chat_model("chat_model" if model == self.chat_model else "chat_models", model)
        _guardrail("guardrail", self.guardrail)
        if self.guardrail and self.asks_servers:
            raise BadContext(
                f"guardrail={self.guardrail!r} guards Bedrock models only, and chat_model or "
                "chat_models names a server's; give up one of the two"
            )
        _cache(self.cache, self.cache_secret)
        _hosts("callback_hosts", self.callback_hosts)
        _store_url(self.store)
        _qdrant(self)
        if self.langfuse_url and urlsplit(self.langfuse_url).scheme not in ("http", "https"):
            raise BadContext(f"langfuse_url={self.langfuse_url!r} is not an http(s) URL")
        if self.bucket and self.bucket_name:
            raise BadContext(
                f"bucket={self.bucket!r} uses an existing bucket and bucket_name="
                f"{self.bucket_name!r} names a new one; pass only one of them"
            )

    def keeps(self, what: str) -> bool:
        """Whether `cdk destroy` leaves it: one of `infra.stages.KEEPABLE`."""
        return what in self.keep.split(",")

    @property
    def embedder_id(self) -> str:
        """The model's id; the embedder may name its dimensions after it."""
        return self.embedder.partition("/")[0]

    @property
    def every_chat_model(self) -> tuple[str, ...]:
        """The default one first."""
        others = filter(None, map(str.strip, self.chat_models.split(",")))
        return tuple(dict.fromkeys([self.chat_model, *others]))

    @property
    def asks_servers(self) -> bool:
        """Whether some chat model is one of an OpenAI-compatible server's."""
        return any("@" in model for model in self.every_chat_model)

    @property
    def origins(self) -> list[str]:
        """The web pages that may call the API."""
        return [origin.strip() for origin in self.cors_origins.split(",") if origin.strip()]

    @property
    def recipe_environment(self) -> dict[str, str]:
        """What every function must agree on: by other values a document is on an old recipe."""
        return {
            "ASKBUCKET_EMBEDDER": self.embedder,
            "ASKBUCKET_CHUNK_CHARS": str(self.chunk_chars),
            "ASKBUCKET_CHUNK_OVERLAP_CHARS": str(self.chunk_overlap_chars),
            "ASKBUCKET_OCR_FEATURES": self.ocr_features,
            "ASKBUCKET_TENANTS": self.tenants,
            "ASKBUCKET_GROUPS_LABEL": self.groups_label,
        }

    @property
    def artifacts_name(self) -> str | None:
        """The second bucket's name where the first one's is fixed, so that both are found again."""
        return f"{self.bucket_name}-artifacts" if self.bucket_name else None


def _typed(key: str, kind: object, value: object) -> object:
    """`-c` gives text, cdk.json gives JSON values: both are accepted."""
    text = str(value).strip()
    if kind is int:
        if not text.isdecimal():
            raise BadContext(f"{key}={value!r} is not a whole number; pass one as -c {key}=NUMBER")
        return int(text)
    if kind is bool:
        _one_of(key, text.lower(), ("true", "false"))
        return text.lower() == "true"
    return text


def _one_of(key: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        raise BadContext(f"{key}={value!r} is not one of {', '.join(map(str, allowed))}")


def _between(key: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise BadContext(f"{key}={value} is outside {low} to {high}")


def _gauges(config: "Config") -> None:
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
    _one_of("qdrant", config.qdrant, ("none", "ec2"))
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
