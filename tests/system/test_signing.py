"""What a real Rspamd and a real OpenDKIM sign with our files verifies with the keys in our DNS."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mail import dkim
from mail.dms.inputs import ServerFiles
from mail.records import DkimRecord, DomainFacts, domain_records
from tests.system.conftest import DOMAINS, Need, write_volume
from tests.system.signing import (
    GATEWAY,
    Milter,
    opendkim,
    opendkim_configuration,
    rspamd,
    rspamd_configuration,
    verify,
)

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("signing")]


@pytest.fixture(scope="module")
def txt(server: ServerFiles) -> dict[str, str]:
    """The DKIM records of every domain: name -> value, as the DNS would answer."""
    records: dict[str, str] = {}
    for domain in DOMAINS:
        keys = tuple(
            DkimRecord(selector=key.selector, value=dkim.public_record(key.private_key))
            for key in server.dkim_keys
            if key.domain == domain
        )
        facts = DomainFacts(
            domain=domain,
            hostname="mail.example.test",
            ipv4="192.0.2.1",
            zones={domain: domain},
            dkim=keys,
        )
        records |= {record.name: record.content for record in domain_records(facts)}
    return {name: value for name, value in records.items() if "_domainkey" in name}


@pytest.fixture(scope="module")
def by_opendkim(server: ServerFiles) -> ServerFiles:
    rsa = tuple(key for key in server.dkim_keys if key.selector == "mail")
    return replace(server, signer="opendkim", dkim_keys=rsa)


@pytest.fixture(scope="module")
def running_rspamd(
    server: ServerFiles, need: Need, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Milter]:
    programs = {name: need(name) for name in ("rspamd", "miltertest")}
    base = tmp_path_factory.mktemp("rspamd")
    volume = write_volume(server, base / "config")
    with rspamd(volume, programs=programs, folder=base / "rspamd") as milter:
        yield milter


@pytest.fixture(scope="module")
def running_opendkim(
    by_opendkim: ServerFiles, need: Need, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Milter]:
    programs = {name: need(name) for name in ("opendkim", "miltertest")}
    base = tmp_path_factory.mktemp("opendkim")
    volume = write_volume(by_opendkim, base / "config")
    with opendkim(volume, programs=programs, folder=base / "opendkim") as milter:
        yield milter


def _tag(message: bytes, tag: str) -> str:
    found = re.search(rf"[\s;]{tag}=([^;\s]+)", message.decode())
    assert found is not None
    return found[1]


@pytest.mark.parametrize("domain", DOMAINS)
def test_rspamd_signs_with_both_keys_of_each_domain(
    running_rspamd: Milter, txt: dict[str, str], domain: str
) -> None:
    signed = running_rspamd.sign(author=f"alice@{domain}", user="alice@example.test")
    kinds = {(_tag(one, "a"), _tag(one, "s"), _tag(one, "d")) for one in signed}
    assert kinds == {
        ("rsa-sha256", "mail", domain),
        ("ed25519-sha256", "mail-ed25519", domain),
    }
    assert [verify(one, txt) for one in signed] == [True, True]


@pytest.mark.parametrize("domain", DOMAINS)
def test_opendkim_signs_with_the_rsa_key_of_each_domain(
    running_opendkim: Milter, txt: dict[str, str], domain: str
) -> None:
    signed = running_opendkim.sign(author=f"alice@{domain}", user="alice@example.test")
    assert [(_tag(one, "s"), _tag(one, "d")) for one in signed] == [("mail", domain)]
    assert verify(signed[0], txt)


def test_another_key_in_the_dns_does_not_verify(
    running_rspamd: Milter, txt: dict[str, str]
) -> None:
    signed = running_rspamd.sign(author="alice@example.test", user="alice@example.test")
    others = {"rsa": dkim.generate_key("rsa"), "ed25519": dkim.generate_key("ed25519")}
    wrong = {
        name: dkim.public_record(others["ed25519" if "ed25519" in name else "rsa"]) for name in txt
    }
    assert [verify(one, wrong) for one in signed] == [False, False]


@pytest.mark.parametrize("client", ["203.0.113.5", GATEWAY])
def test_rspamd_signs_nothing_for_a_stranger(running_rspamd: Milter, client: str) -> None:
    assert running_rspamd.sign(author="alice@example.test", user=None, client=client) == []


def test_opendkim_signs_nothing_for_a_stranger(running_opendkim: Milter) -> None:
    assert running_opendkim.sign(author="alice@example.test", user=None) == []


def test_rspamd_leaves_a_foreign_author_unsigned(running_rspamd: Milter) -> None:
    assert running_rspamd.sign(author="eve@elsewhere.test", user="alice@example.test") == []


def test_rspamadm_accepts_the_configuration(
    server: ServerFiles, need: Need, tmp_path: Path
) -> None:
    volume = write_volume(server, tmp_path / "config")
    options = rspamd_configuration(volume, folder=tmp_path / "rspamd", port=11332)
    done = subprocess.run(
        [need("rspamadm"), *options, "configtest"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "syntax OK\n")
    dump = subprocess.run(
        [need("rspamadm"), *options, "configdump", "dkim_signing"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert dump.stdout.count('selector = "mail') == len(server.dkim_keys)


def test_opendkim_accepts_the_configuration(
    by_opendkim: ServerFiles, need: Need, tmp_path: Path
) -> None:
    volume = write_volume(by_opendkim, tmp_path / "config")
    config = opendkim_configuration(volume, folder=tmp_path / "opendkim", port=8891)
    done = subprocess.run(
        [need("opendkim"), "-n", "-x", str(config)], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
