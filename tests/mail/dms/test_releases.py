"""Which images have another Dovecot, and whom that concerns."""

import pytest

from mail.dms.releases import has_dovecot_2_4, upgrade_instructions

NAME = "ghcr.io/docker-mailserver/docker-mailserver"
DIGEST = "@sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (":15.1.0", False),
        (":15", False),
        (f":15.1.0{DIGEST}", False),
        (DIGEST, False),
        (":latest", False),
        (":house-16", False),
        ("", False),
        (":edge", True),
        (f":edge{DIGEST}", True),
        (":16", True),
        (":v16.0.1", True),
    ],
)
def test_dovecot_by_tag(tag: str, expected: bool) -> None:
    assert has_dovecot_2_4(NAME + tag) is expected


def test_a_registrys_port_is_no_tag() -> None:
    assert has_dovecot_2_4("registry.example.com:5000/docker-mailserver") is False


def test_who_brings_settings_of_dovecot_is_told() -> None:
    files = {"dovecot.cf": "", "postfix-main.cf": ""}
    (told,) = upgrade_instructions(f"{NAME}:edge", files)
    assert "dovecot.cf" in told.what
    assert "2.4" in told.why
    assert upgrade_instructions(f"{NAME}:15.1.0", files) == []
    assert upgrade_instructions(f"{NAME}:edge", {"postfix-main.cf": ""}) == []
