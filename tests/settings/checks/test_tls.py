from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from settings import load
from settings.checks.tls import tls_problems
from settings.dns import Dns
from tests.settings.conftest import Raw, Spoil

AT = "mailstack:server.tls"


KEYS: dict[str, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey] = {
    "ours": ec.generate_private_key(ec.SECP256R1()),
    "other": ec.generate_private_key(ec.SECP256R1()),
    "rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048),
}
NOW = datetime.now(UTC)


def key(name: str, encryption: KeySerializationEncryption | None = None) -> str:
    how = encryption or NoEncryption()
    return KEYS[name].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode()


def certificate(
    name: str, *sans: str, end: datetime = NOW + timedelta(days=90), by: str | None = None
) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.test")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(KEYS[name].public_key())
        .serial_number(1)
        .not_valid_before(end - timedelta(days=91))
        .not_valid_after(end)
    )
    if sans:
        names = x509.SubjectAlternativeName([x509.DNSName(san) for san in sans])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(KEYS[by or name], hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize("san", ["mail.example.test", "MAIL.example.test", "*.example.test"])
def test_a_pair_that_fits(good: Raw, san: str) -> None:
    pair = {"certificate": certificate("ours", "other.test", san), "key": key("ours")}
    good["server"]["tls"] = {"kind": "manual", **pair}
    assert load(good).server.tls.kind == "manual"


@pytest.mark.parametrize(
    ("certificate_pem", "key_pem", "path", "message"),
    [
        ("marked", key("ours"), "certificate", "is not a certificate in PEM form"),
        (certificate("ours"), key("ours"), "certificate", "does not cover mail.example.test"),
        (certificate("ours", "*.test"), key("ours"), "certificate", "does not cover"),
        (
            certificate("ours", "*.example.test", end=NOW - timedelta(days=1)),
            key("ours"),
            "certificate",
            f"expired on {NOW - timedelta(days=1):%Y-%m-%d}",
        ),
        (
            certificate("ours", "*.example.test") + certificate("other"),
            key("ours"),
            "certificate",
            "a chain in which one certificate is not issued by the next",
        ),
        (certificate("ours", "*.example.test"), "marked", "key", "is not a private key"),
        (certificate("ours", "*.example.test"), key("other"), "key", "another certificate"),
        (
            certificate("ours", "*.example.test"),
            key("ours", BestAvailableEncryption(b"x")),
            "key",
            "without a passphrase",
        ),
    ],
    # Keys are made anew by each worker: as names they would be other tests to each.
    ids=[
        *("no certificate", "common name", "wide wildcard", "expired", "wrong chain"),
        *("no key", "other key", "passphrase"),
    ],
)
def test_a_pair_that_does_not(
    problems_with: Spoil, certificate_pem: str, key_pem: str, path: str, message: str
) -> None:
    tls = {"kind": "manual", "certificate": certificate_pem, "key": key_pem}
    (problem,) = problems_with("server", "tls", tls)
    assert problem.path == f"{AT}.{path}"
    assert message in problem.message
    assert "marked" not in str(problem)
    assert "< " in problem.remedy


def manual(name: str, **more: object) -> dict[str, object]:
    return {"certificate": certificate(name, "mail.example.test"), "key": key(name), **more}


def test_a_chain_in_order(good: Raw) -> None:
    chain = certificate("ours", "mail.example.test", by="other") + certificate("other")
    good["server"]["tls"] = {"kind": "manual", "certificate": chain, "key": key("ours")}
    load(good)


def test_a_fallback_of_another_kind(good: Raw) -> None:
    good["server"]["tls"] = {"kind": "manual", **manual("ours", fallback=manual("rsa"))}
    load(good)


def test_a_fallback_of_the_same_kind_serves_nobody(problems_with: Spoil) -> None:
    tls = {"kind": "manual", **manual("ours", fallback=manual("other"))}
    (problem,) = problems_with("server", "tls", tls)
    assert problem.path == f"{AT}.fallback.certificate"
    assert "same kind as the first one (ECDSA)" in problem.message


def test_a_fallback_is_looked_at_as_the_first(problems_with: Spoil) -> None:
    broken = {"certificate": certificate("rsa", "other.test"), "key": key("ours")}
    tls = {"kind": "manual", **manual("ours", fallback=broken)}
    first, second = problems_with("server", "tls", tls)
    assert (first.path, second.path) == (f"{AT}.fallback.certificate", f"{AT}.fallback.key")
    assert "does not cover" in first.message
    assert "another certificate" in second.message


def test_lets_encrypt_needs_nothing_but_its_name(good: Raw) -> None:
    good["server"]["tls"] = {"kind": "letsencrypt"}
    assert load(good).server.tls.kind == "letsencrypt"


def test_lets_encrypt_where_the_client_cannot_answer(good: Raw) -> None:
    good["server"]["tls"] = {"kind": "letsencrypt"}
    elsewhere = Dns().model_copy(update={"provider": "zonefile"})
    settings = load(good).model_copy(update={"dns": elsewhere})
    (problem,) = tls_problems(settings)
    assert problem.path == f"{AT}.kind"
    assert "dns.provider is zonefile" in problem.message


@pytest.mark.parametrize("zones", [[], ["example.test"]])
def test_a_wildcard_within_the_zone(good: Raw, zones: list[str]) -> None:
    good["dns"]["zones"] = zones
    good["server"]["tls"] = {"kind": "letsencrypt", "wildcard": True}
    load(good)


def test_a_wildcard_above_the_zone(good: Raw, problems_with: Spoil) -> None:
    good["dns"]["zones"] = ["mail.example.test"]
    (problem,) = problems_with("server", "tls", {"kind": "letsencrypt", "wildcard": True})
    assert problem.path == f"{AT}.wildcard"
    assert "above the zone mail.example.test" in problem.message
    assert problem.remedy.endswith("false")


@pytest.mark.parametrize(
    ("tls", "key_name"),
    [
        ({"kind": "traefik"}, "acmePath"),
        ({"kind": "traefik", "acmePath": "acme.json"}, "acmePath"),
        ({"kind": "traefik", "acmePath": "/srv/../acme.json"}, "acmePath"),
        ({"kind": "traefik", "acmePath": "/srv/acme.json", "domain": "*."}, "domain"),
        ({"kind": "caddy", "data": "not a volume"}, "data"),
        ({"kind": "caddy", "data": "./data"}, "data"),
        ({"kind": "letsencrypt", "email": "nobody"}, "email"),
    ],
)
def test_sources_on_the_host_are_checked(
    problems_with: Spoil, tls: dict[str, str], key_name: str
) -> None:
    (problem,) = problems_with("server", "tls", tls)
    assert problem.path == f"{AT}.{key_name}"


@pytest.mark.parametrize("data", ["caddy_data", "/srv/caddy"])
def test_caddys_data_is_a_volume_or_a_folder(good: Raw, data: str) -> None:
    good["server"]["tls"] = {"kind": "caddy", "data": data, "domain": "*.example.test"}
    load(good)
