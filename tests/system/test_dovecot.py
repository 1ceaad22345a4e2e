"""The real Dovecot takes our hashes, accounts, quotas and master users."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mail.dms.inputs import ServerFiles
from tests.system.conftest import PASSWORD, Need, write_volume
from tests.system.daemons import running

pytestmark = pytest.mark.system

VMAIL = 5000  # the user and group that own mail in the image (DMS_VMAIL_UID)

# As docker-mailserver sets Dovecot 2.3 up for the FILE provisioner (auth-passwdfile.inc,
# auth-master.inc, 90-quota.conf), with every folder inside the
# test's own.
CONFIG = """\
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols =
mail_location = maildir:{base}/mail/%u/mail
mail_plugins = quota
ssl = no
auth_mechanisms = plain
auth_failure_delay = 0
auth_username_format = %Lu
auth_master_user_separator = *
# No waiting after the failed logins that the tests make.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=SHA512-CRYPT {base}/masterdb
  master = yes
  result_success = continue
}}
passdb {{
  driver = passwd-file
  args = scheme=SHA512-CRYPT username_format=%u {base}/userdb
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {base}/userdb
}}
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage=0
}}
"""


def _entries(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if not line.startswith("#")]


def _convert(volume: Path, base: Path) -> None:
    """Make Dovecot's tables from the volume, as docker-mailserver 15.1's accounts.sh does."""
    quotas = _entries(volume / "dovecot-quotas.cf")
    users = []
    for line in _entries(volume / "postfix-accounts.cf"):
        login, hashed = line.split("|")
        quota = next(entry for entry in quotas if f"{login}:" in entry).split(":")[1]
        users.append(
            f"{login}:{hashed}:{VMAIL}:{VMAIL}::{base}/mail/{login}/home::"
            f"userdb_quota_rule=*:bytes={quota}\n"
        )
    (base / "userdb").write_text("".join(users))
    masters = [line.replace("|", ":") + "\n" for line in _entries(volume / "dovecot-masters.cf")]
    (base / "masterdb").write_text("".join(masters))


@pytest.fixture(scope="module")
def config(server: ServerFiles, need: Need) -> Iterator[Path]:
    """A running Dovecot of our own, without any port."""
    if os.geteuid() != 0:
        pytest.skip("Dovecot's master process runs as root only")
    dovecot = need("dovecot")
    # Not pytest's own folder: root alone may enter that one, and Dovecot's processes are not root.
    with TemporaryDirectory(prefix="mailstack-dovecot.") as folder:
        base = Path(folder)
        base.chmod(0o755)
        (base / "mail").mkdir(mode=0o755)
        os.chown(base / "mail", VMAIL, VMAIL)
        _convert(write_volume(server, base / "config"), base)
        config = base / "dovecot.conf"
        config.write_text(CONFIG.format(base=base))
        with running([dovecot, "-F", "-c", str(config)], ready=base / "run" / "auth-userdb"):
            yield config


def _doveadm(need: Need, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [need("doveadm"), *arguments], check=False, capture_output=True, text=True
    )


def test_it_verifies_each_hash(server: ServerFiles, need: Need) -> None:
    for mailbox in server.mailboxes:
        good = _doveadm(need, "pw", "-t", mailbox.password_hash, "-p", PASSWORD)
        assert "(verified)" in good.stdout
    bad = _doveadm(need, "pw", "-t", server.mailboxes[0].password_hash, "-p", "wrong")
    assert bad.returncode != 0


@pytest.mark.parametrize("login", ["alice@example.test", "carol@xn--bcher-kva.example"])
def test_an_account_logs_in_with_its_password_only(config: Path, need: Need, login: str) -> None:
    good = _doveadm(need, "-c", str(config), "auth", "test", login, PASSWORD)
    assert "auth succeeded" in good.stdout
    bad = _doveadm(need, "-c", str(config), "auth", "test", login, "wrong")
    assert "auth failed" in bad.stdout


def test_a_master_logs_in_to_another_mailbox(config: Path, need: Need) -> None:
    done = _doveadm(need, "-c", str(config), "auth", "test", "lice@example.test*admin", PASSWORD)
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
    done = _doveadm(need, "-c", str(config), "-f", "tab", "quota", "get", "-u", login)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    # Columns: name, type, value, limit in KiB, percent.
    assert next(row[3] for row in rows if row[1] == "STORAGE") == limit
