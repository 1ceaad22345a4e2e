from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

import settings.__main__ as generator

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> tuple[int, str]:
    app = Typer()
    app.command()(generator.main)
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


def test_what_is_committed_is_fresh() -> None:
    assert generator.stale(ROOT) == [], "run: python -m settings"


def test_check_fails_when_stale_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generator, "REPOSITORY", tmp_path)
    code, output = run("--check")
    assert code == 1
    assert "docs/configuration.md is stale; run: python -m settings" in output
    assert list(tmp_path.iterdir()) == []


def test_writing_makes_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "REPOSITORY", tmp_path)
    assert run()[0] == 0
    assert run("--check")[0] == 0
    written = tmp_path / "docs" / "configuration.md"
    written.write_text(written.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert run("--check")[0] == 1
