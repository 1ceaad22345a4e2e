"""BIND's own checker takes our zone files, included in a zone as their head says."""

import subprocess
from pathlib import Path

import pytest

from mail.zonefile import zone_file
from tests.mail.test_zonefile import pairs
from tests.system.conftest import Need

pytestmark = pytest.mark.system

ZONE = """$TTL 300
@ IN SOA ns1.example.net. hostmaster.example.net. 1 3600 600 86400 300
@ IN NS ns1.example.net.
$INCLUDE {file}
"""


def checked(need: Need, tmp_path: Path, text: str) -> subprocess.CompletedProcess[str]:
    part, whole = tmp_path / "mailstack.zone", tmp_path / "whole.zone"
    part.write_text(text)
    whole.write_text(ZONE.format(file=part))
    # -k: names that hosts could not have are faults; -i local: nothing is looked up elsewhere.
    arguments = ["-k", "fail", "-i", "local", "-m", "fail", "-n", "fail", "example.test"]
    return subprocess.run(
        [need("named-checkzone"), *arguments, str(whole)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_named_checkzone_accepts_it(need: Need, tmp_path: Path) -> None:
    wanted = [pair for pair in pairs() if pair[0].zone == "example.test"]
    done = checked(need, tmp_path, zone_file("example.test", wanted))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "OK" in done.stdout


def test_it_would_notice(need: Need, tmp_path: Path) -> None:
    wanted = [pair for pair in pairs() if pair[0].zone == "example.test"]
    text = zone_file("example.test", wanted).replace("IN A 192.0.2.1", "IN A mail")
    assert checked(need, tmp_path, text).returncode != 0
