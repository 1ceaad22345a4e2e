"""Hosts that exist, in the lab: their stack file works there as it stands."""

from typing import Any

import dns.message
import dns.query
import pytest

from tests import engines
from tests.lab_project import LabProject, dev_stack

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBNhRrrLXEHjwj3pDZ4wYVmKRFgrDlGLKMWr6YV8L0Rb"


def stack(host: dict[str, Any]) -> dict[str, Any]:
    made = dev_stack()
    made["config"]["mailstack:host"] = host
    made["config"]["mailstack:relay"] = {"kind": "none"}
    made["config"]["mailstack:domains"] = {"example.org": {"accounts": {"carol": {}}}}
    return made


@pytest.fixture
def project(project: LabProject) -> LabProject:
    project.extra = {"MAILSTACK_LAB_DOCKER": "simulated"}
    return project


@pytest.mark.parametrize(
    ("engine", "kind"),
    [
        pytest.param(engines.small, "podman", id="small-podman"),
        pytest.param(
            engines.real,
            "docker",
            id="pulumi-docker",
            marks=[
                pytest.mark.cli,
                pytest.mark.skipif(not engines.real_is_here(), reason="pulumi is not on PATH"),
            ],
        ),
    ],
)
def test_a_far_machine(project: LabProject, engine: engines.Engine, kind: str) -> None:
    host = {"kind": "ssh", "address": "192.0.2.10", "hostKey": KEY, "user": "admin"}
    if kind == "podman":
        host |= {"engine": "podman", "socket": "/run/podman/podman.sock"}
    project.write(stack(host))
    done = engine(project, "up")
    assert not done.failed, done.said
    assert not {step for step in done.steps if step[1] in {"Vpc", "Instance", "EipDomainName"}}
    assert "carol@example.org|" in project.cat("config:postfix-accounts.cf")
    outputs = project.outputs()
    assert outputs["ipv4"] == "192.0.2.10"
    told = [each["what"] for each in outputs["instructions"]]
    assert "Set the reverse name (PTR) of 192.0.2.10 to mail.example.test" in told
    assert any("Podman" in what for what in told) == (kind == "podman")
    said = " ".join(project.run("up", "--engine", "small").stdout.split())
    assert "What only you can do" in said
    assert "10.2.0.192.in-addr.arpa. PTR mail.example.test." in said


def test_this_machine_on_high_ports(project: LabProject) -> None:
    project.write(stack({"kind": "local", "portOffset": 20000}))
    done = project.run("up", "--engine", "small")
    assert "What only you can do" not in done.stdout
    outputs = project.outputs()
    assert outputs["endpoints"]["imaps"] == {"host": "mail.example.test", "port": 20993}
    assert outputs["instructions"] == []
    address, port = project.dns()
    query = dns.message.make_query("_imaps._tcp.example.org", "SRV")
    (found,) = dns.query.udp(query, address, port=port, timeout=5).answer
    assert found[0].to_text() == "0 1 20993 mail.example.test."
