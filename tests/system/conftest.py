"""A config volume on disk, made as mailstack makes it, and the programs that must accept it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mail import dkim, password
from mail.dms import inputs
from mail.dms.files import config_files

PASSWORD = "correct horse battery"
DOMAINS = ("example.test", "xn--bcher-kva.example", "sub.example.test")

Need = Callable[[str], str]
Write = Callable[[inputs.ServerFiles], Path]


@pytest.fixture(scope="session")
def need() -> Need:
    """Give a program's path, or skip the test and say what to install."""

    def find(program: str) -> str:
        # Debian keeps daemons where an ordinary user's PATH does not look.
        path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
        if path is None:
            pytest.skip(f"{program} is not installed; .ci/run installs it")
        return path

    return find


@pytest.fixture(scope="session")
def server() -> inputs.ServerFiles:
    """Several domains with both kinds of key, aliases of all kinds, and a relay."""
    hashed = password.hash_password(PASSWORD)
    return inputs.ServerFiles(
        mailboxes=(
            inputs.Mailbox(address="alice@example.test", password_hash=hashed, quota="2G"),
            inputs.Mailbox(address="lice@example.test", password_hash=hashed),
            inputs.Mailbox(address="carol@xn--bcher-kva.example", password_hash=hashed, quota="9M"),
        ),
        aliases=(
            inputs.Alias(
                address="team@example.test", targets=("alice@example.test", "bob@elsewhere.test")
            ),
        ),
        catch_alls=(inputs.CatchAll(domain="example.test", target="alice@example.test"),),
        regexp_aliases=(
            inputs.RegexpAlias(
                pattern=r"/^sales-(.+)@xn--bcher-kva\.example$/", targets=("$1@elsewhere.test",)
            ),
        ),
        masters=(inputs.Master(name="admin", password_hash=hashed),),
        relay=inputs.RelayAccess(
            host="relay.elsewhere.test", port=465, user="me@elsewhere.test", password="p:a ss#"
        ),
        dkim_keys=tuple(
            inputs.SigningKey(
                domain=domain,
                selector=name.selector,
                private_key=dkim.private_key_for_rspamd(dkim.generate_key(name.algorithm)),
            )
            for domain in DOMAINS
            for name in dkim.key_names(domain=domain, selector="mail", signer="rspamd")
        ),
        user_files={"postfix-main.cf": "message_size_limit = 52428800\n"},
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a server's config volume into a folder of the test."""
    return lambda server: write_volume(server, tmp_path / "config")


def write_volume(server: inputs.ServerFiles, volume: Path) -> Path:
    """Write every file of the config volume into a folder, and give the folder."""
    for path, file in config_files(server).items():
        target = volume / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.content)
        target.chmod(file.mode)
        make_old(target)
    return volume


def make_old(path: Path) -> None:
    """Set a file's time back: Postfix waits two seconds for a file that has only just changed."""
    os.utime(path, (0, 0))
