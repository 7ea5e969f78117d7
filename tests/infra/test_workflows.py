"""The workflows are valid, hold no key, run no stranger's text, and name commands that exist."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40}")


def test_there_are_workflows() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "deploy-stage.yml", "deploy.yml"]


def loaded(path: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.load(path.read_text(), yaml.BaseLoader)  # noqa: S506  ("on" stays text)
    return parsed


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job.get("steps", ())


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def checked(schema: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    return run(str(BIN / "check-jsonschema"), "--builtin-schema", schema, *map(str, paths))


def audited(*paths: Path) -> subprocess.CompletedProcess[str]:
    zizmor = (str(BIN / "zizmor"), "--offline", "--quiet", "--min-severity", "medium")
    return run(*zizmor, *map(str, paths))


def test_they_follow_the_schema() -> None:
    assert checked("vendor.github-workflows", *WORKFLOWS).returncode == 0
    done = checked("vendor.dependabot", ROOT / ".github" / "dependabot.yml")
    assert done.returncode == 0, done.stdout


def test_the_auditor_finds_nothing_of_weight() -> None:
    done = audited(ROOT / ".github")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("run: make audit", "run: echo ${{ github.event.pull_request.title }}"),
        ("persist-credentials: false", "persist-credentials: true"),
        (
            "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
            "actions/checkout@v4",
        ),
    ],
)
def test_the_auditor_sees_a_planted_weakness(tmp_path: Path, good: str, bad: str) -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert good in text
    planted = tmp_path / "ci.yml"
    planted.write_text(text.replace(good, bad).replace("pull_request:", "pull_request_target:"))
    assert audited(planted).returncode != 0


def test_a_planted_mistake_breaks_the_schema(tmp_path: Path) -> None:
    planted = tmp_path / "ci.yml"
    planted.write_text(WORKFLOWS[0].read_text().replace("runs-on:", "run-on:"))
    assert checked("vendor.github-workflows", planted).returncode != 0


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_or_our_own(path: Path) -> None:
    workflow = loaded(path)
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    used += [job["uses"] for job in workflow["jobs"].values() if "uses" in job]
    assert used
    assert [u for u in used if not PINNED.fullmatch(u) and not u.startswith("./.github/")] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_scripts_take_no_text_from_outside_and_no_secret_is_kept(path: Path) -> None:
    assert [step["run"] for step in steps(loaded(path)) if "${{" in step.get("run", "")] == []
    assert "secrets." not in path.read_text()
    assert loaded(path)["permissions"] == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_make_target_exists(path: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for step in steps(loaded(path)):
        command = step.get("run", "make setup").split()
        assert command[0] in ("make", ".ci/run")
        assert command[0] == ".ci/run" or command[1] in targets


def test_production_waits_for_a_tag_and_its_environment() -> None:
    jobs = loaded(ROOT / ".github" / "workflows" / "deploy.yml")["jobs"]
    assert jobs["dev"]["if"] == "github.ref_type == 'branch'"
    assert jobs["dev"]["with"] == {"environment": "dev", "stage": "dev"}
    assert jobs["production"]["if"] == "github.ref_type == 'tag'"
    assert jobs["production"]["with"] == {"environment": "production", "stage": "prod"}
