"""The only module that chooses implementations. Everything is made when first asked for, once."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from askbucket.artifacts import Artifacts
from askbucket.bucket import Bucket
from askbucket.clock import now_ms
from askbucket.embedders import EMBEDDERS, BedrockEmbedder, EmbedderSpec, TokenCount
from askbucket.errors import Forbidden, NotFound, TryAgain, UnknownModel
from askbucket.log import event as log
from askbucket.manifest import Manifest
from askbucket.metrics import UNCOUNTED, Metrics
from askbucket.model_ids import ChatModel, chat_models
from askbucket.ownership import Ownership
from askbucket.s3 import S3
from askbucket.settings import Settings
from askbucket.stores.port import VectorStore
from askbucket.tracing import Tracer, Untraced

if TYPE_CHECKING:
    from askbucket.answer.answering import Answering
    from askbucket.answer.cache import Cache, Replies
    from askbucket.answer.chat import Chat
    from askbucket.answer.conversing import Conversing
    from askbucket.answer.prompts import Prompts
    from askbucket.answer.question import Answerer, Question
    from askbucket.answer.queued.callbacks import Callbacks
    from askbucket.answer.queued.questions import Questions, Ticket
    from askbucket.answer.rerank import Reranker
    from askbucket.answer.retrieval import Retriever
    from askbucket.answer.rewriting import Rewriting
    from askbucket.answer.sessions import Sessions
    from askbucket.answer.summary.summarising import Summarising
    from askbucket.call_limit import CallLimit
    from askbucket.callers import Callers
    from askbucket.ingest.limits import Limits
    from askbucket.ingest.recipe import Recipe
    from askbucket.ingest.sweep import Sweep
    from askbucket.ingest.sync import Opener, Sync
    from askbucket.prometheus import PrometheusMetrics
    from askbucket.stores.signing import Signed

BEDROCK_CONNECTIONS = 64
CACHE_SECONDS = 0.5  # for DynamoDB to connect, and to answer, before a kept reply is given up


@cache
def settings() -> Settings:
    """Read from the environment once. Raises pydantic.ValidationError naming what is wrong."""
    return Settings()


@cache
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


@cache
def manifest() -> Manifest:
    return Manifest(boto3.resource("dynamodb").Table(settings().table))


@cache
def bucket() -> Bucket:
    return Bucket(S3(client("s3"), settings().bucket))


@cache
def artifacts() -> Artifacts:
    return Artifacts(S3(client("s3"), settings().artifacts_bucket))


@cache
def embedder() -> BedrockEmbedder:
    runtime, of = client("bedrock-runtime"), settings()
    return BedrockEmbedder(runtime, embedder_spec(of), of.embed_parallel, TokenCount.of(runtime))


def embedder_spec(of: Settings) -> EmbedderSpec:
    """Raises ValueError naming the models there are."""
    if of.embedder not in EMBEDDERS:
        raise ValueError(
            f"ASKBUCKET_EMBEDDER is {of.embedder!r}; known models: {', '.join(EMBEDDERS)}"
        )
    return EMBEDDERS[of.embedder]


@cache
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
    secret = _secret(settings().store_secret_arn)
    spec = embedder_spec(settings())
    client = connect(address, secret.get("api_key"), auth=_signed())
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


@cache
def tracer() -> Tracer:
    """Langfuse where its secret holds keys; else nothing at all, not even its import.

    A secret that cannot be read is no reason not to answer.
    """
    keys = _langfuse_keys()
    if not keys:
        return Untraced()
    from askbucket.langfuse_tracer import langfuse_tracer

    of = settings()
    return langfuse_tracer(keys, of.langfuse_url, masked=of.trace_text == "masked")


@cache
def metrics() -> Metrics:
    """Where the settings say; off, nothing is imported or kept."""
    match settings().metrics:
        case "emf":
            from askbucket.emf import EmbeddedMetrics

            return EmbeddedMetrics(settings().metrics_namespace)
        case "prometheus":
            return prometheus()
    return UNCOUNTED


@cache
def prometheus() -> PrometheusMetrics:
    """What `GET /metrics` shows."""
    from askbucket.prometheus import PrometheusMetrics

    return PrometheusMetrics(lambda: manifest().every(settings().bucket))


@cache
def prompts() -> Prompts:
    """Our own, or Langfuse's where a label is set and tracing is on."""
    from askbucket.answer.prompts import as_written

    label, keys = settings().langfuse_prompts, _langfuse_keys()
    if not label or not keys:
        return as_written
    from askbucket.answer.every_prompt import PROMPTS
    from askbucket.langfuse_prompts import LangfusePrompts
    from askbucket.langfuse_tracer import langfuse_client

    return LangfusePrompts(langfuse_client(keys, settings().langfuse_url), label, PROMPTS)


@cache
def _langfuse_keys() -> dict[str, str]:
    """Empty where tracing is off."""
    try:
        keys = _secret(settings().langfuse_secret_arn)
    except TryAgain as error:
        log("tracing_off", level="warning", error=str(error))
        return {}
    return keys if keys.get("public_key") and keys.get("secret_key") else {}


@cache
def sync() -> Sync:
    from askbucket.ingest.chunking import Chunker
    from askbucket.ingest.features import FeatureRules
    from askbucket.ingest.ocr import Textract
    from askbucket.ingest.recognition import Recognition
    from askbucket.ingest.sync import Sync

    of = settings()
    textract = Textract(client("textract"), of.ocr_topic_arn, of.ocr_role_arn)
    return Sync(
        bucket=bucket(),
        manifest=manifest(),
        artifacts=artifacts(),
        store=store(),
        embedder=embedder(),
        recognition=Recognition(
            textract, manifest(), of.artifacts_bucket, of.ocr_wait_minutes * 60_000, now_ms
        ),
        opener=_reader(of),
        chunker=Chunker(of.chunk_chars, of.chunk_overlap_chars),
        limits=limits(),
        clock=now_ms,
        features=FeatureRules.of(of.ocr_features),
        tracer=tracer(),
        ownership=ownership(),
        metrics=metrics(),
    )


def _reader(of: Settings) -> Opener:
    from askbucket.ingest.readers.reader import Reader, cores, seen_of
    from askbucket.ingest.readers.reader_process import ReaderLimits

    limits = ReaderLimits(of.reader_memory_mib, of.reader_open_seconds, of.reader_page_seconds)
    return Reader(limits, seen_of(os.environ), cores())


@cache
def sweep() -> Sweep:
    from askbucket.ingest.sweep import Sweep

    return Sweep(bucket(), manifest(), store(), recipe(), limits(), send_hints)


@cache
def call_limit() -> CallLimit | None:
    """None where the gateway counts, by usage plan, or where there is no table to count in."""
    from askbucket.call_limit import CallLimit

    of = settings()
    if not of.answers_table or not of.caller_per_minute:
        return None
    table = boto3.resource("dynamodb").Table(of.answers_table)
    return CallLimit(table, of.caller_per_minute, now_ms)


def limits() -> Limits:
    from askbucket.ingest.limits import Limits

    return Limits(settings().max_file_bytes, settings().max_pages)


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


@cache
def answers() -> Any:
    """The answers table; everything of a tenant is found by its index."""
    return boto3.resource("dynamodb").Table(settings().answers_table)


@cache
def callers() -> Callers:
    """Raises Forbidden where no table is set to know callers by."""
    from askbucket.callers import Callers

    if not settings().answers_table:
        raise Forbidden("no caller is known here: ASKBUCKET_ANSWERS_TABLE is not set")
    return Callers(answers())


@cache
def retriever() -> Retriever:
    from askbucket.answer.question_embedder import TracedEmbedder
    from askbucket.answer.retrieval import Retriever
    from askbucket.answer.visibility import VisibleSearch

    return Retriever(
        search=VisibleSearch(store(), manifest(), now_ms),
        manifest=manifest(),
        embedder=TracedEmbedder(embedder(), tracer()),
        bucket=settings().bucket,
        dense_weight=settings().dense_weight,
        foreign_dense_weight=settings().foreign_dense_weight,
        candidates=settings().candidates,
        ownership=ownership(),
    )


@cache
def answering(model: str | None = None) -> Answering:
    """Answers by the chat model of this name, or the default one. Raises UnknownModel."""
    from askbucket.answer.answering import Answering
    from askbucket.answer.gauged import GaugedChat, GaugedRetriever
    from askbucket.answer.sourcing import Sourcing

    sourcing = Sourcing(GaugedRetriever(retriever(), metrics()), tracer(), reranker())
    gauged = GaugedChat(chat(model), metrics())
    tokens = settings().context_tokens
    return Answering(sourcing, gauged, tracer(), tokens, prompts(), replies(model))


def replies(model: str | None = None) -> Replies | None:
    """The kept replies of the chat model of this name; None where none are kept.

    A guardrail's draft may change from one question to the next, so nothing is kept of it.
    """
    from askbucket.answer.cache import Replies

    of, kept = settings(), cache_of_replies()
    if kept is None or (of.guardrail_id and of.guardrail_version == "DRAFT"):
        return None
    made_by = [astuple(allowed_model(model)), of.max_output_tokens]
    return Replies(kept, json.dumps([*made_by, of.guardrail_id, of.guardrail_version]))


@cache
def cache_of_replies() -> Cache | None:
    """What the settings name; not even its import where that is nothing."""
    of = settings()
    if not of.cache:
        return None
    if of.cache == "dynamodb":
        return _dynamodb_cache(of)
    from askbucket.answer.caches.redis import RedisCache, connected

    secret = _cache_secret(of)
    if secret is None:
        return None
    client = connected(of.cache, secret.get("username"), secret.get("password"))
    return RedisCache(client, of.cache_hours)


def _cache_secret(of: Settings) -> dict[str, str] | None:
    """None where it cannot be read, which is no reason not to answer."""
    try:
        return _secret(of.cache_secret_arn)
    except TryAgain as error:
        log("cache_off", error=str(error))
        return None


def _dynamodb_cache(of: Settings) -> Cache | None:
    """With a client of its own, which asks once and waits briefly."""
    from askbucket.answer.caches.dynamodb import DynamoDbCache
    from askbucket.answer.records import Records

    if not of.answers_table:
        return None
    brief = Config(
        connect_timeout=CACHE_SECONDS,
        read_timeout=CACHE_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
    )
    table = boto3.resource("dynamodb", config=brief).Table(of.answers_table)
    return DynamoDbCache(Records(table, now_ms), of.cache_hours)


@cache
def chat(model: str | None = None) -> Chat:
    """The chat model of this name, or the default one. Raises UnknownModel."""
    chosen = allowed_model(model)
    return _server_chat(chosen) if chosen.server else _bedrock_chat(chosen)


def allowed_model(name: str | None = None) -> ChatModel:
    """The chat model a request may choose, or the default. Raises UnknownModel naming them all."""
    allowed = chat_models(settings().chat_model, settings().chat_models)
    chosen = allowed.get(name or next(iter(allowed)))
    if chosen is None:
        raise UnknownModel(f"the model {name!r} is none of those allowed: {', '.join(allowed)}")
    return chosen


def _bedrock_chat(model: ChatModel) -> Chat:
    from askbucket.answer.bedrock_chat import BedrockChat
    from askbucket.answer.guardrail import Guardrail

    of = settings()
    guardrail = Guardrail(of.guardrail_id, of.guardrail_version) if of.guardrail_id else None
    return BedrockChat(client("bedrock-runtime"), model, of.max_output_tokens, guardrail)


def _server_chat(model: ChatModel) -> Chat:
    """A server's key is sent to that server only, and never unencrypted."""
    from askbucket.answer.server_chat import ServerChat

    of, server = settings(), urlsplit(model.server)
    key = _secret(of.chat_secret_arn).get(server.hostname or "")
    return ServerChat(model, of.max_output_tokens, key if server.scheme == "https" else None)


def reranker() -> Reranker | None:
    """The model named by the settings; not even its import where none is."""
    of = settings()
    if not of.reranker:
        return None
    from askbucket.answer.bedrock_rerank import BedrockReranker

    return BedrockReranker(client("bedrock-agent-runtime"), of.reranker, of.rerank_candidates)


def answerer(question: Question) -> Answerer:
    """What answers this question: within its session, where sessions are kept."""
    from askbucket.answer.gauged import Gauged

    base: Answerer = _by_mode(question)
    if question.session_id is not None and settings().answers_table:
        base = _conversing(base, question.model)
    return Gauged(base, metrics())


def _by_mode(question: Question) -> Answerer:
    chosen = summarising if question.mode == "summary" else answering
    return chosen(question.model)


def _conversing(answerer: Answerer, model: str | None) -> Conversing:
    from askbucket.answer.conversing import Conversing

    return Conversing(
        answerer,
        sessions(),
        rewriting(model),
        manifest=manifest(),
        tracer=tracer(),
        clock=now_ms,
        ownership=ownership(),
    )


@cache
def summarising(model: str | None = None) -> Summarising:
    """Summarises by the chat model of this name, or the default one. Raises UnknownModel."""
    from askbucket.answer.summary.reducing import Reducing
    from askbucket.answer.summary.scope import WholeScope
    from askbucket.answer.summary.stored import GroupSummaries
    from askbucket.answer.summary.summarising import Summarising

    of = settings()
    return Summarising(
        retriever(),
        WholeScope(store(), manifest(), of.summary_chunks),
        GroupSummaries(chat(model), artifacts(), manifest(), tracer(), prompts()),
        Reducing(chat(model), tracer(), of.context_tokens, prompts()),
        tracer=tracer(),
        seconds=of.summary_seconds,
        ownership=ownership(),
    )


@cache
def rewriting(model: str | None = None) -> Rewriting:
    """Rewrites by the chat model of this name, or the default one. Raises UnknownModel."""
    from askbucket.answer.rewriting import Rewriting

    return Rewriting(chat(model), tracer(), prompts())


@cache
def sessions() -> Sessions:
    """Raises NotFound where no table is set to keep them in."""
    from askbucket.answer.records import Records
    from askbucket.answer.sessions import Sessions

    of = settings()
    if not of.answers_table:
        raise NotFound("no sessions are kept here: ASKBUCKET_ANSWERS_TABLE is not set")
    table = boto3.resource("dynamodb").Table(of.answers_table)
    return Sessions(Records(table, now_ms), of.session_hours)


@cache
def questions() -> Questions:
    """Raises NotFound where none are taken."""
    from askbucket.answer.queued.questions import Questions
    from askbucket.answer.records import Records

    of = settings()
    if not of.answers_table or not of.questions_queue_url:
        raise NotFound("no questions are queued here: ASKBUCKET_QUESTIONS_QUEUE_URL is not set")
    records = Records(boto3.resource("dynamodb").Table(of.answers_table), now_ms)
    return Questions(records, _send_ticket, hours=of.question_hours, clock=now_ms)


@cache
def callbacks() -> Callbacks:
    from askbucket.answer.queued.callbacks import Callbacks

    of = settings()
    hosts = [host.strip() for host in of.callback_hosts.split(",") if host.strip()]
    return Callbacks(hosts, lambda: _secret(of.callback_secret_arn).get("key", ""), now_ms)


def _send_ticket(ticket: Ticket, seconds: int) -> None:
    try:
        client("sqs").send_message(
            QueueUrl=settings().questions_queue_url,
            MessageBody=json.dumps(asdict(ticket)),
            DelaySeconds=seconds,
        )
    except (ClientError, BotoCoreError) as error:
        raise TryAgain(f"the queue of questions cannot be reached: {error}") from error


def send_hints(keys: Sequence[str]) -> None:
    """Asks the ingest function to look at the keys again. Raises TryAgain where SQS refuses."""
    from askbucket.ingest import hint_queue

    hint_queue.send(client("sqs"), settings().queue_url, settings().bucket, keys)


def forget() -> None:
    """Everything is made anew when it is next asked for, by the settings and keys of then."""
    boto3.DEFAULT_SESSION = None
    for part in list(globals().values()):
        if hasattr(part, "cache_clear"):
            part.cache_clear()


def _secret(arn: str) -> dict[str, str]:
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
