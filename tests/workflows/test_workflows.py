"""The GitHub workflows: valid, safe by two linters, and built as docs/pull-requests.md says."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.lab_project import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))
NAMES = {path.stem for path in WORKFLOWS}
ON_STACKS = {"preview": "environments", "deploy": "up", "drift": "compare"}


def read(path: Path) -> dict[str, Any]:
    # YAML 1.2: in 1.1, and so in PyYAML, the key `on` is a boolean.
    return dict(YAML(typ="safe", pure=True).load(path.read_text()))


def workflow(name: str) -> dict[str, Any]:
    return read(GITHUB / "workflows" / f"{name}.yml")


def steps(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    jobs = document.get("jobs") or {"action": document["runs"]}
    for job in jobs.values():
        yield from job.get("steps", [])
        if "uses" in job:
            yield {"uses": job["uses"]}


def run(*command: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


def test_there_is_one_for_each_occasion() -> None:
    assert {"ci", "preview", "deploy", "drift"} <= NAMES


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.stem)
def test_github_takes_it(path: Path) -> None:
    schema = "github-actions" if path in ACTIONS else "github-workflows"
    code, said = run(
        sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", path
    )
    assert code == 0, said


def test_nothing_in_them_is_unsafe() -> None:
    """No untrusted text in a shell, no token left behind, no trigger that lends secrets."""
    zizmor = Path(sys.executable).with_name("zizmor")
    code, said = run(zizmor, "--offline", "--no-progress", "--color=never", GITHUB)
    assert code == 0, said


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.stem)
def test_others_actions_are_pinned_by_commit(path: Path) -> None:
    lines = [
        line.split("uses:")[1].strip() for line in path.read_text().splitlines() if "uses:" in line
    ]
    for used in lines:
        assert used.startswith("./") or re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", used), used


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.stem)
def test_shell_scripts_parse(path: Path) -> None:
    for step in steps(read(path)):
        if script := step.get("run"):
            assert "${{" not in script, "values come by `env`, where no shell reads them as code"
            done = subprocess.run(
                ["bash", "-n"], input=script, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_the_token_may_read_and_no_more_by_default(path: Path) -> None:
    document = read(path)
    assert document["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in document["on"]


@pytest.mark.parametrize(("name", "job"), ON_STACKS.items())
def test_each_stack_has_an_environment_and_logs_in_without_keys(name: str, job: str) -> None:
    found = workflow(name)["jobs"][job]
    assert "vars.MAILSTACK_STACKS != ''" in found["if"]
    assert found["strategy"]["matrix"]["stack"] == "${{ fromJSON(vars.MAILSTACK_STACKS) }}"
    assert found["permissions"]["id-token"] == "write"
    suffix = "" if name == "deploy" else "-preview"
    assert found["environment"] == "${{ matrix.stack }}" + suffix
    assert not re.search("AWS_(ACCESS_KEY|SECRET)", str(found))
    # Secrets by name alone: never all of them at once.
    assert "toJSON(secrets" not in str(found)


def test_forks_see_the_lab() -> None:
    jobs = workflow("preview")["jobs"]
    same = "github.event.pull_request.head.repo.full_name == github.repository"
    assert same in jobs["environments"]["if"]
    assert same.replace("==", "!=") in jobs["lab"]["if"]
    assert "secrets." not in str(jobs["lab"])


def commands(name: str) -> list[str]:
    return [step["run"] for step in steps(workflow(name)) if "pulumi " in step.get("run", "")]


def test_what_is_run_on_a_stack() -> None:
    [preview], [up], [drift] = commands("preview"), commands("deploy"), commands("drift")
    assert 'pulumi preview --stack "$STACK" --policy-pack policy' in preview
    assert 'pulumi up --yes --stack "$STACK" --policy-pack policy' in up
    assert "pulumi refresh --preview-only --expect-no-changes" in drift


def test_nothing_is_deployed_untested_or_twice_at_once() -> None:
    jobs = workflow("deploy")["jobs"]
    assert jobs["test"]["uses"] == "./.github/workflows/ci.yml"
    assert jobs["up"]["needs"] == "test"
    assert jobs["up"]["strategy"]["max-parallel"] == 1
    assert jobs["up"]["concurrency"]["cancel-in-progress"] is False
