"""docker-mailserver's TLS variables, by where the certificate comes from."""

import pytest

from mail.dms.checks import check_environment
from mail.dms.environment import RESERVED, environment
from mail.dms.files import config_files, is_watched, start_only
from mail.dms.inputs import Certificate, Mailbox, ServerFiles
from mail.dms.tls import (
    Mount,
    TlsSource,
    from_acme_client,
    from_caddy,
    from_config_volume,
    from_traefik,
)

SOURCES = {
    "pair": from_config_volume(),
    "two pairs": from_config_volume(fallback=True),
    "acme": from_acme_client(volume="stack-certificate", lineage="production-mail.example.test"),
    "traefik": from_traefik(acme_path="/srv/acme.json", domain="*.example.test"),
    "caddy": from_caddy(data="caddy_data", issuer="acme", domain="mail.example.test"),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_each_is_a_sound_environment_that_no_user_may_change(source: TlsSource) -> None:
    made = environment(postmaster="a@example.test", services=["imaps"], signer="rspamd", tls=source)
    assert source.variables.items() <= made.items()
    assert check_environment(made) == []
    assert set(source.variables) <= set(RESERVED)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_each_is_of_a_type_whose_renewal_is_taken_up_live(source: TlsSource) -> None:
    assert source.variables["SSL_TYPE"] in {"manual", "letsencrypt"}


def test_a_fallback_is_two_more_files_that_are_watched() -> None:
    pair = Certificate(chain="CHAIN", key="KEY")
    inputs = ServerFiles(
        mailboxes=(Mailbox(address="a@example.test", password_hash="{X}y"),),
        certificate=pair,
        fallback=Certificate(chain="RSA CHAIN", key="RSA KEY"),
    )
    files = config_files(inputs)
    variables = from_config_volume(fallback=True).variables
    paths = {
        name: path.removeprefix("/tmp/docker-mailserver/")
        for name, path in variables.items()
        if name != "SSL_TYPE"
    }
    assert {name: files[path].content for name, path in paths.items()} == {
        "SSL_CERT_PATH": "CHAIN\n",
        "SSL_KEY_PATH": "KEY\n",
        "SSL_ALT_CERT_PATH": "RSA CHAIN\n",
        "SSL_ALT_KEY_PATH": "RSA KEY\n",
    }
    assert files[paths["SSL_ALT_KEY_PATH"]].mode == 0o600
    assert all(is_watched(path) for path in paths.values())
    assert not set(paths.values()) & set(start_only(files))


def test_the_acme_clients_folder_is_mounted_where_the_variables_say() -> None:
    (mount,) = SOURCES["acme"].mounts
    assert mount == Mount(kind="volume", source="stack-certificate", target="/etc/mailstack/acme")
    for name in ("SSL_CERT_PATH", "SSL_KEY_PATH"):
        path = SOURCES["acme"].variables[name]
        assert path.startswith(f"{mount.target}/production-mail.example.test/")


def test_traefiks_file_lies_where_docker_mailserver_looks() -> None:
    assert SOURCES["traefik"].mounts == (
        Mount(kind="bind", source="/srv/acme.json", target="/etc/letsencrypt/acme.json"),
    )
    assert "SSL_DOMAIN" not in from_traefik(acme_path="/x", domain=None).variables


@pytest.mark.parametrize(
    ("domain", "path"),
    [
        ("mail.example.test", "mail.example.test/mail.example.test"),
        ("*.example.test", "wildcard_.example.test/wildcard_.example.test"),
    ],
)
def test_caddys_files_by_its_own_naming(domain: str, path: str) -> None:
    source = from_caddy(data="/srv/caddy", issuer="issuer", domain=domain)
    (mount,) = source.mounts
    assert mount.kind == "bind"
    expected = f"{mount.target}/caddy/certificates/issuer/{path}"
    assert source.variables["SSL_CERT_PATH"] == f"{expected}.crt"
    assert source.variables["SSL_KEY_PATH"] == f"{expected}.key"
