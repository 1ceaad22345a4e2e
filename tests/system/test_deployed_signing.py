"""What is signed with the files of a deployed config volume verifies against the lab's DNS."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import dkim as dkimpy
import pytest

from tests.deployed import OPENDKIM_DOMAINS, RSPAMD_DOMAINS, Deployed
from tests.system.conftest import Need
from tests.system.signing import (
    Milter,
    opendkim,
    opendkim_configuration,
    rspamd,
    rspamd_configuration,
)

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("deployed")]


@pytest.fixture(scope="module")
def running_rspamd(
    on_rspamd: Deployed, need: Need, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Milter]:
    programs = {name: need(name) for name in ("rspamd", "miltertest")}
    folder = tmp_path_factory.mktemp("rspamd")
    with rspamd(on_rspamd.volume, programs=programs, folder=folder) as milter:
        yield milter


@pytest.fixture(scope="module")
def running_opendkim(
    on_opendkim: Deployed, need: Need, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Milter]:
    programs = {name: need(name) for name in ("opendkim", "miltertest")}
    folder = tmp_path_factory.mktemp("opendkim")
    with opendkim(on_opendkim.volume, programs=programs, folder=folder) as milter:
        yield milter


def _verified(signed: list[bytes], stack: Deployed) -> set[tuple[str, str, str]]:
    """(algorithm, selector, domain) of each signature, all of which must verify."""
    for one in signed:
        assert dkimpy.verify(one, dnsfunc=stack.txt, minkey=1024)
    return {(_tag(one, "a"), _tag(one, "s"), _tag(one, "d")) for one in signed}


def _tag(message: bytes, tag: str) -> str:
    found = re.search(rf"[\s;]{tag}=([^;\s]+)", message.decode())
    assert found is not None
    return found[1]


def _author(stack: Deployed, domain: str) -> str:
    return next(address for address in stack.passwords if address.endswith(f"@{domain}"))


@pytest.mark.parametrize("domain", RSPAMD_DOMAINS)
def test_rspamd_signs_with_both_keys(
    on_rspamd: Deployed, running_rspamd: Milter, domain: str
) -> None:
    author = _author(on_rspamd, domain)
    signed = running_rspamd.sign(author=author, user=author)
    assert _verified(signed, on_rspamd) == {
        ("rsa-sha256", "mail", domain),
        ("ed25519-sha256", "mail-ed25519", domain),
    }


@pytest.mark.parametrize("domain", OPENDKIM_DOMAINS)
def test_opendkim_signs_with_the_rsa_key(
    on_opendkim: Deployed, running_opendkim: Milter, domain: str
) -> None:
    author = _author(on_opendkim, domain)
    signed = running_opendkim.sign(author=author, user=author)
    assert _verified(signed, on_opendkim) == {("rsa-sha256", "mail", domain)}


def test_a_changed_message_does_not_verify(on_rspamd: Deployed, running_rspamd: Milter) -> None:
    author = _author(on_rspamd, "example.test")
    changed = [
        one.replace(b"Subject: A test", b"Subject: B test")
        for one in running_rspamd.sign(author=author, user=author)
    ]
    assert [dkimpy.verify(one, dnsfunc=on_rspamd.txt, minkey=1024) for one in changed] == [
        False,
        False,
    ]


def test_rspamadm_accepts_the_configuration(
    on_rspamd: Deployed, need: Need, tmp_path: Path
) -> None:
    rspamadm = need("rspamadm")
    options = rspamd_configuration(on_rspamd.volume, folder=tmp_path / "rspamd", port=11332)
    done = subprocess.run(
        [rspamadm, *options, "configtest"], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "syntax OK\n")


def test_opendkim_finds_its_tables(on_opendkim: Deployed, need: Need, tmp_path: Path) -> None:
    # All that `-n` looks at: what stands in the tables shows only when it signs.
    program = need("opendkim")
    config = opendkim_configuration(on_opendkim.volume, folder=tmp_path / "opendkim", port=8891)
    done = subprocess.run(
        [program, "-n", "-x", str(config)], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
