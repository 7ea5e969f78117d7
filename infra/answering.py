"""What a function needs to answer questions: at once, as a stream, or from the queue."""

from aws_cdk import Stack

from infra.config import Config
from infra.guardrail import allow_guardrail, guardrail_environment
from infra.manifest_table import BY_KEY
from infra.models import chat_model_arns, model_arns
from infra.python_function import PythonFunction
from infra.shared import Shared


def answering_environment(shared: Shared) -> dict[str, str]:
    """The variables of every function that answers."""
    config, keys = shared.config, shared.keys
    by_key = config.auth == "api_key"
    return {
        **shared.storage.environment,
        "ASKBUCKET_ANSWERS_TABLE": shared.storage.answers.table_name,
        "ASKBUCKET_STORE": config.store,
        "ASKBUCKET_STORE_SECRET_ARN": keys.store.secret_arn,
        **config.recipe_environment,
        "ASKBUCKET_CHAT_MODEL": config.chat_model,
        "ASKBUCKET_CHAT_MODELS": config.chat_models,
        **({"ASKBUCKET_CHAT_SECRET_ARN": keys.chat.secret_arn} if keys.chat else {}),
        **guardrail_environment(config),
        **shared.tracing_environment,
        **shared.metrics_environment,
        "ASKBUCKET_LANGFUSE_PROMPTS": config.langfuse_prompts,
        "ASKBUCKET_RERANKER": config.reranker,
        "ASKBUCKET_AUTH": config.auth,
        "ASKBUCKET_TENANT_CLAIM": config.tenant_claim,
        "ASKBUCKET_GROUPS_CLAIM": config.groups_claim,
        # A key's requests are counted by its usage plan.
        "ASKBUCKET_CALLER_PER_MINUTE": str(0 if by_key else config.caller_per_minute),
        "ASKBUCKET_CORS_ORIGINS": ",".join(config.origins),
        **_cache_environment(config),
    }


def _cache_environment(config: Config) -> dict[str, str]:
    kept = "" if config.cache == "off" else config.cache
    secret = {"ASKBUCKET_CACHE_SECRET_ARN": config.cache_secret} if config.cache_secret else {}
    return {"ASKBUCKET_CACHE": kept, **secret}


def allow_documents(made: PythonFunction, shared: Shared) -> None:
    """What the routes of documents take: put and delete are for uploads and removals over HTTP.

    None of it is for answering, which reads what was indexed.
    """
    bucket = shared.storage.documents
    made.allow(
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:PutObject",
        "s3:DeleteObject",
        on=[bucket.arn_for_objects("*")],
    )


def allow_answering(made: PythonFunction, shared: Shared) -> None:
    """What every function takes that answers."""
    stack, config, storage, keys = Stack.of(made), shared.config, shared.storage, shared.keys
    table = storage.manifest.table_arn
    chat = chat_model_arns(stack, config.every_chat_model)
    # ListBucket makes a missing key a 404 instead of a 403.
    made.allow("s3:ListBucket", on=[storage.artifacts.bucket_arn])
    # Summaries are kept there, and removed where their document has changed meanwhile.
    made.allow(
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        on=[storage.artifacts.arn_for_objects("*")],
    )
    made.allow("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", on=[table])
    made.allow("dynamodb:Query", on=[f"{table}/index/{BY_KEY}"])
    made.allow(
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        on=[storage.answers.table_arn],
    )
    reranker = model_arns(stack, config.reranker) if config.reranker else []
    embedder = model_arns(stack, config.embedder_id)
    made.allow("bedrock:InvokeModel", on=[*embedder, *chat, *reranker])
    if reranker:
        made.allow("bedrock:Rerank", on=["*"])
    if chat:
        made.allow("bedrock:InvokeModelWithResponseStream", on=chat)
    allow_guardrail(made, config)
    secrets = [config.cache_secret] if config.cache_secret else []
    made.allow(
        "secretsmanager:GetSecretValue", on=[*(key.secret_arn for key in keys.all), *secrets]
    )
