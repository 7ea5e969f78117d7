"""Settings: names, defaults, checks, and the README's table of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from askbucket.settings import Settings, variable

README = Path(__file__).parents[2] / "README.md"
REQUIRED = {
    "ASKBUCKET_BUCKET": "documents",
    "ASKBUCKET_TABLE": "manifest",
    "ASKBUCKET_STORE": "qdrant+http://127.0.0.1:6333/askbucket",
}


def settings_table() -> str:
    """The README's table of settings, as it must stand between its two markers."""
    rows = [
        f"| `{variable(name)}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| variable | default | meaning |", "| --- | --- | --- |", *rows])


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    return f"`{field.default}`" if field.default != "" else "none"


@pytest.fixture(autouse=True)
def only_the_required(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)


def test_the_readme_s_table_is_the_settings() -> None:
    section = re.search(
        r"<!-- settings -->\n(.*?)\n?<!-- /settings -->", README.read_text(), re.DOTALL
    )

    assert section, "README.md has no <!-- settings --> section"
    assert section.group(1).strip() == settings_table(), f"it must be:\n\n{settings_table()}\n"


def test_a_setting_is_described_in_one_cell_and_required_or_has_a_default() -> None:
    required = {variable(n) for n, field in Settings.model_fields.items() if field.is_required()}

    assert required == set(REQUIRED)
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert "|" not in field.description, name
        assert "\n" not in field.description, name


def test_the_required_ones_are_enough_and_the_rest_has_defaults() -> None:
    read = Settings()

    assert (read.bucket, read.table) == ("documents", "manifest")
    for name, field in Settings.model_fields.items():
        if not field.is_required():
            assert getattr(read, name) == field.default


def test_every_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, field in Settings.model_fields.items():
        value = {str: "given", int: "101", float: "0.5"}.get(field.annotation or str, "none")
        value = {"candidates": "7", "top_k": "7", "embed_parallel": "7"}.get(name, value)
        value = {"chunk_chars": "500", "reader_memory_mib": "500"}.get(name, value)
        value = {"metrics": "emf", "log_level": "debug"}.get(name, value)
        value = {"ocr_features": "a/=tables", "trace_text": "full"}.get(name, value)
        value = {"chat_model": "a.b", "chat_models": "a.c,d@http://host/v1"}.get(name, value)
        value = {"store_auth": "iam"}.get(name, value)
        value = "prefix" if name == "tenants" else value
        value = {"guardrail_id": "", "cache": "rediss://h:1"}.get(name, value)
        monkeypatch.setenv(variable(name), value)
        assert str(getattr(Settings(), name)) == value


def test_a_bare_name_in_the_environment_is_not_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", "somebody-else-s")
    monkeypatch.setenv("TOP_K", "3")

    assert (Settings().bucket, Settings().top_k) == ("documents", 5)


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_or_blank_value_is_told_by_the_variable_s_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=rf"(?m)^{name}$"):
        Settings()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ASKBUCKET_TOP_K", "0", "greater than or equal to 1"),
        ("ASKBUCKET_TOP_K", "21", "less than or equal to 20"),
        ("ASKBUCKET_TOP_K", "five", "valid integer"),
        ("ASKBUCKET_DENSE_WEIGHT", "1.1", "less than or equal to 1"),
        ("ASKBUCKET_CANDIDATES", "501", "less than or equal to 500"),
        ("ASKBUCKET_AUTH", "open", "'iam', 'jwt', 'api_key' or 'none'"),
        ("ASKBUCKET_EMBED_PARALLEL", "0", "greater than or equal to 1"),
        ("ASKBUCKET_CHUNK_CHARS", "99", "greater than or equal to 100"),
        ("ASKBUCKET_MAX_FILE_BYTES", "", "valid integer"),
    ],
)
def test_a_value_out_of_range_is_told_by_name_and_limit(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=rf"(?s)\b{name}\b.*{told}"):
        Settings()


def test_an_overlap_as_large_as_the_chunk_names_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASKBUCKET_CHUNK_CHARS", "200")
    monkeypatch.setenv("ASKBUCKET_CHUNK_OVERLAP_CHARS", "200")

    with pytest.raises(ValidationError, match=r"ASKBUCKET_CHUNK_OVERLAP_CHARS is 200;.*is 200"):
        Settings()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CHAT_MODEL", "nova", "'nova' is no chat model; give a Bedrock id"),
        ("CHAT_MODELS", "a.b,nova", "'nova' is no chat model; give a Bedrock id"),
        ("CHAT_MODELS", "m@http://one/v1,m@http://two/v1", "two chat models are called 'm'"),
    ],
)
def test_a_chat_model_that_cannot_be_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"ASKBUCKET_{name}", value)

    with pytest.raises(ValidationError, match=told):
        Settings()


def test_a_guardrail_beside_a_model_it_cannot_guard_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASKBUCKET_GUARDRAIL_ID", "gr123")
    monkeypatch.setenv("ASKBUCKET_CHAT_MODELS", "llama3.1@http://127.0.0.1:11434/v1")

    with pytest.raises(ValidationError, match=r"llama3\.1 is no Bedrock model"):
        Settings()


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().top_k = 3  # type: ignore[misc]
