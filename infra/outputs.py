"""What the stack tells of itself whatever is chosen: names and addresses, by their outputs."""

from infra.gauges import Watched
from infra.shared import Shared


def outputs_of(shared: Shared, watched: Watched) -> dict[str, str]:
    """What `askbucket`, tests and people find the stack's parts by."""
    storage, keys = shared.storage, shared.keys
    documents, completions, questions = (
        watched.queues[name] for name in ("Documents", "Completions", "Questions")
    )
    dead_letters = (documents.dead_letters.queue_url, completions.dead_letters.queue_url)
    return {
        "BucketName": storage.documents.bucket_name,
        "ApiUrl": watched.api.url,
        "QueueUrl": documents.queue.queue_url,
        "CompletionsQueueUrl": completions.queue.queue_url,
        "DeadLetterQueueUrls": ",".join(dead_letters),
        "QuestionsQueueUrl": questions.queue.queue_url,
        "QuestionsDeadLetterQueueUrl": questions.dead_letters.queue_url,
        "TableName": storage.manifest.table_name,
        "AnswersTableName": storage.answers.table_name,
        "ArtifactsBucketName": storage.artifacts.bucket_name,
        "StoreSecretArn": keys.store.secret_arn,
        "LangfuseSecretArn": keys.langfuse.secret_arn,
        **({"ChatSecretArn": keys.chat.secret_arn} if keys.chat else {}),
        **{
            f"{side}Function": watched.functions[side].function_name
            for side in ("Ingest", "Query", "Sweep")
        },
    }
