"""Every choice a deployment can make, read once from the CDK context and checked first."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields

from infra.checks import NO_STORE, BadContext, check, one_of
from infra.stages import DEFAULT, STAGES


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
        one_of("stage", stage, tuple(STAGES))
        return cls(**(asdict(STAGES[str(stage)]) | values))

    def __post_init__(self) -> None:
        check(self)

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
        one_of(key, text.lower(), ("true", "false"))
        return text.lower() == "true"
    return text
