"""One stack from source to source of its certificate, on both engines: what changes each time."""

import json
from typing import Any

import pytest
from cryptography import x509

from lab.cloud.cloudflare_token import API_TOKEN, DNS_WRITE, allowed_zones
from lab.docker.simulated_store import CONTAINER
from lab.world import World, zone_id
from tests.engines import Engine, real, real_is_here, small
from tests.lab_project import LabProject, Steps, dev_stack, sealed

_NEW_SERVER: Steps = {
    ("delete-replaced", "Container", "mail-container"),
    ("replace", "Container", "mail-container"),
    ("create-replacement", "Container", "mail-container"),
    ("update", "ServerReady", "mail-ready"),
}


def _acme(op: str) -> Steps:
    """Give the steps that make or take the ACME client."""
    return {
        (op, "ApiToken", "certificate-token"),
        (op, "AcmeClient", "mail-acme"),
        (op, "Volume", "mail-acme-state"),
        (op, "Volume", "mail-acme-published"),
        (op, "RemoteImage", "mail-acme-image"),
        (op, "ConfigFiles", "mail-acme-token"),
        (op, "Container", "mail-acme-container"),
        (op, "CertificateReady", "mail-acme-certificate"),
    }


def _stack(tls: dict[str, Any]) -> dict[str, Any]:
    stack = dev_stack()
    config = stack["config"]
    if "token" in tls:
        tls = tls | {"token": sealed(stack, tls["token"])}
    config["mailstack:server"]["tls"] = tls
    config["mailstack:relay"] = {"kind": "none"}
    config["mailstack:domains"] = {"example.test": {"accounts": {"carol": {}}}}
    return stack


# Few lines: each is an `up` on either engine.
LINES: dict[str, tuple[dict[str, Any], Steps]] = {
    "from our own to Let's Encrypt": (
        {"kind": "letsencrypt"},
        _NEW_SERVER
        | _acme("create")
        | {("delete", "Certificate", "certificate"), ("update", "ConfigFiles", "mail-config")},
    ),
    "a wildcard, and a token by hand": (
        {"kind": "letsencrypt", "wildcard": True, "token": "x" * 40},
        _NEW_SERVER
        | {
            ("delete-replaced", "Container", "mail-acme-container"),
            ("replace", "Container", "mail-acme-container"),
            ("create-replacement", "Container", "mail-acme-container"),
            ("update", "CertificateReady", "mail-acme-certificate"),
            ("delete", "ApiToken", "certificate-token"),
            ("update", "ConfigFiles", "mail-acme-token"),
        },
    ),
    "to Caddy": (
        {"kind": "caddy", "data": "caddy_data"},
        _NEW_SERVER | _acme("delete") - {("delete", "ApiToken", "certificate-token")},
    ),
    "the same again": ({"kind": "caddy", "data": "caddy_data"}, set()),
}


@pytest.fixture(params=[small, real], ids=["small", "real"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param is real and not real_is_here():
        pytest.skip("the real Pulumi CLI is not on PATH (`make cli` fetches it)")
    chosen: Engine = request.param
    return chosen


@pytest.fixture
def simulated(project: LabProject) -> LabProject:
    project.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    return project


def _up(project: LabProject, engine: Engine, tls: dict[str, Any]) -> Steps:
    project.write(_stack(tls))
    outcome = engine(project, "up")
    assert not outcome.failed, outcome.said
    return outcome.steps


def test_from_source_to_source(simulated: LabProject, engine: Engine) -> None:
    # The lab itself comes up with the small engine's command; both go on from one state.
    _up(simulated, small, {"kind": "selfSigned"})
    for name, (tls, steps) in LINES.items():
        assert _up(simulated, engine, tls) == steps, name


def test_what_is_deployed_for_lets_encrypt(simulated: LabProject) -> None:
    project = simulated
    _up(project, small, {"kind": "letsencrypt", "wildcard": True})
    outputs = project.outputs()
    assert outputs["tls"] == {"kind": "letsencrypt"}
    root = x509.load_pem_x509_certificate(outputs["caCertificate"].encode())
    published = project.lab / "volumes" / "mailstack-dev-certificate" / "_data"
    chain = published / "production-wildcard.example.test" / "fullchain.pem"
    x509.load_pem_x509_certificate(chain.read_bytes()).verify_directly_issued_by(root)
    state = project.lab / "volumes" / "mailstack-dev-acme" / "_data"
    token_file = state / "cloudflare.ini"
    assert token_file.stat().st_mode & 0o777 == 0o600
    token = token_file.read_text().partition(" = ")[2].strip()
    with World(project.lab / "world.db") as world:
        assert allowed_zones(world, token, DNS_WRITE) == {zone_id("example.test")}
        containers = {one["Name"]: one for one in world.find(CONTAINER).values()}
        shown = json.dumps(list(containers.values()))
        tokens = [one["name"] for one in world.find(API_TOKEN).values()]
    assert tokens == ["mailstack-dev certificate"]
    assert token not in shown
    backend = project.lab / "backend"
    assert not any(token in path.read_text() for path in backend.rglob("*") if path.is_file()), (
        "encrypted in the state"
    )
    seen = {
        name: {(mount["Name"], mount["Destination"], mount["RW"]) for mount in one["Mounts"]}
        for name, one in containers.items()
    }
    assert ("mailstack-dev-certificate", "/etc/mailstack/acme", False) in seen["/mailstack-dev"]
    assert seen["/mailstack-dev-acme"] == {
        ("mailstack-dev-acme", "/etc/letsencrypt", True),
        ("mailstack-dev-certificate", "/srv/published", True),
    }
    said = project.run("up", "--engine", "small").stdout
    assert "SIMULATED: by the lab's own CA" in said


@pytest.fixture
def without_certificate(simulated: LabProject) -> LabProject:
    """A lab where the ACME client's container cannot be made."""
    _up(simulated, small, {"kind": "selfSigned"})
    with World(simulated.lab / "world.db") as world:
        world.fail_next("mail-acme-container", "create", "no certificate today")
    return simulated


def test_without_certificate_the_server_is_left_as_it_was(
    without_certificate: LabProject,
) -> None:
    project = without_certificate
    project.write(_stack({"kind": "letsencrypt"}))
    with World(project.lab / "world.db") as world:
        before = {name for name, one in world.find(CONTAINER).items() if one["State"]["Running"]}
    outcome = small(project, "up")
    assert outcome.failed
    assert "no certificate today" in outcome.said
    with World(project.lab / "world.db") as world:
        after = {name for name, one in world.find(CONTAINER).items() if one["State"]["Running"]}
    assert after == before
    _up(project, small, {"kind": "letsencrypt"})
