"""The real Dovecot takes our hashes, accounts, quotas and master users."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mail.dms.inputs import ServerFiles
from tests.system.conftest import PASSWORD, Need, write_volume
from tests.system.dovecot import doveadm, dovecot, storage_limit

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def config(
    server: ServerFiles, need: Need, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("Dovecot's master process runs as root only")
    volume = write_volume(server, tmp_path_factory.mktemp("dovecot") / "config")
    with dovecot(volume, program=need("dovecot")) as config:
        yield config


def test_it_verifies_each_hash(server: ServerFiles, need: Need) -> None:
    for mailbox in server.mailboxes:
        good = doveadm(need, "pw", "-t", mailbox.password_hash, "-p", PASSWORD)
        assert "(verified)" in good.stdout
    bad = doveadm(need, "pw", "-t", server.mailboxes[0].password_hash, "-p", "wrong")
    assert bad.returncode != 0


@pytest.mark.parametrize("login", ["alice@example.test", "carol@xn--bcher-kva.example"])
def test_an_account_logs_in_with_its_password_only(config: Path, need: Need, login: str) -> None:
    good = doveadm(need, "-c", str(config), "auth", "test", login, PASSWORD)
    assert "auth succeeded" in good.stdout
    bad = doveadm(need, "-c", str(config), "auth", "test", login, "wrong")
    assert "auth failed" in bad.stdout


def test_a_master_logs_in_to_another_mailbox(config: Path, need: Need) -> None:
    done = doveadm(need, "-c", str(config), "auth", "test", "lice@example.test*admin", PASSWORD)
    assert "auth succeeded" in done.stdout
    assert "user=lice@example.test" in done.stdout


@pytest.mark.parametrize(
    ("login", "limit"),
    [
        ("alice@example.test", str(2 * 1024 * 1024)),
        # Its line comes first: a loose search for "lice@example.test:" would find alice's.
        ("lice@example.test", "-"),
        ("carol@xn--bcher-kva.example", str(9 * 1024)),
    ],
)
def test_each_account_has_its_own_quota(config: Path, need: Need, login: str, limit: str) -> None:
    assert storage_limit(config, need, login) == limit
