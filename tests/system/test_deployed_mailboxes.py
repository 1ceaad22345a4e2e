"""The real Postfix and Dovecot on the maps and accounts of a deployed config volume."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deployed import Deployed
from tests.system.conftest import Need
from tests.system.dovecot import doveadm, dovecot, storage_limit

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("deployed")]

Lookup = Callable[[str, str], str | None]


@pytest.fixture
def lookup(on_opendkim: Deployed, need: Need, tmp_path: Path) -> Lookup:
    """Ask Postfix for a key of a table, such as `texthash:postfix-virtual.cf`."""
    postmap = need("postmap")
    (tmp_path / "main.cf").write_text("compatibility_level = 3.6\n")

    def answer(table: str, key: str) -> str | None:
        kind, _, name = table.partition(":")
        done = subprocess.run(
            [postmap, "-c", str(tmp_path), "-q", key, f"{kind}:{on_opendkim.volume / name}"],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.stderr == ""
        return done.stdout.removesuffix("\n") if done.returncode == 0 else None

    return answer


@pytest.fixture(scope="module")
def config(on_opendkim: Deployed, need: Need) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("Dovecot's master process runs as root only")
    with dovecot(on_opendkim.volume, program=need("dovecot")) as config:
        yield config


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("team@example.test", "alice@example.test,bob@example.test"),
        ("postmaster@example.test", "alice@example.test"),
        ("@example.test", "alice@example.test"),
        ("alice@example.test", "alice@example.test"),
        # Without an entry of his own, bob's mail would be alice's: she catches all.
        ("bob@example.test", "bob@example.test"),
        ("nobody@example.test", None),
        ("@lists.example.test", None),
        ("@xn--bcher-kva.example", None),
    ],
)
def test_postfix_finds_aliases_and_the_catch_all(
    lookup: Lookup, key: str, answer: str | None
) -> None:
    assert lookup("texthash:postfix-virtual.cf", key) == answer


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("sales-2026@xn--bcher-kva.example", "alice@example.test"),
        ("sales-2026@example.test", None),
    ],
)
def test_postfix_finds_patterns(lookup: Lookup, key: str, answer: str | None) -> None:
    assert lookup("pcre:postfix-regexp.cf", key) == answer


def test_postfix_finds_the_relays_credentials(on_opendkim: Deployed, lookup: Lookup) -> None:
    relay = on_opendkim.outputs["relay"]
    nexthop = f"[{relay['host']}]:{relay['port']}"
    found = lookup("texthash:postfix-sasl-password.cf", nexthop)
    assert found is not None
    user, _, password = found.partition(":")
    assert user.startswith("AKIA")
    assert len(password) == 44  # an SES SMTP password: 33 octets in base64


def test_dovecot_verifies_each_hash_with_the_password_of_the_outputs(
    on_opendkim: Deployed, need: Need
) -> None:
    masters = {name: one["password"] for name, one in on_opendkim.outputs["masters"].items()}
    for file, passwords in (
        ("postfix-accounts.cf", on_opendkim.passwords),
        ("dovecot-masters.cf", masters),
    ):
        lines = (on_opendkim.volume / file).read_text().splitlines()
        hashes = dict(line.split("|") for line in lines if not line.startswith("#"))
        assert set(hashes) == set(passwords)
        for login, hashed in hashes.items():
            good = doveadm(need, "pw", "-t", hashed, "-p", passwords[login])
            assert "(verified)" in good.stdout, login
            assert doveadm(need, "pw", "-t", hashed, "-p", "wrong").returncode != 0, login


@pytest.mark.parametrize(
    ("login", "limit"),
    [
        ("alice@example.test", str(2 * 1024 * 1024)),
        ("lena@lists.example.test", str(500 * 1024)),
        ("bob@example.test", "-"),
    ],
)
def test_dovecot_keeps_each_quota(config: Path, need: Need, login: str, limit: str) -> None:
    assert storage_limit(config, need, login) == limit


def test_each_account_logs_in_and_the_master_into_it(
    on_opendkim: Deployed, config: Path, need: Need
) -> None:
    master = on_opendkim.outputs["masters"]["admin"]["password"]
    for login, password in on_opendkim.passwords.items():
        own = doveadm(need, "-c", str(config), "auth", "test", login, password)
        assert "auth succeeded" in own.stdout, login
        other = doveadm(need, "-c", str(config), "auth", "test", f"{login}*admin", master)
        assert f"user={login}\n" in other.stdout, login
    wrong = doveadm(need, "-c", str(config), "auth", "test", f"{login}*admin", password)
    assert "auth failed" in wrong.stdout
