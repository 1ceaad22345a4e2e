"""DKIM keys: the published half belongs to the private half, in the form each standard asks for."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
)

from mail import dkim

RSA = dkim.generate_key("rsa")
ED25519 = dkim.generate_key("ed25519")


def _published(record: str) -> bytes:
    return base64.b64decode(record.partition("p=")[2], validate=True)


def test_an_rsa_key_has_2048_bits_and_its_record_holds_its_public_half() -> None:
    record = dkim.public_record(RSA)
    assert record.startswith("v=DKIM1; k=rsa; p=")
    public = load_der_public_key(_published(record))
    assert isinstance(public, rsa.RSAPublicKey)
    assert public.key_size == 2048
    private = load_pem_private_key(RSA.encode(), password=None)
    assert isinstance(private, rsa.RSAPrivateKey)
    assert private.public_key().public_numbers() == public.public_numbers()


def test_an_ed25519_record_holds_the_32_raw_octets() -> None:
    record = dkim.public_record(ED25519)
    assert record.startswith("v=DKIM1; k=ed25519; p=")
    assert len(_published(record)) == 32


def test_the_algorithm_is_seen_in_the_key() -> None:
    assert (dkim.algorithm_of(RSA), dkim.algorithm_of(ED25519)) == ("rsa", "ed25519")


@pytest.mark.parametrize("algorithm", ["rsa", "ed25519"])
def test_a_placeholder_is_as_long_as_a_real_record(algorithm: dkim.Algorithm) -> None:
    key = RSA if algorithm == "rsa" else ED25519
    assert len(dkim.PLACEHOLDER[algorithm]) == len(dkim.public_record(key))


def test_ses_gets_the_same_key_as_pkcs1_without_armour() -> None:
    der = base64.b64decode(dkim.private_key_for_ses(RSA), validate=True)
    again = load_der_private_key(der, password=None)
    pem = again.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert pem == RSA
    assert der[4:7] == b"\x02\x01\x00"  # PKCS #1: version 0 comes first, with no algorithm before
    assert der[7:9] == b"\x02\x82"


def test_rspamd_gets_the_bare_seed_of_an_ed25519_key() -> None:
    text = dkim.private_key_for_rspamd(ED25519)
    assert len(base64.b64decode(text, validate=False)) == 32
    assert text.endswith("=\n")
    assert dkim.private_key_for_rspamd(RSA) == RSA


def test_what_a_config_volume_holds_leads_to_the_same_record() -> None:
    for key in (RSA, ED25519):
        held = dkim.private_key_for_rspamd(key)
        assert dkim.public_record(held) == dkim.public_record(key)


def test_ses_takes_no_ed25519_key() -> None:
    with pytest.raises(ValueError, match="RSA keys only"):
        dkim.private_key_for_ses(ED25519)


def test_rspamd_signs_with_both_and_opendkim_with_rsa() -> None:
    both = dkim.key_names(domain="example.test", selector="mail", signer="rspamd")
    assert [(name.key, name.algorithm) for name in both] == [
        ("example.test/dkim/mail", "rsa"),
        ("example.test/dkim/mail-ed25519", "ed25519"),
    ]
    one = dkim.key_names(domain="example.test", selector="mail", signer="opendkim")
    assert one == both[:1]


def test_other_keys_are_refused_without_showing_them() -> None:
    foreign = (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode()
    )
    with pytest.raises(ValueError, match="either RSA or Ed25519"):
        dkim.public_record(foreign)
    broken = RSA.replace("A", "B")
    with pytest.raises(ValueError, match=r"^not an unencrypted private key in PEM$"):
        dkim.public_record(broken.replace("-----END", "END"))
