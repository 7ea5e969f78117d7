"""What the template promises about the five functions and what each may do."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.infra.reading import actions, functions, listed, resources, statements, text

Synthesise = Callable[..., dict[str, Any]]
ROOT = Path(__file__).parents[2]
Template = dict[str, Any]
EVERY = {
    "ASKBUCKET_BUCKET",
    "ASKBUCKET_ARTIFACTS_BUCKET",
    "ASKBUCKET_TABLE",
    "ASKBUCKET_LOG_LEVEL",
    "LANGSMITH_TRACING",
}
RECIPE = {
    "ASKBUCKET_EMBEDDER",
    "ASKBUCKET_CHUNK_CHARS",
    "ASKBUCKET_CHUNK_OVERLAP_CHARS",
    "ASKBUCKET_OCR_FEATURES",
    "ASKBUCKET_TENANTS",
    "ASKBUCKET_GROUPS_LABEL",
}
STORE = {"ASKBUCKET_STORE", "ASKBUCKET_STORE_SECRET_ARN"} | RECIPE
TRACES = {
    "ASKBUCKET_LANGFUSE_SECRET_ARN",
    "ASKBUCKET_LANGFUSE_URL",
    "ASKBUCKET_TRACE_TEXT",
    "ASKBUCKET_METRICS",
    "ASKBUCKET_METRICS_NAMESPACE",
}
MODEL = {
    "ASKBUCKET_CHAT_MODEL",
    "ASKBUCKET_CHAT_MODELS",
    "ASKBUCKET_RERANKER",
    "ASKBUCKET_LANGFUSE_PROMPTS",
}
DOOR = {"ASKBUCKET_AUTH", "ASKBUCKET_TENANT_CLAIM", "ASKBUCKET_GROUPS_CLAIM"}
DOOR |= {"ASKBUCKET_CALLER_PER_MINUTE", "ASKBUCKET_CORS_ORIGINS"}
KEPT = {"ASKBUCKET_ANSWERS_TABLE", "ASKBUCKET_CACHE"}
ANSWERS = EVERY | STORE | TRACES | MODEL | DOOR | KEPT
TICKETS = {"ASKBUCKET_QUESTIONS_QUEUE_URL"}
ADAPTER = {"AWS_LAMBDA_EXEC_WRAPPER", "AWS_LWA_INVOKE_MODE"}
OCR = {"ASKBUCKET_OCR_TOPIC_ARN", "ASKBUCKET_OCR_ROLE_ARN"}

LOG_GROUP = "AWS::Logs::LogGroup"
MAPPING = "AWS::Lambda::EventSourceMapping"
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
RECEIVING = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
}
ANSWERING = LOGS | {
    "s3:ListBucket",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:DeleteObject",
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
    "secretsmanager:GetSecretValue",
}


@pytest.mark.parametrize(
    ("name", "handler", "timeout_s", "memory_mb"),
    [
        ("Ingest", "lambdas.ingest.handler.handler", 300, 1769),
        ("Question", "lambdas.answer.handler.handler", 300, 1769),
        ("Query", "lambdas.query.handler.handler", 28, 1769),
        ("Stream", "lambdas/query/run.sh", 120, 1769),
        ("Sweep", "lambdas.sweep.handler.handler", 300, 1024),
    ],
)
def test_function_has_its_entry_point_and_limits(
    template: Template, name: str, handler: str, timeout_s: int, memory_mb: int
) -> None:
    function = functions(template)[name]
    assert (function["Handler"], function["Timeout"]) == (handler, timeout_s)
    assert (function["MemorySize"], function["Runtime"]) == (memory_mb, "python3.13")
    assert function["Architectures"] == ["arm64"]


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("Ingest", EVERY | STORE | TRACES | OCR | {"ASKBUCKET_QUEUE_URL"}),
        ("Question", ANSWERS | TICKETS | {"ASKBUCKET_SUMMARY_SECONDS"}),
        ("Query", ANSWERS | TICKETS),
        ("Stream", ANSWERS | ADAPTER),
        ("Sweep", EVERY | STORE | {"ASKBUCKET_QUEUE_URL"}),
    ],
)
def test_function_gets_only_the_variables_it_uses(
    template: Template, name: str, variables: set[str]
) -> None:
    assert set(functions(template)[name]["Environment"]["Variables"]) == variables


def test_choices_of_the_context_reach_the_functions(synthesise: Any) -> None:
    template = synthesise(store="qdrant+https://h:6333/c", embedder="a.b", chat_model="c.d")
    variables = functions(template)["Query"]["Environment"]["Variables"]
    assert variables["ASKBUCKET_STORE"] == "qdrant+https://h:6333/c"
    assert variables["ASKBUCKET_EMBEDDER"] == "a.b"
    assert variables["ASKBUCKET_CHAT_MODEL"] == "c.d"
    assert variables["ASKBUCKET_AUTH"] == "iam"


def test_all_functions_are_told_the_same_recipe(synthesise: Any) -> None:
    template = synthesise(
        embedder="a.b",
        chunk_chars="600",
        chunk_overlap_chars="60",
        ocr_features="b/=tables",
        tenants="prefix",
        groups_label="who",
    )
    for function in functions(template).values():
        variables = function["Environment"]["Variables"]
        assert [variables[name] for name in sorted(RECIPE)] == [
            "600",
            "60",
            "a.b",
            "who",
            "b/=tables",
            "prefix",
        ]


def test_only_ingest_and_answer_may_send_to_themselves(template: Template) -> None:
    loops = {name: f.get("RecursiveLoop") for name, f in functions(template).items()}
    assert {loops.pop("Ingest"), loops.pop("Question")} == {"Allow"}
    assert set(loops.values()) == {"Terminate"}


def test_each_function_has_its_own_log_group_kept_thirty_days(template: Template) -> None:
    groups = {f["LoggingConfig"]["LogGroup"]["Ref"] for f in functions(template).values()}
    kept = {g["Properties"]["RetentionInDays"] for g in resources(template, LOG_GROUP).values()}
    assert len(groups) == 5
    assert kept == {30}


def test_every_queue_feeds_its_function_one_message_at_a_time(template: Template) -> None:
    mappings = [r["Properties"] for r in resources(template, MAPPING).values()]
    assert len(mappings) == 3
    for mapping in mappings:
        assert mapping["BatchSize"] == 1
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"] == {"MaximumConcurrency": 10}


def test_sweep_runs_daily_and_looks_for_late_ocr_every_five_minutes(template: Template) -> None:
    rules = [r["Properties"] for r in resources(template, "AWS::Events::Rule").values()]
    scheduled = {
        r["ScheduleExpression"]: r["Targets"][0]["Input"]
        for r in rules
        if "ScheduleExpression" in r
    }
    assert scheduled == {
        "rate(1 day)": '{"task":"sweep"}',
        "rate(5 minutes)": '{"task":"due"}',
    }


def test_code_is_one_asset_with_only_the_handlers_in_it(template: Template) -> None:
    keys = {text(f["Code"]) for f in functions(template).values()}
    key = functions(template)["Ingest"]["Code"]["S3Key"]
    folder = Path(template["folder"]) / f"asset.{key.removesuffix('.zip')}"
    files = {p.relative_to(folder).parts[0] for p in folder.rglob("*") if p.is_file()}
    assert len(keys) == 1
    assert files == {"lambdas"}
    assert not list(folder.rglob("*.pyc"))


def test_layers_are_ours_and_one_of_pinned_packages_each(synthesise: Any) -> None:
    bundled = {n: len(f["Layers"]) for n, f in functions(synthesise()).items()}
    offline = {n: len(f["Layers"]) for n, f in functions(synthesise(layers="venv")).items()}
    assert bundled == {"Ingest": 2, "Sweep": 2, "Question": 2, "Query": 2, "Stream": 3}
    assert offline == {"Ingest": 1, "Sweep": 1, "Question": 1, "Query": 1, "Stream": 2}


def test_adapter_layer_follows_architecture_and_version(synthesise: Any) -> None:
    arm = text(functions(synthesise())["Stream"]["Layers"])
    intel = text(functions(synthesise(arch="x86_64", adapter_version="28"))["Stream"]["Layers"])
    assert ":753240598075:layer:LambdaAdapterLayerArm64:27" in arm
    assert ":753240598075:layer:LambdaAdapterLayerX86:28" in intel


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (
            "IngestSide",
            LOGS
            | {
                "s3:ListBucket",
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:GetObjectTagging",
                "s3:GetObjectVersionTagging",
                "s3:PutObject",
                "s3:DeleteObject",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "sqs:SendMessage",
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:GetQueueAttributes",
                "sqs:GetQueueUrl",
                "textract:StartDocumentTextDetection",
                "textract:GetDocumentTextDetection",
                "textract:StartDocumentAnalysis",
                "textract:GetDocumentAnalysis",
                "iam:PassRole",
                "bedrock:InvokeModel",
                "secretsmanager:GetSecretValue",
            },
        ),
        ("QuerySide", ANSWERING | {"sqs:SendMessage"}),
        ("QuestionSide", ANSWERING - {"s3:GetObjectVersion"} | {"sqs:SendMessage"} | RECEIVING),
        ("StreamSide", ANSWERING - {"s3:GetObjectVersion"}),
        (
            "SweepSide",
            LOGS
            | {
                "s3:ListBucket",
                "dynamodb:GetItem",
                "dynamodb:BatchGetItem",
                "dynamodb:PutItem",
                "dynamodb:DeleteItem",
                "dynamodb:Query",
                "sqs:SendMessage",
                "secretsmanager:GetSecretValue",
            },
        ),
    ],
)
def test_role_may_do_exactly_this(template: Template, role: str, allowed: set[str]) -> None:
    assert actions(template, role) == allowed


def test_no_action_is_a_wildcard_and_only_textract_takes_every_resource(template: Template) -> None:
    granted = list(statements(template))
    open_ended = [s for s in granted if "*" in listed(s["Resource"])]
    assert not [a for s in granted for a in listed(s["Action"]) if "*" in a]
    assert [s["Action"] for s in open_ended] == [
        [
            "textract:StartDocumentTextDetection",
            "textract:GetDocumentTextDetection",
            "textract:StartDocumentAnalysis",
            "textract:GetDocumentAnalysis",
        ]
    ]


def test_answering_never_writes_to_the_manifest(template: Template) -> None:
    for role in ("QuerySide", "StreamSide", "QuestionSide"):
        on_manifest = [s for s in statements(template, role) if "ManifestTable" in text(s)]
        assert {a for s in on_manifest for a in listed(s["Action"])} == {
            "dynamodb:GetItem",
            "dynamodb:BatchGetItem",
            "dynamodb:Query",
        }


def test_answering_alone_reaches_no_document_s_bytes(template: Template) -> None:
    for role in ("StreamSide", "QuestionSide", "SweepSide"):
        grants = [s for s in statements(template, role) if "DocumentsBucket" in text(s)]
        assert {a for s in grants for a in listed(s["Action"])} <= {"s3:ListBucket"}


def test_documents_are_never_changed_by_ingest_or_sweep(template: Template) -> None:
    of_questions = [s for s in statements(template, "QuestionSide") if "DocumentsB" in text(s)]
    assert not of_questions  # whoever answers from the queue sees no document's bytes at all
    for role in ("IngestSide", "SweepSide"):
        on_documents = [s for s in statements(template, role) if "DocumentsBucket" in text(s)]
        changing = {a for s in on_documents for a in listed(s["Action"])} & {
            "s3:PutObject",
            "s3:DeleteObject",
        }
        assert on_documents
        assert not changing


def chat_resources(template: Template) -> str:
    wanted = "bedrock:InvokeModelWithResponseStream"
    (found,) = (s for s in statements(template, "QuerySide") if wanted in listed(s["Action"]))
    return text(found["Resource"])


def test_a_geographic_profile_grants_itself_and_its_model_in_every_region(
    template: Template,
) -> None:
    resources_ = chat_resources(template)
    assert ":inference-profile/us.amazon.nova-lite-v1:0" in resources_
    for region in ("us-east-1", "us-east-2", "us-west-2"):
        assert f":bedrock:{region}::foundation-model/amazon.nova-lite-v1:0" in resources_
    assert "eu-" not in resources_


def test_a_global_profile_grants_the_model_without_a_region(synthesise: Any) -> None:
    resources_ = chat_resources(synthesise(chat_model="global.anthropic.claude"))
    assert ":inference-profile/global.anthropic.claude" in resources_
    assert ":bedrock:::foundation-model/anthropic.claude" in resources_


def test_a_plain_model_grants_only_itself_here(synthesise: Any) -> None:
    resources_ = chat_resources(synthesise(chat_model="askbucket.extractive"))
    assert "inference-profile" not in resources_
    assert resources_.count("foundation-model/askbucket.extractive") == 1


APPLICATION = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/ab12cd34"


def test_every_model_that_a_request_may_choose_is_granted(synthesise: Any) -> None:
    others = f"eu.a.b, jp.c.d,us.e.f={APPLICATION},amazon.nova-pro-v1:0"
    template = synthesise(chat_models=others)
    resources_ = chat_resources(template)
    for named in (
        ":inference-profile/us.amazon.nova-lite-v1:0",
        ":bedrock:eu-central-1::foundation-model/a.b",
        ":bedrock:ap-northeast-3::foundation-model/c.d",
        APPLICATION,
        ":bedrock:us-west-2::foundation-model/e.f",
        "::foundation-model/amazon.nova-pro-v1:0",
    ):
        assert named in resources_
    assert "*" not in resources_
    variables = functions(template)["Stream"]["Environment"]["Variables"]
    assert variables["ASKBUCKET_CHAT_MODELS"] == others


def test_a_server_s_model_brings_its_packages_and_a_secret_and_no_grant(synthesise: Any) -> None:
    template = synthesise(chat_models="llama3.1@https://models.example/v1", langfuse_url="")
    plain = synthesise()
    assert len(functions(template)["Query"]["Layers"]) == 1 + len(
        functions(plain)["Query"]["Layers"]
    )
    assert functions(template)["Ingest"]["Layers"] == functions(plain)["Ingest"]["Layers"]
    assert "ASKBUCKET_CHAT_SECRET_ARN" in functions(template)["Query"]["Environment"]["Variables"]
    assert "ASKBUCKET_CHAT_SECRET_ARN" not in functions(plain)["Query"]["Environment"]["Variables"]
    assert chat_resources(template) == chat_resources(plain)
    assert "llama" not in text(list(statements(template, "QuerySide")))


@pytest.mark.parametrize(
    "name", ["abcd1234", "arn:aws:bedrock:us-east-1:111122223333:guardrail/abcd1234"]
)
def test_a_guardrail_is_told_and_granted_alone(synthesise: Any, name: str) -> None:
    template = synthesise(guardrail=f"{name}:3")
    for side, function in (("QuerySide", "Query"), ("StreamSide", "Stream")):
        variables = functions(template)[function]["Environment"]["Variables"]
        assert variables["ASKBUCKET_GUARDRAIL_ID"] == name
        assert variables["ASKBUCKET_GUARDRAIL_VERSION"] == "3"
        (found,) = (
            s
            for s in statements(template, side)
            if listed(s["Action"]) == ["bedrock:ApplyGuardrail"]
        )
        assert ":guardrail/abcd1234" in text(found["Resource"])
        assert "*" not in text(found["Resource"])


def test_the_streaming_command_is_executable_and_finds_the_layers(tmp_path: Path) -> None:
    # The Web Adapter starts it instead of the runtime, and only the runtime knows /opt/python.
    script = ROOT / "lambdas" / "query" / "run.sh"
    spy = tmp_path / "python"
    spy.write_text('#!/bin/sh\necho "$PYTHONPATH"\n')
    spy.chmod(0o755)
    done = subprocess.run(
        [str(script)],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHONPATH": "/var/runtime"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "/opt/python" in done.stdout.strip().split(":")


def test_only_a_chosen_reranker_may_be_asked(synthesise: Synthesise) -> None:
    chosen = synthesise(reranker="amazon.rerank-v1:0")
    beside = {"sqs:SendMessage", "s3:GetObjectVersion"}
    for role in ("QuerySide", "StreamSide"):
        assert actions(chosen, role) - beside == ANSWERING - beside | {"bedrock:Rerank"}
        [grant] = [s for s in statements(chosen, role) if s["Action"] == "bedrock:InvokeModel"]
        assert "foundation-model/amazon.rerank-v1:0" in text(grant["Resource"])
    assert "bedrock:Rerank" not in actions(chosen, "IngestSide")
    assert "bedrock:Rerank" not in text(synthesise())


def test_callbacks_are_switched_on_by_naming_hosts(template: Template, synthesise: Any) -> None:
    allowed = synthesise(callback_hosts="hooks.example.com")
    for name in ("Query", "Question"):
        variables = functions(allowed)[name]["Environment"]["Variables"]
        assert variables["ASKBUCKET_CALLBACK_HOSTS"] == "hooks.example.com"
    assert "CallbackKey" not in text(list(template["Resources"]))
    readers = [
        role
        for role in ("QuerySide", "StreamSide", "QuestionSide", "IngestSide", "SweepSide")
        if any("CallbackKey" in text(s["Resource"]) for s in statements(allowed, role))
    ]
    assert readers == ["QuestionSide"]


def test_the_cache_is_chosen_by_the_context(synthesise: Any) -> None:
    secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:redis-AbCdEf"
    kept = synthesise(cache="rediss://cache.example.com:6379", cache_secret=secret)
    off = synthesise(cache="off")
    for name in ("Query", "Stream", "Question"):
        assert functions(off)[name]["Environment"]["Variables"]["ASKBUCKET_CACHE"] == ""
        variables = functions(kept)[name]["Environment"]["Variables"]
        assert variables["ASKBUCKET_CACHE"] == "rediss://cache.example.com:6379"
        assert variables["ASKBUCKET_CACHE_SECRET_ARN"] == secret
    assert secret in text(list(statements(kept, "QuerySide")))
