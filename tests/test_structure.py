"""The house rules that a program can check: import directions, file lengths, no local paths."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("mail", "settings", "components", "lab", "doctor", "policy")
ALLOWED = {
    "mail": {"mail"},
    "settings": {"mail", "settings"},
    "components": {"mail", "settings", "components"},
    # The lab checks a stack file before it starts anything; the program it runs by its file.
    "lab": {"lab", "settings"},
    "doctor": {"mail", "doctor"},
    # Run by the Pulumi CLI in an environment that has none of the program's libraries.
    "policy": {"mail", "policy"},
}
LONGEST = 300


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [ROOT / line for line in listed.stdout.splitlines()]


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package: str) -> None:
    files = _tracked(f"{package}/**/*.py", f"{package}/*.py")
    assert files
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in _imported(path)
        if name in PACKAGES and name not in ALLOWED[package]
    }
    assert wrong == set()


@pytest.mark.parametrize("package", ["mail", "doctor"])
def test_knowledge_of_mail_needs_no_pulumi(package: str) -> None:
    wrong = [
        path.relative_to(ROOT)
        for path in _tracked(f"{package}/**/*.py", f"{package}/*.py")
        if any(name.startswith("pulumi") for name in _imported(path))
    ]
    assert wrong == []


def test_program_is_short() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) < 80


def test_files_hold_one_idea() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _tracked("*.py")
        if (lines := len(path.read_text().splitlines())) >= LONGEST
    }
    assert long == {}


def test_no_path_of_somebodys_machine() -> None:
    found = subprocess.run(
        ["git", "grep", "-nE", r"(/wo[r]k/|/roo[t]/|/hom[e]/[a-z])", "--", ".", ":!*.txt"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert found.stdout == ""
