"""What a person is asked to do for the certificate."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme

from components.tls.certificate_instructions import certificate_instructions
from mail.instructions import Instruction
from settings import load
from tests.settings.conftest import GOOD

END = datetime.now(UTC) + timedelta(days=60)


def asked(tls: dict[str, Any]) -> list[Instruction]:
    raw = {**GOOD, "server": {**GOOD["server"], "tls": tls}}
    return list(certificate_instructions(load(raw)))


@pytest.mark.parametrize("tls", [{"kind": "selfSigned"}, {"kind": "letsencrypt"}])
def test_nothing_where_the_stack_renews(tls: dict[str, Any]) -> None:
    assert asked(tls) == []


def test_who_brings_a_certificate_is_told_its_end() -> None:
    issued = trustme.CA().issue_cert("mail.example.test", not_after=END)
    pair = {
        "certificate": issued.cert_chain_pems[0].bytes().decode(),
        "key": issued.private_key_pem.bytes().decode(),
    }
    (one,) = asked({"kind": "manual", **pair})
    assert f"before {END:%Y-%m-%d}" in one.what
    assert f"{END - timedelta(days=21):%Y-%m-%d}" in one.why
    assert one.how == (
        "pulumi config set --path mailstack:server.tls.certificate < fullchain.pem"
        " && pulumi config set --secret --path mailstack:server.tls.key < privkey.pem"
        " && pulumi up"
    )


def test_staging_is_not_the_end() -> None:
    (one,) = asked({"kind": "letsencrypt", "staging": True})
    assert "mailstack:server.tls.staging false && pulumi up" in one.how


@pytest.mark.parametrize(
    ("tls", "words"),
    [
        ({"kind": "traefik", "acmePath": "/srv/acme.json"}, "Host(`mail.example.test`)"),
        ({"kind": "caddy", "data": "caddy"}, "site mail.example.test"),
        ({"kind": "caddy", "data": "caddy", "domain": "*.example.test"}, "site *.example.test"),
    ],
)
def test_another_program_must_obtain_it_first(tls: dict[str, Any], words: str) -> None:
    (one,) = asked(tls)
    assert words in one.how
    assert "before the first `pulumi up`" in one.what
