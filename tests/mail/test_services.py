"""The health check passes when, and only when, every asked-for port listens."""

import subprocess
from pathlib import Path

import pytest

from mail import services

# What `ss -Hlnt` prints inside the container; the fourth column is the local address.
LISTENING = """\
LISTEN 0 100 0.0.0.0:25 0.0.0.0:*
LISTEN 0 100 [::]:587 [::]:*
LISTEN 0 100 127.0.0.1:4650 0.0.0.0:*
LISTEN 0 100 *:993 *:*
"""


def _run(names: list[str], folder: Path) -> int:
    stand_in = folder / "ss"
    stand_in.write_text(f"#!/bin/sh\ncat <<'END'\n{LISTENING}END\n")
    stand_in.chmod(0o755)
    kind, script = services.health_test(names)
    assert kind == "CMD-SHELL"
    path = f"{folder}:/usr/bin:/bin"
    return subprocess.run(["/bin/sh", "-c", script], env={"PATH": path}, check=False).returncode


def test_it_passes_when_all_listen(tmp_path: Path) -> None:
    assert _run(["smtp", "submission", "imaps"], tmp_path) == 0


@pytest.mark.parametrize("missing", ["submissions", "imap", "pop3s"])
def test_it_fails_when_one_does_not(missing: str, tmp_path: Path) -> None:
    # 465 is missing although 4650 listens: a prefix of a port is not the port.
    assert _run(["smtp", missing], tmp_path) == 1


def test_an_unknown_service_is_an_error() -> None:
    with pytest.raises(KeyError):
        services.health_test(["telnet"])
