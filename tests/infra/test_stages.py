"""Stages differ in listed values and in nothing else; what outlives a stack is named."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from infra.checks import BadContext
from infra.config import Config
from infra.stages import DEFAULT, STAGES
from infra.synthesis import synthesise as synthesise_app
from tests.infra.reading import resources

Template = dict[str, Any]
STATEFUL = ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SecretsManager::Secret")
# A changed logical id is a new, empty resource: documents and index would be left behind.
KEPT_IDS = {
    "ArtifactsBucket88671897",
    "DocumentsBucket089EA665",
    "ManifestTable405893D9",
}


def config(**context: str) -> Config:
    return Config.from_context(context.get)


def test_without_a_stage_the_defaults_hold() -> None:
    assert asdict(config()) == asdict(Config())


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_a_stage_changes_its_own_values_and_nothing_else(name: str) -> None:
    chosen = {k: v for k, v in asdict(config(stage=name)).items() if k != "stage"}
    plain = {k: v for k, v in asdict(Config()).items() if k != "stage"}
    assert chosen == plain | asdict(STAGES[name])


def test_a_context_key_overrides_its_stage() -> None:
    assert config(stage="prod", throttle_rate="7").throttle_rate == 7


def test_an_unknown_stage_is_named() -> None:
    with pytest.raises(BadContext, match="stage='test' is not one of , dev, prod"):
        config(stage="test")


@pytest.mark.parametrize(
    ("key", "value"),
    [("keep", "documents,vectors"), ("stack_name", "1st"), ("github_repo", "owner")],
)
def test_bad_values_are_named(key: str, value: str) -> None:
    with pytest.raises(BadContext, match=key):
        config(**{key: value})


def test_stages_are_protected_by_their_purpose() -> None:
    assert DEFAULT.keep == STAGES["prod"].keep == "documents,artifacts,manifest,index"
    assert STAGES["dev"].keep == "none"
    assert STAGES["prod"].termination_protection


def kept(template: Template) -> set[str]:
    found = template["Resources"].items()
    return {name for name, each in found if each.get("DeletionPolicy") == "Retain"}


def accounts_own(template: Template) -> set[str]:
    """API Gateway's log role and its account setting: one for all APIs of the account."""
    kinds = ("AWS::ApiGateway::Account", "AWS::IAM::Role")
    return {
        name for kind in kinds for name in resources(template, kind) if name.startswith("HttpApi")
    }


def test_only_named_resources_outlive_the_stack(synthesise: Any) -> None:
    template = synthesise()
    assert kept(template) - accounts_own(template) == KEPT_IDS


def test_keep_none_leaves_nothing_of_ours(synthesise: Any) -> None:
    template = synthesise(keep="none")
    assert kept(template) == accounts_own(template)
    for kind in STATEFUL:
        for each in resources(template, kind).values():
            assert each.get("DeletionPolicy") in ("Delete", None)


def test_keep_names_single_resources(synthesise: Any) -> None:
    template = synthesise(keep="documents")
    assert kept(template) - accounts_own(template) == {"DocumentsBucket089EA665"}


def test_every_log_group_is_the_stacks_and_goes_with_it(synthesise: Any) -> None:
    template = synthesise()
    groups = resources(template, "AWS::Logs::LogGroup")
    assert {each["DeletionPolicy"] for each in groups.values()} == {"Delete"}
    for function in resources(template, "AWS::Lambda::Function").values():
        assert function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"] in groups


@pytest.mark.slow
def test_a_second_deploy_would_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two synths in processes of different hash seeds: same template, same assets."""
    made = []
    for seed in ("1", "2"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        synthesise_app(tmp_path / seed, {"layers": "venv"})
        made.append((tmp_path / seed / "Askbucket.template.json").read_text())
    assert made[0] == made[1]
