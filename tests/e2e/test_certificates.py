"""Every source of the certificate with docker-mailserver itself; a renewal leaves it running."""

import base64
import io
import json
import os
import socket
import ssl
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
import trustme
from cryptography import x509

from lab.docker.acme import authority as lab_authority
from lab.world import World
from tests.e2e.deployment import wait_for
from tests.lab_project import LabProject, Steps, dev_stack, sealed

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-certificates")]

NAME = "mail.example.test"
RSA_ALONE = "ECDHE-RSA-AES128-GCM-SHA256"


@dataclass
class Server:
    """The deployed stack, and what its IMAP port shows."""

    project: LabProject
    engine: docker.DockerClient

    @property
    def prefix(self) -> str:
        return f"mailstack-{self.project.stack}"

    def up(self, tls: dict[str, Any]) -> Steps:
        stack = dev_stack()
        config = stack["config"]
        config["mailstack:server"] |= {"hostname": NAME, "tls": tls}
        config["mailstack:relay"] = {"kind": "none"}
        config["mailstack:domains"] = {"example.org": {"accounts": {"carol": {}}}}
        self.project.write(stack)
        return self.project.small("up")

    def serial(self, ca: str, *, ciphers: str | None = None) -> str:
        """The serial number of the certificate on port 993, verified against ``ca`` (PEM)."""
        context = ssl.create_default_context(cadata=ca)
        if ciphers:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(ciphers)
        address = (self.project.outputs()["ipv4"], 993)
        with (
            socket.create_connection(address, timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=NAME) as connection,
        ):
            certificate = connection.getpeercert()
        assert certificate is not None
        return str(certificate["serialNumber"])

    def life(self) -> tuple[str, str]:
        container = self.engine.containers.get(self.prefix)
        return str(container.id), container.attrs["State"]["StartedAt"]

    def shows(self, ca: str, expected: str) -> None:
        """Wait until a renewed certificate is shown."""

        def look() -> bool:
            try:
                return self.serial(ca) == expected
            except (OSError, ssl.SSLError):  # it reloads just now
                return False

        wait_for(look, seconds=30, what="the renewed certificate is shown")


@pytest.fixture(scope="module")
def server(
    engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    project = LabProject.make(tmp_path_factory.mktemp("certificates") / "project")
    project.stack = f"tls{os.getpid()}"
    try:
        yield Server(project, engine)
    finally:
        project.destroy()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


def pems(issued: trustme.LeafCert) -> dict[str, bytes]:
    return {
        "chain": b"".join(pem.bytes() for pem in issued.cert_chain_pems),
        "key": issued.private_key_pem.bytes(),
    }


def number(issued: trustme.LeafCert) -> str:
    leaf = x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())
    text = f"{leaf.serial_number:X}"
    return text.zfill(len(text) + len(text) % 2)


def test_from_the_acme_client_and_its_renewal(server: Server) -> None:
    server.up({"kind": "letsencrypt"})
    ca = server.project.outputs()["caCertificate"]
    first, life = server.serial(ca), server.life()

    with World(server.project.lab / "world.db") as world:
        renewed = lab_authority(world).issue_cert(NAME)
    client = server.engine.containers.get(f"{server.prefix}-acme")
    assert client.put_archive(
        f"/srv/published/production-{NAME}",
        archive({"privkey.pem": pems(renewed)["key"], "fullchain.pem": pems(renewed)["chain"]}),
    )
    server.shows(ca, number(renewed))
    assert number(renewed) != first
    assert server.life() == life, "nobody was disconnected by a restart"


def test_from_traefiks_store_and_its_renewal(
    server: Server, authority: trustme.CA, ca: str, tmp_path: Path
) -> None:
    store = tmp_path / "acme.json"

    def write(issued: trustme.LeafCert) -> str:
        entry = {name: base64.b64encode(pem).decode() for name, pem in pems(issued).items()}
        found = {
            "domain": {"main": NAME},
            "certificate": entry["chain"],
            "key": entry["key"],
            "Store": "default",
        }
        # In place, as Traefik does: the file itself is mounted.
        store.write_text(json.dumps({"resolver": {"Account": None, "Certificates": [found]}}))
        return number(issued)

    first = write(authority.issue_cert(NAME))
    server.up({"kind": "traefik", "acmePath": str(store)})
    assert server.serial(ca) == first
    life = server.life()
    server.shows(ca, write(authority.issue_cert(NAME)))
    assert server.life() == life


def test_from_caddys_folder_and_its_renewal(
    server: Server, authority: trustme.CA, ca: str, tmp_path: Path
) -> None:
    folder = tmp_path / "caddy" / "certificates" / "issuer" / NAME
    folder.mkdir(parents=True)

    def write(issued: trustme.LeafCert) -> str:
        for suffix, pem in (("key", pems(issued)["key"]), ("crt", pems(issued)["chain"])):
            fresh = folder / "new"
            fresh.write_bytes(pem)
            fresh.rename(folder / f"{NAME}.{suffix}")  # a new file, as Caddy does it
        return number(issued)

    first = write(authority.issue_cert(NAME))
    server.up({"kind": "caddy", "data": str(tmp_path), "issuer": "issuer"})
    assert server.serial(ca) == first
    life = server.life()
    server.shows(ca, write(authority.issue_cert(NAME)))
    assert server.life() == life


def test_by_hand_with_a_fallback_and_its_renewal(
    server: Server, authority: trustme.CA, ca: str
) -> None:
    first = authority.issue_cert(NAME, key_type=trustme.KeyType.ECDSA)
    fallback = authority.issue_cert(NAME, key_type=trustme.KeyType.RSA)

    def manual(issued: trustme.LeafCert) -> dict[str, Any]:
        pair, second = pems(issued), pems(fallback)
        return {
            "kind": "manual",
            "certificate": pair["chain"].decode(),
            "key": sealed(dev_stack(), pair["key"].decode()),
            "fallback": {
                "certificate": second["chain"].decode(),
                "key": sealed(dev_stack(), second["key"].decode()),
            },
        }

    server.up(manual(first))
    assert server.serial(ca) == number(first)
    assert server.serial(ca, ciphers=RSA_ALONE) == number(fallback)
    life = server.life()
    renewed = authority.issue_cert(NAME, key_type=trustme.KeyType.ECDSA)
    steps = server.up(manual(renewed))
    assert steps == {("update", "ConfigFiles", "mail-config")}
    server.shows(ca, number(renewed))
    assert server.serial(ca, ciphers=RSA_ALONE) == number(fallback)
    assert server.life() == life


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o600
            made.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
