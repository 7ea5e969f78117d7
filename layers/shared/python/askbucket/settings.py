"""Every setting of the running code, read once from environment variables `ASKBUCKET_*`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from askbucket.ingest.features import FeatureRules
from askbucket.model_ids import chat_models
from askbucket.ownership import Tenants

MIB = 1024 * 1024


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"ASKBUCKET_{name.upper()}"


class Settings(BaseSettings):
    """Frozen and hashable. Secrets are named by ARN and never held here.

    Raises pydantic.ValidationError naming the variable when a value is missing or out of range.
    """

    # An alias instead of a prefix: it is what the error names.
    model_config = SettingsConfigDict(alias_generator=variable, frozen=True, extra="ignore")

    bucket: str = Field(min_length=1, description="document bucket")
    artifacts_bucket: str = Field("", description="private bucket for pages, vectors and OCR input")
    table: str = Field(min_length=1, description="manifest table")
    answers_table: str = Field("", description="table of sessions; blank: none are kept")
    queue_url: str = Field("", description="queue of hints for the ingest function")
    questions_queue_url: str = Field(
        "", description="queue of questions that are answered later; blank: none are taken"
    )
    question_hours: Annotated[int, Field(ge=1, le=720)] = Field(
        24, description="hours that a queued question and its answer are kept"
    )
    callback_hosts: str = Field(
        "",
        description="hosts that may be called back, `HOST` or `HOST:PORT`, separated by commas; "
        "blank: none",
    )
    callback_secret_arn: str = Field(
        "", description='secret with the `{"key": ...}` that callbacks are signed with'
    )
    cache: str = Field(
        "",
        description="where replies are kept by their prompts: `dynamodb` (the answers table), "
        "`rediss://HOST:6379`, `redis://…`; blank: nowhere",
    )
    cache_hours: Annotated[int, Field(ge=1, le=720)] = Field(
        24, description="hours that a reply is kept"
    )
    cache_secret_arn: str = Field(
        "", description='secret with Redis\'s `{"username": ..., "password": ...}`'
    )
    ocr_topic_arn: str = Field("", description="topic that Textract reports to")
    ocr_role_arn: str = Field("", description="role that Textract assumes to report")
    store: str = Field(
        min_length=1, description="vector store as a URL, `qdrant+https://host:6333/collection`"
    )
    store_secret_arn: str = Field("", description='secret with the store\'s `{"api_key": ...}`')
    store_auth: Literal["key", "iam"] = Field(
        "key", description="`key`: the store's API key alone; `iam`: also signed for API Gateway"
    )
    embedder: str = Field(
        "amazon.titan-embed-text-v2:0",
        description="embedding model: an id, or `ID/DIMENSIONS` for fewer than its own",
    )
    chat_model: str = Field(
        "us.amazon.nova-lite-v1:0",
        description="chat model that answers by default: Bedrock id, `ID=ARN`, or `NAME@URL`",
    )
    chat_models: str = Field(
        "", description="chat models that a request may name as well, separated by commas"
    )
    chat_secret_arn: str = Field(
        "", description='secret with the keys of OpenAI-compatible servers, `{"HOST": "KEY"}`'
    )
    guardrail_id: str = Field(
        "", description="Bedrock guardrail for every question and answer, by id or ARN"
    )
    guardrail_version: str = Field("DRAFT", description="its version: a number, or `DRAFT`")
    langfuse_secret_arn: str = Field(
        "", description='secret with `{"public_key": ..., "secret_key": ...}`; blank: no tracing'
    )
    langfuse_url: str = Field("", description="Langfuse host; blank: Langfuse Cloud")
    trace_text: Literal["masked", "full"] = Field(
        "masked",
        description="texts, keys and callers in traces: `masked`: length and hash; `full`: as is",
    )
    langfuse_prompts: str = Field(
        "",
        description="label of the prompts that Langfuse manages, `production`; blank: our own",
    )
    tenants: Tenants = Field(
        "single",
        description="`single`: all keys are of one tenant; `prefix`: a key is of the tenant that "
        "its first segment names",
    )
    groups_label: str = Field(
        "",
        pattern=r"^([a-z0-9][a-z0-9._-]{0,127})?$",
        description="tag or metadata that names the groups who may see a document; blank: all may",
    )
    metrics: Literal["off", "emf", "prometheus"] = Field(
        "off",
        description="`emf`: lines for CloudWatch on standard output; `prometheus`: `GET /metrics`",
    )
    metrics_namespace: Annotated[str, Field(min_length=1, max_length=255)] = Field(
        "Askbucket", description="CloudWatch namespace of the metrics"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least level that is logged; keys and texts only in `debug`"
    )
    auth: Literal["iam", "jwt", "api_key", "none"] = Field(
        "iam",
        description="how the gateway knows callers: `iam`, `jwt`, `api_key`; "
        "`none`: no gateway, only loopback is served",
    )
    tenant_claim: str = Field("custom:tenant", description="claim of a token that names a tenant")
    groups_claim: str = Field("cognito:groups", description="claim of a token that names groups")
    caller_per_minute: Annotated[int, Field(ge=0)] = Field(
        120, description="requests of one caller, counted in the answers table; 0: any number"
    )
    cors_origins: str = Field(
        "", description="web pages that may call, by origin, with commas; blank: none"
    )
    dense_weight: Annotated[float, Field(ge=0, le=1)] = Field(
        0.65, description="share of the dense score in the fused score; the rest is sparse"
    )
    foreign_dense_weight: Annotated[float, Field(ge=0, le=1)] = Field(
        0.25,
        description="the same for a question that is not English, where the embedder knows English "
        "only",
    )
    candidates: Annotated[int, Field(ge=1, le=500)] = Field(
        50, description="hits taken from each of the dense and the sparse list"
    )
    reranker: str = Field(
        "", description="Bedrock model id that reranks hits, `amazon.rerank-v1:0`; blank: none"
    )
    rerank_candidates: Annotated[int, Field(ge=1, le=1000)] = Field(
        50, description="most hits that the reranker reads"
    )
    top_k: Annotated[int, Field(ge=1, le=20)] = Field(5, description="chunks per answer by default")
    context_tokens: Annotated[int, Field(ge=100)] = Field(
        6000, description="most tokens of source text in a prompt"
    )
    max_output_tokens: Annotated[int, Field(ge=16)] = Field(
        800, description="most tokens of an answer"
    )
    max_question_chars: Annotated[int, Field(ge=1)] = Field(
        2000, description="longest question, in characters"
    )
    session_hours: Annotated[int, Field(ge=1, le=8760)] = Field(
        24, description="hours that a session lives after its last turn"
    )
    summary_chunks: Annotated[int, Field(ge=1, le=5000)] = Field(
        1000, description="most chunks that one summary covers"
    )
    summary_seconds: Annotated[float, Field(gt=0, le=280)] = Field(
        18, description="seconds for the parts of a summary; the rest is left to a repeat"
    )
    max_file_bytes: Annotated[int, Field(ge=1)] = Field(
        100 * MIB, description="largest file that is indexed, in bytes"
    )
    max_pages: Annotated[int, Field(ge=1)] = Field(
        3000, description="most pages of a document that is indexed"
    )
    reader_memory_mib: Annotated[int, Field(ge=256)] = Field(
        1024, description="most memory of a process that reads a file, in MiB of address space"
    )
    reader_open_seconds: Annotated[int, Field(ge=1)] = Field(
        60, description="most seconds of work on opening a file"
    )
    reader_page_seconds: Annotated[int, Field(ge=1)] = Field(
        20, description="most seconds of work on one page; over it, the page is lost alone"
    )
    chunk_chars: Annotated[int, Field(ge=100)] = Field(
        1000, description="target chunk size, in characters; figures and signs count three times"
    )
    chunk_overlap_chars: Annotated[int, Field(ge=0)] = Field(
        0, description="most characters shared by neighbouring chunks, in whole sentences"
    )
    embed_parallel: Annotated[int, Field(ge=1, le=64)] = Field(
        4, description="embedding calls at a time in one function"
    )
    ocr_wait_minutes: Annotated[int, Field(ge=1)] = Field(
        30, description="minutes after which an unanswered OCR job is looked at again"
    )
    ocr_features: str = Field(
        "",
        description="what OCR looks for beside text, by key prefix, the longest wins: "
        "`invoices/=tables,forms;contracts/=layout;=none`",
    )

    @property
    def origins(self) -> list[str]:
        """Those of `cors_origins`."""
        return [origin.strip() for origin in self.cors_origins.split(",") if origin.strip()]

    @field_validator("cors_origins")
    @classmethod
    def _origins_are_named(cls, value: str) -> str:
        if "*" in value:
            raise ValueError("name each origin; * would let every web page call")
        return value

    @field_validator("ocr_features")
    @classmethod
    def _features_are_known(cls, value: str) -> str:
        FeatureRules.of(value)
        return value

    @field_validator("cache")
    @classmethod
    def _cache_is_known(cls, value: str) -> str:
        if value not in ("", "dynamodb") and not value.startswith(("redis://", "rediss://")):
            raise ValueError(
                f"ASKBUCKET_CACHE is {value!r}; it must be blank, dynamodb or a redis URL"
            )
        return value

    @model_validator(mode="after")
    def _chat_models_are_known(self) -> Self:
        unguarded = [m for m in chat_models(self.chat_model, self.chat_models).values() if m.server]
        if self.guardrail_id and unguarded:
            raise ValueError(
                f"ASKBUCKET_GUARDRAIL_ID is set, and {unguarded[0].name} is no Bedrock model, "
                "which it could guard; give up one of the two"
            )
        return self

    @model_validator(mode="after")
    def _overlap_is_smaller(self) -> Self:
        if self.chunk_overlap_chars >= self.chunk_chars:
            raise ValueError(
                f"ASKBUCKET_CHUNK_OVERLAP_CHARS is {self.chunk_overlap_chars}; it must be smaller "
                f"than ASKBUCKET_CHUNK_CHARS, which is {self.chunk_chars}"
            )
        return self
