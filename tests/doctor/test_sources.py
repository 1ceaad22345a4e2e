"""Where outputs come from: a file, the lab, the Pulumi CLI; and what is said when none works."""

import io
import json
import sys
from pathlib import Path

import pytest

from doctor.errors import DoctorError
from doctor.sources import read_file, read_stack

RUNNING = {
    "pid": 1,
    "dns": "127.0.0.1:5353",
    "providers": {},
    "docker": {"socket": "/s", "simulated": True, "reason": "no Engine"},
}


def make_lab(project: Path, program: str, running: object = RUNNING) -> None:
    """Put a program in the lab's place, and what it says of itself."""
    (project / "lab").mkdir()
    (project / "lab" / "__main__.py").write_text(program)
    directory = project / ".lab" / "dev"
    directory.mkdir(parents=True)
    (directory / "run.json").write_text(json.dumps(running))


def make_pulumi(folder: Path, script: str) -> None:
    tool = folder / "pulumi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"
    file.write_text('{"hostname": "h"}')
    source = read_file(str(file))
    assert source.raw == {"hostname": "h"}
    assert (source.dns, source.simulated) == (None, None)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"hostname": "h"}'))
    assert read_file("-").raw == {"hostname": "h"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hunter2", "not JSON"),
        ("[1]", "no outputs"),
        ("{}", "has the stack been deployed"),
    ],
)
def test_a_file_of_something_else(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "outputs.json"
    file.write_text(text)
    with pytest.raises(DoctorError, match=said) as caught:
        read_file(str(file))
    assert "hunter2" not in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DoctorError, match="No such file"):
        read_file(str(tmp_path / "none.json"))


def test_the_lab_is_asked_with_its_secrets_and_tells_its_dns(tmp_path: Path) -> None:
    make_lab(tmp_path, "import json, sys; print(json.dumps({'asked': sys.argv[1:]}))")
    source = read_stack("dev", project=tmp_path)
    assert source.raw == {"asked": ["output", "--stack", "dev", "--show-secrets"]}
    assert source.dns == "127.0.0.1:5353"
    assert source.simulated == "no Engine"


def test_a_lab_with_a_real_engine_is_not_simulated(tmp_path: Path) -> None:
    docker = {"socket": "/s", "simulated": False, "reason": "Docker 28"}
    make_lab(tmp_path, "print('{\"a\": 1}')", {**RUNNING, "docker": docker})
    assert read_stack("dev", project=tmp_path).simulated is None


def test_a_lab_without_docker_counts_as_simulated(tmp_path: Path) -> None:
    make_lab(tmp_path, "print('{\"a\": 1}')", {**RUNNING, "docker": None})
    assert read_stack("dev", project=tmp_path).simulated == "the lab runs without Docker"


def test_a_failing_lab_says_why_and_shows_no_output(tmp_path: Path) -> None:
    make_lab(tmp_path, "import sys; print('hunter2'); sys.exit('the lab is locked')")
    with pytest.raises(DoctorError, match="the lab is locked") as caught:
        read_stack("dev", project=tmp_path)
    assert "hunter2" not in str(caught.value)


def test_without_a_lab_pulumi_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_pulumi(tmp_path, """echo "{\\"asked\\": \\"$*\\"}" """)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    source = read_stack("prod", project=tmp_path)
    assert source.raw == {"asked": "stack output --json --show-secrets --stack prod"}
    assert source.dns is None


def test_a_failing_pulumi_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_pulumi(tmp_path, "echo 'error: no stack named prod found' >&2; exit 255")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(DoctorError, match="no stack named prod"):
        read_stack("prod", project=tmp_path)


def test_with_nothing_every_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DoctorError) as caught:
        read_stack("prod", project=tmp_path)
    text = str(caught.value)
    assert "lab up --stack prod" in text
    assert "pulumi is not on PATH" in text
    assert "--outputs" in text


def test_secrets_are_in_no_repr(tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"
    file.write_text('{"password": "hunter2"}')
    assert "hunter2" not in repr(read_file(str(file)))
