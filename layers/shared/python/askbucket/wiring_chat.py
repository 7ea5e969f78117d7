"""The chat models, their prompts, and what is kept of their replies."""

from __future__ import annotations

import json
from dataclasses import astuple
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from askbucket import wiring
from askbucket.clock import now_ms
from askbucket.errors import TryAgain, UnknownModel
from askbucket.log import event as log
from askbucket.model_ids import ChatModel, chat_models
from askbucket.once import once

if TYPE_CHECKING:
    from askbucket.answer.cache import Cache, Replies
    from askbucket.answer.caches.redis import RedisReplies
    from askbucket.answer.chat import Chat
    from askbucket.answer.prompts import Prompts
    from askbucket.answer.tenant_records import TenantRecords
    from askbucket.settings import Settings

CACHE_SECONDS = 0.5  # for DynamoDB to connect, and to answer, before a kept reply is given up


@once
def chat(model: str | None = None) -> Chat:
    """The chat model of this name, or the default one. Raises UnknownModel."""
    chosen = allowed_model(model)
    return _server_chat(chosen) if chosen.server else _bedrock_chat(chosen)


def allowed_model(name: str | None = None) -> ChatModel:
    """The chat model a request may choose, or the default. Raises UnknownModel naming them all."""
    allowed = chat_models(wiring.settings().chat_model, wiring.settings().chat_models)
    chosen = allowed.get(name or next(iter(allowed)))
    if chosen is None:
        raise UnknownModel(f"the model {name!r} is none of those allowed: {', '.join(allowed)}")
    return chosen


def _bedrock_chat(model: ChatModel) -> Chat:
    from askbucket.answer.bedrock_chat import BedrockChat
    from askbucket.answer.guardrail import Guardrail

    of = wiring.settings()
    guardrail = Guardrail(of.guardrail_id, of.guardrail_version) if of.guardrail_id else None
    return BedrockChat(wiring.client("bedrock-runtime"), model, of.max_output_tokens, guardrail)


def _server_chat(model: ChatModel) -> Chat:
    """A server's key is sent to that server only, and never unencrypted."""
    from askbucket.answer.server_chat import ServerChat

    of, server = wiring.settings(), urlsplit(model.server)
    key = wiring.secret(of.chat_secret_arn).get(server.hostname or "")
    return ServerChat(model, of.max_output_tokens, key if server.scheme == "https" else None)


@once
def prompts() -> Prompts:
    """Our own, or Langfuse's where a label is set and tracing is on."""
    from askbucket.answer.prompts import as_written

    label, keys = wiring.settings().langfuse_prompts, wiring.langfuse_keys()
    if not label or not keys:
        return as_written
    from askbucket.answer.every_prompt import PROMPTS
    from askbucket.langfuse_prompts import LangfusePrompts
    from askbucket.langfuse_tracer import langfuse_client

    return LangfusePrompts(langfuse_client(keys, wiring.settings().langfuse_url), label, PROMPTS)


def replies(model: str | None = None) -> Replies | None:
    """The kept replies of the chat model of this name; None where none are kept.

    A guardrail's draft may change from one question to the next, so nothing is kept of it.
    """
    from askbucket.answer.cache import Replies

    of, kept = wiring.settings(), cache_of_replies()
    if kept is None or (of.guardrail_id and of.guardrail_version == "DRAFT"):
        return None
    made_by = [astuple(allowed_model(model)), of.max_output_tokens]
    return Replies(kept, json.dumps([*made_by, of.guardrail_id, of.guardrail_version]))


@once
def cache_of_replies() -> Cache | None:
    """What the settings name; not even its import where that is nothing."""
    of = wiring.settings()
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


def kept_of_tenants() -> list[TenantRecords | RedisReplies]:
    """Every place where answering keeps something of tenants."""
    from askbucket.answer.records import Records
    from askbucket.answer.tenant_records import TenantRecords

    of, records = wiring.settings(), TenantRecords(Records(wiring.answers(), now_ms))
    if of.cache in ("", "dynamodb"):
        return [records]
    from askbucket.answer.caches.redis import PATIENT_SECONDS, RedisReplies, connected

    secret = wiring.secret(of.cache_secret_arn)
    named = secret.get("username"), secret.get("password")
    return [records, RedisReplies(connected(of.cache, *named, wait_seconds=PATIENT_SECONDS))]


def _cache_secret(of: Settings) -> dict[str, str] | None:
    """None where it cannot be read, which is no reason not to answer."""
    try:
        return wiring.secret(of.cache_secret_arn)
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
