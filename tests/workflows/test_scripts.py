"""The scripts behind the workflows: the comment on a pull request, and the lab's preview."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab_project import ROOT

GH = """#!/bin/sh
printf '%s\\n' "$*" >>"$LOG"
for word in "$@"; do
  case "$word" in body=@*) cp "${word#body=@}" "$LOG.body" ;; esac
done
case "$*" in *--paginate*) cat "$COMMENTS" | jq -r "$(printf '%s' "$*" | sed 's/.*--jq //')" ;; esac
"""


needs_jq = pytest.mark.skipif(
    shutil.which("jq") is None, reason="jq, which gh has inside, is absent"
)


def comment(folder: Path, existing: list[dict[str, object]], text: str) -> tuple[list[str], str]:
    """Run .ci/comment with a stand-in for GitHub's command; give its calls and the text."""
    gh = folder / "gh"
    gh.write_text(GH)
    gh.chmod(0o755)
    (folder / "comments").write_text(json.dumps(existing))
    (folder / "file").write_text(text)
    subprocess.run(
        [ROOT / ".ci" / "comment", "7", "preview of prod", folder / "file"],
        env=os.environ
        | {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "LOG": str(folder / "log"),
            "COMMENTS": str(folder / "comments"),
            "GITHUB_REPOSITORY": "someone/mailstack",
        },
        check=True,
        timeout=60,
    )
    return (folder / "log").read_text().splitlines(), (folder / "log.body").read_text()


@needs_jq
def test_first_comment_is_new(tmp_path: Path) -> None:
    others = [{"id": 1, "body": "<!-- mailstack: preview of staging -->\nother"}]
    calls, body = comment(tmp_path, others, "the plan")
    assert "--method POST repos/someone/mailstack/issues/7/comments" in calls[-1]
    assert body == "<!-- mailstack: preview of prod -->\nthe plan"


@needs_jq
def test_next_comment_replaces_the_first(tmp_path: Path) -> None:
    others = [
        {"id": 1, "body": "somebody's words"},
        {"id": 2, "body": "<!-- mailstack: preview of prod -->\nold"},
    ]
    calls, _ = comment(tmp_path, others, "new")
    assert "--method PATCH repos/someone/mailstack/issues/comments/2" in calls[-1]


@needs_jq
def test_long_comment_is_cut(tmp_path: Path) -> None:
    _, body = comment(tmp_path, [], "x" * 100_000)
    assert len(body) < 65536
    assert body.endswith("The rest stands in the log of the run.\n")


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.test"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the repository whose environment is the one that runs the tests."""
    folder = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(ROOT), str(folder))
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (folder / ".venv" / "ready").touch()
    return folder


@pytest.mark.timeout(900)  # three stacks up, three previewed, by a script
def test_lab_preview_shows_what_a_change_does(clone: Path) -> None:
    base = git(clone, "rev-parse", "HEAD")
    example = clone / "Pulumi.prod.example.yaml"
    example.write_text(example.read_text().replace("dataVolumeSize: 40", "dataVolumeSize: 60"))
    git(clone, "commit", "--quiet", "--all", "--message", "Let the mail grow")
    head = git(clone, "rev-parse", "HEAD")

    done = subprocess.run(
        [ROOT / ".ci" / "lab-preview", base, head],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )

    assert done.returncode == 0, done.stderr
    first, *parts = done.stdout.split("<details open><summary><code>")
    assert first.startswith("### What this does")
    shown = dict(part.split("</code></summary>", maxsplit=1) for part in parts)
    assert set(shown) == {"dev", "staging-example", "prod-example"}
    assert "host-data" in shown["prod-example"]
    assert "host-data" not in shown["dev"] + shown["staging-example"]
    assert not (clone / ".lab").exists()
    assert git(clone, "status", "--porcelain") == ""
