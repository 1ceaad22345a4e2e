"""A VPS grows old: newer images come out, and it is replaced. What is meant to stay, stays."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from lab.cloud import aws_ami
from lab.world import World
from tests.engines import Engine, Outcome, real, small
from tests.lab_project import LabProject, dev_stack

ENGINES: dict[str, Engine] = {"small": small, "real": real}
NEW_MACHINE = {
    (op, kind, name)
    for op in ("create-replacement", "delete-replaced", "replace")
    for kind, name in (
        ("Container", "mail-container"),
        ("EipAssociation", "host-address-instance"),
        ("Instance", "host-instance"),
        ("Network", "mail-network"),
        ("RemoteImage", "mail-image"),
        ("VolumeAttachment", "host-data-attachment"),
    )
} | {("update", "DockerReady", "host-docker"), ("update", "ServerReady", "mail-ready")}
LETTER = "Subject: still here\n"


class Machine:
    """A deployed VPS, and what can be seen of it."""

    def __init__(self, engine: Engine, project: LabProject) -> None:
        self.engine = engine
        self.project = project
        self.stack = dev_stack()
        self.host: dict[str, Any] = self.stack["config"]["mailstack:host"]

    def run(self, operation: str = "up", **host: Any) -> Outcome:
        self.host |= host
        self.project.write(self.stack)
        outcome = self.engine(self.project, operation)
        assert not outcome.failed, outcome.said
        return outcome

    def resource(self, name: str) -> dict[str, Any]:
        """Give a resource of the state by its name."""
        backend = self.project.lab / "backend" / ".pulumi" / "stacks" / "mailstack"
        checkpoint = json.loads((backend / "dev.json").read_text())["checkpoint"]
        (found,) = (
            dict(resource)
            for resource in checkpoint["latest"]["resources"]
            if resource["urn"].endswith(f"::{name}")
        )
        return found

    @property
    def instance(self) -> str:
        return str(self.resource("host-instance")["id"])

    @property
    def image(self) -> str:
        return str(self.resource("host-instance")["inputs"]["ami"])

    def lasting(self) -> dict[str, Any]:
        """Give all that a new machine must not change."""
        outputs = self.project.outputs()
        return {
            "address": outputs["ipv4"],
            "reverse name": outputs["ptr"],
            "host key": self.resource("host-host-key")["outputs"]["public_key"],
            "data volume": self.resource("host-data")["id"],
            "mail": self.resource("mail-mail")["id"],
        }

    def docker(self) -> docker.DockerClient:
        running = json.loads((self.project.lab / "run.json").read_text())
        return docker.DockerClient(f"unix://{running['docker']['socket']}")

    def mail(self) -> Path:
        client = self.docker()
        try:
            return Path(client.volumes.get("mailstack-dev-mail").attrs["Mountpoint"])
        finally:
            client.close()


@pytest.fixture(scope="module", params=["small", pytest.param("real", marks=pytest.mark.cli)])
def machine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    if request.param == "real" and shutil.which("pulumi") is None:
        pytest.skip("the real Pulumi CLI is not on PATH (`make cli` fetches it)")
    project = LabProject.make(tmp_path_factory.mktemp(request.param) / "project")
    project.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    made = Machine(ENGINES[request.param], project)
    made.run()
    yield made
    project.destroy()


# The tests of one engine share a deployment and leave it whole.
pytestmark = pytest.mark.xdist_group("scenarios-vps")


def test_a_newer_image_changes_nothing(machine: Machine) -> None:
    before = machine.image
    with World(machine.project.lab / "world.db") as world:
        aws_ami.publish(world, "20991231-2359")
    assert machine.run("preview").steps == set()
    assert machine.run().steps == set()
    assert machine.image == before


def test_a_new_instance_keeps_all_that_matters(machine: Machine) -> None:
    lasting, old, image = machine.lasting(), machine.instance, machine.image
    letter = machine.mail() / "letter"
    letter.write_text(LETTER)
    with World(machine.project.lab / "world.db") as world:
        aws_ami.publish(world, "20991231-2400")

    # Swap is made at the first boot alone: more of it is another machine.
    assert machine.run(swapSize=4).steps == NEW_MACHINE
    assert machine.instance != old
    assert machine.image == image
    assert machine.lasting() == lasting
    assert letter.read_text() == LETTER
    assert machine.run().steps == set()
    assert machine.run("refresh").steps == set()
    client = machine.docker()
    try:
        (container,) = client.containers.list()
        assert container.labels["mailstack.machine"].endswith(f"/{machine.instance}")
    finally:
        client.close()


def test_an_image_that_is_asked_for_makes_a_new_instance(machine: Machine) -> None:
    lasting, old, image = machine.lasting(), machine.instance, machine.image
    with World(machine.project.lab / "world.db") as world:
        aws_ami.publish(world, "20991231-2401")
        (newest,) = (
            found["id"]
            for found in aws_ami.images(world, "eu-central-1")
            if found["name"] == "debian-12-arm64-20991231-2401"
        )
    steps = machine.run(image=newest).steps
    assert steps == NEW_MACHINE | {("update", "PinnedImage", "host-image")}
    assert machine.instance != old
    assert machine.image == newest != image
    assert machine.lasting() == lasting
    # Taken out of the stack file, it stays.
    del machine.host["image"]
    assert machine.run().steps == set()


def test_another_processor_takes_an_image_of_its_own(machine: Machine) -> None:
    before = machine.image
    steps = machine.run(instanceType="t3a.small").steps
    assert ("update", "PinnedImage", "host-image") in steps
    assert ("replace", "Instance", "host-instance") in steps
    assert machine.image != before


def test_ipv6_reaches_the_container(machine: Machine) -> None:
    lasting = machine.lasting()
    machine.run(ipv6=True, sshFrom=["127.0.0.0/8", "::/0"])
    assert machine.lasting() == lasting
    outputs = machine.project.outputs()
    spf = [
        record["content"]
        for record in outputs["records"]
        if record["name"] == "example.test" and "v=spf1" in record["content"]
    ]
    assert [f"ip6:{outputs['ipv6']}" in text for text in spf] == [True]
    client = machine.docker()
    try:
        assert client.networks.get("mailstack-dev").attrs["EnableIPv6"] is True
    finally:
        client.close()
    ports = machine.resource("mail-container")["inputs"]["ports"]
    assert [(port["internal"], port["ip"]) for port in ports[:2]] == [(25, "0.0.0.0"), (25, "::")]
    assert machine.run().steps == set()
    assert machine.run("refresh").steps == set()


def test_a_port_less_is_still_seen_with_ipv6(machine: Machine) -> None:
    machine.stack["config"]["mailstack:server"]["services"] = ["smtp", "submissions", "imaps"]
    steps = machine.run().steps
    assert ("replace", "Container", "mail-container") in steps
    ports = machine.resource("mail-container")["inputs"]["ports"]
    assert {port["internal"] for port in ports} == {25, 465, 993}


def test_daily_snapshots_can_be_left_out(machine: Machine) -> None:
    kinds = ("Role", "RolePolicyAttachment", "LifecyclePolicy", "DailySnapshots")
    steps = machine.run(snapshots={"keep": 0}).steps
    assert {kind for op, kind, _ in steps if op == "delete"} == set(kinds)
    assert {op for op, _, _ in steps} == {"delete"}


def test_the_data_volume_leaves_its_last_snapshot(machine: Machine) -> None:
    volume = machine.resource("host-data")["id"]
    assert machine.project.run("snapshots").stdout == ""
    said = machine.project.run("destroy", "--unprotect").stdout
    assert "AWS would keep the snapshot snap-" in said
    assert f"{volume}  20 GiB  mailstack-dev-data" in said
