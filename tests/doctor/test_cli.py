"""The command as people and programs run it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from doctor.checks import CHECKS
from doctor.cli import main
from tests.doctor.dns_world import DnsWorld
from tests.doctor.mail_world import Imap, MailWorld
from tests.doctor.offers import server_tls

SECRET = "correct horse battery staple"
ALICE = "alice@example.test"


@pytest.fixture
def doctor(
    tmp_path: Path,
    raw_outputs: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """Give a function that runs the doctor on those outputs: its exit code, output, errors."""
    monkeypatch.delenv("MAILSTACK_LAB_DNS", raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str, str]:
        file = tmp_path / "outputs.json"
        file.write_text(json.dumps(raw_outputs))
        outputs = [] if "--stack" in arguments else ["--outputs", str(file)]
        monkeypatch.setattr(sys, "argv", ["doctor", *outputs, *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert isinstance(code, int)
        return code, *capsys.readouterr()

    return run


def test_healthy(doctor: Any, dns: DnsWorld) -> None:
    code, out, err = doctor("--dns", dns.address)
    assert (code, err) == (0, "")
    assert "✓ records    19 of 19 answered as planned" in out
    assert "Healthy as far as it was checked" in out


def test_unhealthy(doctor: Any, dns: DnsWorld) -> None:
    dns.remove("_dmarc.example.org", "TXT")
    code, out, err = doctor("--dns", dns.address)
    assert (code, err) == (1, "")
    assert "✗ records    _dmarc.example.org TXT: not in the DNS" in out
    assert "fix: " in out


def test_the_labs_dns_may_come_from_the_environment(
    doctor: Any, dns: DnsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILSTACK_LAB_DNS", dns.address)
    assert doctor("--only", "records")[0] == 0


def test_json(doctor: Any, dns: DnsWorld) -> None:
    code, out, _ = doctor("--dns", dns.address, "--only", "mx", "--only", "ptr", "--json")
    found = json.loads(out)
    assert code == 0
    assert {result["check"] for result in found["results"]} == {"ptr", "mx"}


def test_no_secret_is_ever_printed(
    doctor: Any,
    dns: DnsWorld,
    mail_world: MailWorld,
    raw_outputs: dict[str, Any],
    authority: Any,
    *,
    ca: str,
) -> None:
    certificate = authority.issue_cert("mail.example.test")
    port = mail_world.serve(Imap({ALICE: "another"}), tls=server_tls(certificate))
    raw_outputs["endpoints"] = {"imaps": {"host": "mail.example.test", "port": port}}
    raw_outputs["mailboxes"] = {ALICE: {"password": SECRET, "quota": None}}
    raw_outputs["caCertificate"] = ca
    for form in ("--verbose", "--json"):
        code, out, err = doctor("--dns", dns.address, form)
        assert code == 1
        assert "refuses its password" in out
        assert SECRET not in out + err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "rekords"], "there is no check 'rekords'"),
        (["--dns", "nowhere"], "not a DNS server"),
        (["--stack", "dev", "--outputs", "x.json"], "not both"),
        (["--nonsense"], "No such option"),
    ],
)
def test_usage_problems_end_with_2(doctor: Any, arguments: list[str], said: str) -> None:
    code, out, err = doctor(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_outputs_of_another_program_end_with_2(doctor: Any, raw_outputs: dict[str, Any]) -> None:
    del raw_outputs["records"]
    code, _, err = doctor()
    assert code == 2
    assert "records: Field required" in err


def test_help_names_every_check_and_exit_code(doctor: Any) -> None:
    code, out, _ = doctor("--help")
    assert code == 0
    assert all(check.name in out for check in CHECKS)
    assert "Exit code" in out
