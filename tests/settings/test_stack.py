import pytest
from pydantic import ValidationError

from settings import Settings, load
from settings.host import AwsHost
from tests.settings.conftest import Raw


def test_addresses_are_full(good: Raw) -> None:
    good["domains"]["example.org"] = {
        "accounts": {"carol": {"aliases": ["info@example.test"]}},
        "catchAll": "someone@elsewhere.test",
    }
    settings = load(good)
    assert [box.address for box in settings.mailboxes] == [
        "alice@example.test",
        "bob@example.test",
        "carol@example.org",
    ]
    assert settings.aliases == {
        "team@example.test": ("alice@example.test", "bob@elsewhere.test"),
        "postmaster@example.test": ("alice@example.test",),
        "info@example.test": ("carol@example.org",),
    }
    assert settings.catch_alls == {
        "example.test": "alice@example.test",
        "example.org": "someone@elsewhere.test",
    }


def test_an_empty_value_means_the_default(good: Raw) -> None:
    good["domains"]["example.test"]["accounts"] = {"alice": None, "bob": {"quota": None}}
    good["domains"]["example.org"] |= {"dmarc": None, "aliases": None}
    settings = load(good | {"dns": None, "relay": None})
    assert settings.dns.ttl == 300
    assert settings.relay.kind == "none"
    assert [box.quota for box in settings.mailboxes] == [None, None, None]
    assert settings.domains["example.org"].dmarc.policy == "quarantine"


def test_a_domain_in_unicode_is_the_same_as_its_a_label(good: Raw) -> None:
    good["domains"]["Bücher.Example"] = {"accounts": {"dora": {"aliases": ["x@bücher.example"]}}}
    settings = load(good)
    assert "xn--bcher-kva.example" in settings.domains
    assert settings.zones["xn--bcher-kva.example"] == "xn--bcher-kva.example"
    assert settings.aliases["x@xn--bcher-kva.example"] == ("dora@xn--bcher-kva.example",)


def test_numbers_of_the_environment_are_text_for_the_container(good: Raw) -> None:
    good["server"]["environment"] = {"ENABLE_CLAMAV": 1, "SA_TAG": 2.5}
    assert load(good).server.environment == {"ENABLE_CLAMAV": "1", "SA_TAG": "2.5"}


def test_zones_are_the_registrable_domains_unless_said_otherwise(good: Raw) -> None:
    assert load(good).zones == {
        "example.test": "example.test",
        "example.org": "example.org",
        "mail.example.test": "example.test",
    }
    good["dns"]["zones"] = ["mail.example.test"]
    assert load(good).zones["mail.example.test"] == "mail.example.test"


def test_postmaster_is_an_address_that_exists(good: Raw) -> None:
    assert load(good).postmaster == "postmaster@example.test"
    good["domains"]["example.test"]["accounts"]["alice"] = {}
    assert load(good).postmaster == "alice@example.test"
    good["server"]["postmaster"] = "ops@elsewhere.test"
    assert load(good).postmaster == "ops@elsewhere.test"


def test_the_relay_decides_what_spf_includes(good: Raw) -> None:
    good["domains"]["example.test"]["spf"] = {"include": ["_spf.example.net", "amazonses.com"]}
    settings = load(good)
    assert settings.spf_includes("example.test") == ("_spf.example.net", "amazonses.com")
    assert settings.spf_includes("example.org") == ("amazonses.com",)
    smtp = {"kind": "smtp", "host": "s.example.net", "user": "u", "password": "p"}
    assert load(good | {"relay": smtp}).spf_includes("example.org") == ()
    settings = load(good | {"relay": smtp | {"spfInclude": "s.example.net"}})
    assert settings.spf_includes("example.org") == ("s.example.net",)
    assert settings.ses_domains == {}


@pytest.mark.parametrize(
    ("relay", "includes"),
    [
        ({"kind": "none"}, ()),
        ({"kind": "sendgrid", "apiKey": "SG.x"}, ("sendgrid.net",)),
        ({"kind": "mailgun", "user": "a@b.test", "password": "p"}, ("mailgun.org",)),
        ({"kind": "gmail", "user": "a@b.test", "password": "p"}, ("_spf.google.com",)),
        ({"kind": "ses", "region": "us-east-1"}, ("amazonses.com",)),
    ],
)
def test_spf_follows_the_domains_own_relay(
    good: Raw, relay: Raw, includes: tuple[str, ...]
) -> None:
    good["domains"]["example.org"]["relay"] = relay
    settings = load(good)
    assert settings.spf_includes("example.org") == includes
    assert settings.spf_includes("example.test") == ("amazonses.com",)


def _regions(settings: Settings) -> dict[str, str | None]:
    return {domain: settings.ses_region(relay) for domain, relay in settings.ses_domains.items()}


def test_ses_is_in_the_region_of_the_host_unless_said_otherwise(good: Raw) -> None:
    home = {"example.test": "eu-central-1", "example.org": "eu-central-1"}
    assert _regions(load(good)) == home
    good["domains"]["example.org"]["relay"] = {"kind": "ses", "region": "us-east-1"}
    assert _regions(load(good)) == home | {"example.org": "us-east-1"}
    good["domains"]["example.org"]["relay"] = {"kind": "none"}
    assert _regions(load(good)) == {"example.test": "eu-central-1"}


def test_selector_of_the_domain_wins(good: Raw) -> None:
    good["domains"]["example.org"]["dkim"] = {"selector": "s1"}
    settings = load(good)
    assert [settings.dkim_selector(domain) for domain in settings.domains] == ["mail", "s1"]


def test_what_names_a_resource_is_there_once(good: Raw) -> None:
    good["server"]["services"] = ["imaps", "smtp", "imaps"]
    good["host"]["sshFrom"] = ["10.0.0.0/8", "10.0.0.0/8"]
    settings = load(good)
    assert settings.server.services == ("imaps", "smtp")
    assert isinstance(settings.host, AwsHost)
    assert settings.host.ssh_from == ("10.0.0.0/8",)


def test_a_ready_hash_passes_as_a_password(good: Raw) -> None:
    hashed = "{SHA512-CRYPT}$6$" + "x" * 40
    good["domains"]["example.test"]["accounts"]["bob"] = {"password": hashed}
    password = load(good).mailboxes[1].password
    assert password is not None
    assert password.get_secret_value() == hashed


def test_settings_are_frozen(good: Raw) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load(good).server.hostname = "other.example.test"  # type: ignore[misc]
