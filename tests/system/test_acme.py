"""A certificate by DNS-01, with the real client and a real ACME server, on a deployed stack.

The lab's Cloudflare answers over HTTP and honours the token; the lab's DNS serves the challenge.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from cryptography import x509

from lab.cloud.cloudflare_record import DNS_RECORD
from lab.world import World, zone_id
from mail.acme import FAILED, SCRIPT, CertificateOrder, certbot_arguments, certbots_reason
from tests.lab_project import LabProject, dev_stack
from tests.system.cloudflare_api import UNPUBLISHED, cloudflare_api
from tests.system.conftest import Need
from tests.system.pebble import Pebble, pebble

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("acme")]


@dataclass(frozen=True, kw_only=True)
class Field:
    """The deployed stack's lab with Cloudflare's API before it, the ACME server, and a folder."""

    lab: Path
    api: str
    acme: Pebble
    folder: Path

    @property
    def token(self) -> Path:
        """The token's file, as the stack wrote it into the client's volume."""
        return self.lab / "volumes" / "mailstack-dev-acme" / "_data" / "cloudflare.ini"

    def published(self, order: CertificateOrder) -> Path:
        return self.folder / "published" / order.lineage

    def chain(self, order: CertificateOrder) -> list[x509.Certificate]:
        pem = (self.published(order) / "fullchain.pem").read_bytes()
        return x509.load_pem_x509_certificates(pem)

    @contextmanager
    def client(self, order: CertificateOrder) -> Iterator[subprocess.Popen[str]]:
        """Run the client's own script, with its folders below a folder of the test's."""
        state = self.folder / "letsencrypt"
        command = [
            *("sh", "-c", SCRIPT.read_text(), "acme-client"),
            *(str(state / "live" / order.lineage), str(self.published(order))),
            *certbot_arguments(order),
            # The last of two equal options counts.
            *("--server", self.acme.directory),
            *("--dns-cloudflare-credentials", str(self.token)),
            *("--dns-cloudflare-propagation-seconds", "0"),
            *("--config-dir", str(state)),
            *("--work-dir", str(self.folder / "work"), "--logs-dir", str(self.folder / "logs")),
        ]
        environment = {
            **os.environ,
            "CLOUDFLARE_API_URL": self.api,
            "REQUESTS_CA_BUNDLE": str(self.acme.https_ca),
        }
        process = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        try:
            yield process
        finally:
            # The script and its sleep, which holds the pipe too.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
            process.wait(timeout=30)
            process.stdout.close()

    def run(self, order: CertificateOrder) -> list[str]:
        """Run the client until its first attempt is over; give what it said."""
        said = []
        with self.client(order) as process:
            assert process.stdout is not None
            for line in process.stdout:
                said.append(line.rstrip())
                if "published fullchain.pem" in line or FAILED in line:
                    break
        return said


@pytest.fixture(scope="module")
def field(need: Need, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    program, _ = need("pebble"), need("certbot")
    plugins = subprocess.run(["certbot", "plugins"], capture_output=True, text=True, check=False)
    if "dns-cloudflare" not in plugins.stdout:
        pytest.skip("certbot's dns-cloudflare plugin is not installed; .ci/run installs it")
    folder = tmp_path_factory.mktemp("acme")
    stack = dev_stack()
    stack["config"]["mailstack:server"]["tls"] = {"kind": "letsencrypt"}
    project = LabProject.make(folder / "project", stack)
    project.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    try:
        project.small("up")
        dns = ":".join(map(str, project.dns()))
        with (
            World(project.lab / "world.db") as world,
            cloudflare_api(world) as api,
            pebble(program, folder / "pebble", dns=dns) as acme,
        ):
            yield Field(lab=project.lab, api=api, acme=acme, folder=folder / "client")
    finally:
        project.destroy()


def challenges(field: Field) -> list[str]:
    with World(field.lab / "world.db") as world:
        names = [record["name"] for record in world.find(DNS_RECORD).values()]
    return [name for name in names if name.startswith("_acme-challenge.")]


@pytest.mark.parametrize("wildcard", [False, True])
def test_a_certificate_is_obtained_published_and_renewed(field: Field, *, wildcard: bool) -> None:
    order = CertificateOrder(hostname="mail.example.test", wildcard=wildcard, email="a@example.org")
    said = field.run(order)
    assert "mailstack-acme: published fullchain.pem" in said, "\n".join(said)
    first = field.chain(order)
    root = x509.load_pem_x509_certificate(field.acme.root.encode())
    first[0].verify_directly_issued_by(first[1])
    first[1].verify_directly_issued_by(root)
    names = first[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [order.name]
    assert {
        path.name: path.stat().st_mode & 0o777 for path in field.published(order).iterdir()
    } == {
        "fullchain.pem": 0o600,
        "privkey.pem": 0o600,
    }
    assert challenges(field) == [], "the challenge is taken away again"

    field.run(order)  # it was valid for a second
    second = field.chain(order)
    assert second[0].serial_number != first[0].serial_number
    assert second[0].public_key() != first[0].public_key()


def test_the_stacks_token_serves_its_own_zone_alone(field: Field) -> None:
    order = CertificateOrder(hostname="mail.example.org")  # a zone of the same account
    said = field.run(order)
    assert said[-1].startswith(FAILED)
    assert "zone_id for mail.example.org" in str(certbots_reason(said))
    assert not field.published(order).exists()

    token = field.token.read_text().partition("=")[2].strip()
    record = {"type": "TXT", "name": "_acme-challenge.mail", "content": "x", "ttl": 120}
    seen = call(field, token, "GET", "/zones")
    assert [zone["name"] for zone in seen["result"]] == ["example.test"]
    with pytest.raises(HTTPError, match="403"):
        call(field, token, "POST", f"/zones/{zone_id('example.org')}/dns_records", record)
    with pytest.raises(HTTPError, match="403"):
        call(field, token, "GET", "/user/tokens")
    path = f"/zones/{zone_id('example.test')}/dns_records"
    made = call(field, token, "POST", path, record)
    call(field, token, "DELETE", f"{path}/{made['result']['id']}")


def test_a_token_that_was_taken_back_is_named_as_the_reason(field: Field) -> None:
    kept = field.token.read_text()
    field.token.write_text(re.sub(r"= .*", f"= {'x' * 40}", kept))
    try:
        said = field.run(CertificateOrder(hostname="mx.example.test"))
    finally:
        field.token.write_text(kept)
    assert "9109 Invalid access token" in str(certbots_reason(said))


def test_the_acme_servers_own_words_are_the_reason(field: Field) -> None:
    said = field.run(CertificateOrder(hostname=UNPUBLISHED))
    assert f"_acme-challenge.{UNPUBLISHED}" in str(certbots_reason(said)), "\n".join(said)


def test_no_secret_among_the_clients_arguments(field: Field) -> None:
    with World(field.lab / "world.db") as world:
        shown = json.dumps(list(world.find("docker:container").values()))
    assert field.token.read_text().partition("=")[2].strip() not in shown
    assert "acme-client" in shown


def call(field: Field, token: str, method: str, path: str, body: object = None) -> dict[str, Any]:
    request = Request(
        field.api + path,
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urlopen(request) as answer:
        return dict(json.loads(answer.read()))
