from typing import Any

import pytest

from settings import load
from settings.relay import GmailRelay, MailgunRelay
from tests.settings.conftest import Raw, Spoil

SMTP = {"kind": "smtp", "host": "smtp.example.net", "user": "u", "password": "p"}


def test_ses_without_a_region(problems_with: Spoil) -> None:
    (problem,) = problems_with("host", {"kind": "local"})
    assert problem.path == "mailstack:relay.region"
    assert "pulumi config set --path mailstack:relay.region" in problem.remedy


def test_ses_of_a_domain_without_a_region(problems_with: Spoil, good: Raw) -> None:
    good["relay"] = {"kind": "none"}
    good["domains"]["example.org"]["relay"] = {"kind": "ses"}
    (problem,) = problems_with("host", {"kind": "local"})
    assert problem.path == 'mailstack:domains["example.org"].relay.region'
    assert """mailstack:domains["example.org"].relay.region""" in problem.remedy


def test_ses_that_no_domain_uses(problems_with: Spoil, good: Raw) -> None:
    good["domains"]["example.org"]["relay"] = {"kind": "ses", "region": "us-east-1"}
    (problem,) = problems_with("domains", "example.test", "relay", {"kind": "none"})
    assert problem.path == "mailstack:relay"
    assert "no sender" in problem.message
    assert "pulumi config rm --path mailstack:relay" in problem.remedy


def test_bounce_name_of_a_domains_own_that_is_taken(problems_with: Spoil, good: Raw) -> None:
    good["domains"]["example.org"]["relay"] = {"kind": "ses", "mailFromLabel": "back"}
    (problem,) = problems_with("domains", "back.example.org", {"accounts": {"x": {}}})
    assert problem.path == 'mailstack:domains["example.org"].relay.mailFromLabel'
    assert "back.example.org is taken" in problem.message


@pytest.mark.parametrize("domain", ["bounce.example.test", "bounce.example.org"])
def test_bounce_name_that_is_taken(problems_with: Spoil, domain: str) -> None:
    (problem,) = problems_with("domains", domain, {"accounts": {"x": {}}})
    assert problem.path == "mailstack:relay.mailFromLabel"
    assert f"{domain} is taken" in problem.message


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "192.0.2.1"},
        {"user": "a:b"},
        {"user": ""},
        {"password": ""},
        {"password": "a\nb"},
        {"password": " x"},
    ],
)
def test_login_that_cannot_work(problems_with: Spoil, wrong: dict[str, Any]) -> None:
    (problem,) = problems_with("relay", SMTP | wrong)
    assert problem.path == f"mailstack:relay.{next(iter(wrong))}"


@pytest.mark.parametrize(
    ("relay", "key"),
    [
        ({"kind": "sendgrid"}, "apiKey"),
        ({"kind": "sendgrid", "apiKey": "a\nb"}, "apiKey"),
        ({"kind": "mailgun", "user": "u", "password": ""}, "password"),
        ({"kind": "mailgun", "user": "u", "password": "p", "region": "asia"}, "region"),
        ({"kind": "gmail", "user": "alice", "password": "p"}, "user"),
        ({"kind": "post"}, "kind"),
    ],
)
def test_preset_that_cannot_work(problems_with: Spoil, relay: dict[str, Any], key: str) -> None:
    (problem,) = problems_with("domains", "example.org", "relay", relay)
    assert problem.path == f'mailstack:domains["example.org"].relay.{key}'


def test_a_faulty_relay_of_a_domain_hides_no_other_fault(problems_with: Spoil, good: Raw) -> None:
    good["domains"]["example.test"]["catchAll"] = "nobody"
    relay = {"kind": "sendgrid"}
    paths = {one.path for one in problems_with("domains", "example.org", "relay", relay)}
    assert paths == {
        'mailstack:domains["example.org"].relay.apiKey',
        'mailstack:domains["example.test"].catchAll',
    }


def test_the_blanks_of_an_app_password_are_none_of_it(good: Raw) -> None:
    good["relay"] = {"kind": "gmail", "user": "a@gmail.com", "password": "abcd efgh ijkl mnop"}
    relay = load(good).relay
    assert isinstance(relay, GmailRelay)
    assert relay.password.get_secret_value() == "abcdefghijklmnop"
    assert (relay.host, relay.port) == ("smtp.gmail.com", 587)


@pytest.mark.parametrize(("region", "host"), [("us", "smtp"), ("eu", "smtp.eu")])
def test_mailguns_regions_have_servers_of_their_own(good: Raw, region: str, host: str) -> None:
    good["relay"] = {"kind": "mailgun", "region": region, "user": "u", "password": "p"}
    relay = load(good).relay
    assert isinstance(relay, MailgunRelay)
    assert relay.host == f"{host}.mailgun.org"
