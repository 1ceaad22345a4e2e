"""The real Postfix answers from our maps, and accepts main.cf with our lines in it."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mail.dms.inputs import ServerFiles
from mail.dms.signing import VOLUME
from tests.system.conftest import Need, Write, make_old

pytestmark = pytest.mark.system

# The lines of docker-mailserver's own main.cf that ours meet.
BASE = """\
compatibility_level = 3.6
mydestination = localhost
recipient_delimiter = +
smtp_tls_security_level = encrypt
message_size_limit = 10240000
"""

Lookup = Callable[[str, str], str | None]


@pytest.fixture
def config(tmp_path: Path, need: Need) -> Path:
    """A private configuration folder, with its queue and data beside it."""
    folder = tmp_path / "postfix"
    folder.mkdir()
    settings = {
        "queue_directory": tmp_path / "queue",
        "data_directory": tmp_path / "data",
        "alias_maps": "",
        "alias_database": "",
        "myhostname": "mail.example.test",
    }
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    (folder / "main.cf").write_text(BASE + lines)
    make_old(folder / "main.cf")
    share = Path("/usr/share/postfix")
    shutil.copy(share / "master.cf.dist", folder / "master.cf")
    need("postconf")
    return folder


@pytest.fixture
def lookup(config: Path, need: Need) -> Lookup:
    postmap = need("postmap")

    def answer(table: str, key: str) -> str | None:
        done = subprocess.run(
            [postmap, "-c", str(config), "-q", key, table],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.stderr == ""
        return done.stdout.removesuffix("\n") if done.returncode == 0 else None

    return answer


def _apply_main_cf(config: Path, volume: Path, postconf: str) -> str:
    """Append and rewrite, as docker-mailserver's setup.d/postfix.sh does; give what it warns of."""
    with (config / "main.cf").open("a") as main:
        main.write((volume / "postfix-main.cf").read_text().replace(VOLUME, str(volume)))
    make_old(config / "main.cf")
    done = subprocess.run(
        [postconf, "-c", str(config), "-n"], check=True, capture_output=True, text=True
    )
    (config / "main.cf").write_text(done.stdout)
    make_old(config / "main.cf")
    lines = done.stderr.splitlines()
    return "\n".join(line for line in lines if "overriding earlier entry" not in line)


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("team@example.test", "alice@example.test,bob@elsewhere.test"),
        ("@example.test", "alice@example.test"),
        ("lice@example.test", "lice@example.test"),
        ("alice@example.test", "alice@example.test"),
        ("nobody@example.test", None),
        ("@xn--bcher-kva.example", None),
    ],
)
def test_aliases(
    server: ServerFiles, write: Write, lookup: Lookup, key: str, answer: str | None
) -> None:
    assert lookup(f"texthash:{write(server)}/postfix-virtual.cf", key) == answer


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("sales-eve@xn--bcher-kva.example", "eve@elsewhere.test"),
        ("sales@xn--bcher-kva.example", None),
    ],
)
def test_regexp_aliases(
    server: ServerFiles, write: Write, lookup: Lookup, key: str, answer: str | None
) -> None:
    assert lookup(f"pcre:{write(server)}/postfix-regexp.cf", key) == answer


def test_the_relays_credentials_are_found_under_the_relayhost(
    server: ServerFiles, write: Write, lookup: Lookup
) -> None:
    assert server.relay is not None
    table = f"texthash:{write(server)}/postfix-sasl-password.cf"
    assert lookup(table, server.relay.nexthop) == "me@elsewhere.test:p:a ss#"


def test_main_cf_is_accepted_without_a_warning_and_the_users_line_wins(
    server: ServerFiles, write: Write, config: Path, need: Need
) -> None:
    postconf = need("postconf")
    assert _apply_main_cf(config, write(server), postconf) == ""
    values = subprocess.run(
        [postconf, "-c", str(config), "-h", "message_size_limit", "default_transport"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert values.stdout.split() == ["52428800", "relay:[relay.elsewhere.test]:465"]


def test_the_relays_certificate_is_checked(
    server: ServerFiles, write: Write, config: Path, need: Need, lookup: Lookup
) -> None:
    assert server.relay is not None
    postconf = need("postconf")
    _apply_main_cf(config, write(server), postconf)
    policy = subprocess.run(
        [postconf, "-c", str(config), "-h", "smtp_tls_policy_maps"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    assert lookup(policy, server.relay.nexthop) == "secure"
    assert lookup(policy, "elsewhere.test") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="`postfix check` runs as root only")
def test_postfix_check_accepts_it(
    server: ServerFiles, write: Write, config: Path, need: Need, tmp_path: Path
) -> None:
    _apply_main_cf(config, write(server), need("postconf"))
    (tmp_path / "queue").mkdir()
    (tmp_path / "data").mkdir()
    shutil.chown(tmp_path / "data", "postfix")
    done = subprocess.run(
        [need("postfix"), "-c", str(config), "check"], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
