"""Runs a real Dovecot on the files of a config volume."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.system.conftest import Need
from tests.system.daemons import running

_VMAIL = 5000  # the user and group that own mail in the image (DMS__VMAIL_UID)

# As docker-mailserver sets Dovecot 2.3 up for the FILE provisioner (auth-passwdfile.inc,
# auth-master.inc, 90-quota.conf), with every folder inside the
# test's own.
_CONFIG = """\
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
            f"{login}:{hashed}:{_VMAIL}:{_VMAIL}::{base}/mail/{login}/home::"
            f"userdb_quota_rule=*:bytes={quota}\n"
        )
    (base / "userdb").write_text("".join(users))
    masters = [line.replace("|", ":") + "\n" for line in _entries(volume / "dovecot-masters.cf")]
    (base / "masterdb").write_text("".join(masters))


@contextmanager
def dovecot(volume: Path, *, program: str) -> Iterator[Path]:
    """Run a Dovecot of our own, without any port; give its configuration's path."""
    # Not pytest's own folder: root alone may enter that one, and Dovecot's processes are not root.
    with TemporaryDirectory(prefix="mailstack-dovecot.") as folder:
        base = Path(folder)
        base.chmod(0o755)
        (base / "mail").mkdir(mode=0o755)
        os.chown(base / "mail", _VMAIL, _VMAIL)
        _convert(volume, base)
        config = base / "dovecot.conf"
        config.write_text(_CONFIG.format(base=base))
        with running([program, "-F", "-c", str(config)], ready=base / "run" / "auth-userdb"):
            yield config


def doveadm(need: Need, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [need("doveadm"), *arguments], check=False, capture_output=True, text=True
    )


def storage_limit(config: Path, need: Need, login: str) -> str:
    """Give a login's quota as Dovecot applies it: KiB, or "-" for none."""
    done = doveadm(need, "-c", str(config), "-f", "tab", "quota", "get", "-u", login)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    # Columns: name, type, value, limit in KiB, percent.
    return next(row[3] for row in rows if row[1] == "STORAGE")
