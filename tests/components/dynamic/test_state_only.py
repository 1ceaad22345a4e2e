"""The resources that live in the state alone: made once, kept through every later up."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_ssh_private_key,
    load_ssh_public_key,
)
from cryptography.x509.verification import PolicyBuilder, Store

from components.dynamic.certificate import LIFETIME, CertificateProvider
from components.dynamic.dkim_key import DkimKeyProvider
from components.dynamic.mailbox_password import MailboxPasswordProvider
from components.dynamic.ssh_key import SshKeyProvider
from mail.dkim import public_record
from mail.password import verify

DKIM = {"domain": "example.test", "selector": "mail", "algorithm": "ed25519"}


def test_dkim_key_is_a_pair() -> None:
    made = DkimKeyProvider().create(DKIM)
    assert made.id == "mail._domainkey.example.test"
    assert made.outs["public_record"] == public_record(made.outs["private_key"])


def test_dkim_key_survives_every_up() -> None:
    provider = DkimKeyProvider()
    outs = provider.create(DKIM).outs
    assert provider.diff("id", outs, DKIM).changes is False
    assert provider.update("id", outs, DKIM).outs == outs


@pytest.mark.parametrize("changed", ["domain", "selector", "algorithm"])
def test_another_identity_is_another_dkim_key(changed: str) -> None:
    provider = DkimKeyProvider()
    outs = provider.create(DKIM).outs
    diff = provider.diff("id", outs, DKIM | {changed: "rsa"})
    assert diff.changes is True
    assert diff.replaces == [changed]


def test_given_password_is_hashed_once() -> None:
    provider = MailboxPasswordProvider()
    props = {"login": "alice@example.test", "given": "correct horse"}
    outs = provider.create(props).outs
    assert verify("correct horse", outs["hash"])
    assert provider.diff("id", outs, props).changes is False


def test_rotated_password_gets_a_new_hash() -> None:
    provider = MailboxPasswordProvider()
    outs = provider.create({"login": "alice@example.test", "given": "old one"}).outs
    news = {"login": "alice@example.test", "given": "new one"}
    assert provider.diff("id", outs, news).changes is True
    assert provider.diff("id", outs, news).replaces == []
    assert verify("new one", provider.update("id", outs, news).outs["hash"])


def test_missing_password_is_generated_and_kept() -> None:
    provider = MailboxPasswordProvider()
    props = {"login": "bob@example.test"}
    outs = provider.create(props).outs
    assert verify(outs["password"], outs["hash"])
    assert outs["password"] != provider.create(props).outs["password"]
    assert provider.diff("id", outs, props).changes is False


def test_a_ready_hash_is_passed_on() -> None:
    ready = MailboxPasswordProvider().create({"login": "a@b.test", "given": "x"}).outs["hash"]
    outs = MailboxPasswordProvider().create({"login": "a@b.test", "given": ready}).outs
    assert outs["hash"] == ready
    assert outs["password"] == ""


def test_ssh_key_is_a_pair_and_stays() -> None:
    provider = SshKeyProvider()
    outs = provider.create({"purpose": "test"}).outs
    private = load_ssh_private_key(outs["private_key"].encode(), password=None)
    assert isinstance(private, Ed25519PrivateKey)
    assert private.public_key() == load_ssh_public_key(outs["public_key"].encode())
    assert provider.diff("id", outs, {"purpose": "renamed"}).changes is False
    assert provider.update("id", outs, {"purpose": "renamed"}).outs == outs


def _verify(outs: dict[str, str], hostname: str, when: datetime) -> None:
    store = Store([x509.load_pem_x509_certificate(outs["ca_certificate"].encode())])
    verifier = PolicyBuilder().store(store).time(when).build_server_verifier(x509.DNSName(hostname))
    verifier.verify(x509.load_pem_x509_certificate(outs["certificate"].encode()), [])


def test_certificate_is_trusted_through_its_ca_alone() -> None:
    outs = CertificateProvider().create({"hostname": "mail.example.test"}).outs
    _verify(outs, "mail.example.test", datetime.now(UTC))
    with pytest.raises(x509.verification.VerificationError):
        _verify(outs, "other.example.test", datetime.now(UTC))
    key = load_pem_private_key(outs["private_key"].encode(), password=None)
    leaf = x509.load_pem_x509_certificate(outs["certificate"].encode())
    assert key.public_key() == leaf.public_key()


def test_certificate_is_renewed_in_time_by_the_same_ca() -> None:
    provider = CertificateProvider()
    props = {"hostname": "mail.example.test"}
    outs = provider.create(props).outs
    assert provider.diff("id", outs, props).changes is False
    due = outs | {"renew_after": (datetime.now(UTC) - timedelta(days=1)).isoformat()}
    assert provider.diff("id", due, props).changes is True
    renewed = provider.update("id", due, props).outs
    assert renewed["ca_certificate"] == outs["ca_certificate"]
    assert renewed["certificate"] != outs["certificate"]
    _verify(renewed, "mail.example.test", datetime.now(UTC) + LIFETIME - timedelta(days=1))


def test_a_new_hostname_gets_a_new_certificate() -> None:
    provider = CertificateProvider()
    outs = provider.create({"hostname": "mail.example.test"}).outs
    news = {"hostname": "mx.example.test"}
    assert provider.diff("id", outs, news).changes is True
    _verify(provider.update("id", outs, news).outs, "mx.example.test", datetime.now(UTC))
