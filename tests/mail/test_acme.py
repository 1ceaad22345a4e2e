"""What the ACME client asks for, and what it says when it gets nothing."""

from typing import Any

import pytest

from mail.acme import (
    FAILED,
    PRODUCTION,
    STAGING,
    CertificateOrder,
    certbot_arguments,
    certbots_reason,
    client_command,
    token_file,
)

REFUSED = """\
Saving debug log to /var/log/letsencrypt/letsencrypt.log
Requesting a certificate for mail.example.test
Waiting 30 seconds for DNS changes to propagate

Certbot failed to authenticate some domains (authenticator: dns-cloudflare). The Certificate \
Authority reported these problems:
  Domain: mail.example.test
  Type:   dns
  Detail: DNS problem: NXDOMAIN looking up TXT for _acme-challenge.mail.example.test

Hint: The Certificate Authority failed to verify the DNS TXT records created by \
--dns-cloudflare. Ensure the above domains are hosted by this DNS provider.

Some challenges have failed.
Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile …
mailstack-acme: failed; next attempt in 900 s
"""
NO_ZONE = """\
Saving debug log to /var/log/letsencrypt/letsencrypt.log
Requesting a certificate for mail.example.test
Error determining zone_id: 9109 Invalid access token. Please confirm that you have supplied \
valid Cloudflare API credentials.
Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile …
mailstack-acme: failed; next attempt in 900 s
"""


@pytest.mark.parametrize(
    ("order", "name", "lineage", "directory"),
    [
        ({}, "mail.example.test", "production-mail.example.test", PRODUCTION),
        ({"staging": True}, "mail.example.test", "staging-mail.example.test", STAGING),
        ({"wildcard": True}, "*.example.test", "production-wildcard.example.test", PRODUCTION),
    ],
    ids=["plain", "staging", "wildcard"],
)
def test_each_order_has_a_lineage_of_its_own(
    order: dict[str, Any], name: str, lineage: str, directory: str
) -> None:
    made = CertificateOrder(hostname="mail.example.test", **order)
    assert (made.name, made.lineage, made.directory) == (name, lineage, directory)
    arguments = certbot_arguments(made)
    for option, value in (("--domains", name), ("--cert-name", lineage), ("--server", directory)):
        assert arguments[arguments.index(option) + 1] == value


def test_an_account_with_and_without_contact() -> None:
    order = CertificateOrder(hostname="mail.example.test", email="admin@example.test")
    assert "admin@example.test" in certbot_arguments(order)
    nobody = certbot_arguments(CertificateOrder(hostname="mail.example.test"))
    assert "--register-unsafely-without-email" in nobody
    assert "--email" not in nobody


def test_the_command_names_the_folders_before_certbots_arguments() -> None:
    order = CertificateOrder(hostname="mail.example.test")
    _, name, live, published, *rest = client_command(order)
    assert name == "acme-client"
    assert live == "/etc/letsencrypt/live/production-mail.example.test"
    assert published == "/srv/published/production-mail.example.test"
    assert rest == certbot_arguments(order)


def test_the_token_is_written_as_the_plugin_reads_it() -> None:
    assert token_file("t0ken") == "dns_cloudflare_api_token = t0ken\n"


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (
            REFUSED,
            "DNS problem: NXDOMAIN looking up TXT for _acme-challenge.mail.example.test",
        ),
        (
            NO_ZONE,
            "Error determining zone_id: 9109 Invalid access token. Please confirm that you have "
            "supplied valid Cloudflare API credentials.",
        ),
        (f"{FAILED}; next attempt in 900 s\n", None),
        ("sh: certbot: not found\n", "sh: certbot: not found"),
        ("", None),
    ],
    ids=["the authority refuses", "no zone", "silent", "no client", "empty"],
)
def test_the_reason_is_the_line_that_helps(log: str, reason: str | None) -> None:
    assert certbots_reason(log.splitlines()) == reason
