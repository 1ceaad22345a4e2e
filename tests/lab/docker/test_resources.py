from pathlib import Path

import docker
import pytest
from docker.errors import NotFound

from lab.cloud.errors import CloudError
from lab.cloud.provider import Call
from lab.docker.resource import LAB_LABEL, lab_id
from lab.docker.resources import Network, RemoteImage, Volume
from lab.world import World
from tests.lab.docker.engine import IMAGE


@pytest.fixture
def call(world: World) -> Call:
    return Call(world=world, urn="urn:pulumi:dev::mailstack::t::name", name="name", config={})


@pytest.fixture
def image(engine_socket: str) -> RemoteImage:
    return RemoteImage(engine_socket, "lab")


@pytest.fixture
def volumes(engine_socket: str) -> Volume:
    return Volume(engine_socket, "lab")


@pytest.fixture
def networks(engine_socket: str) -> Network:
    return Network(engine_socket, "lab")


def test_image_is_pulled_once(call: Call, image: RemoteImage, client: docker.DockerClient) -> None:
    identity, outputs = image.create(call, {"name": IMAGE, "keepLocally": True})
    assert identity == f"{outputs['imageId']}{IMAGE}"
    assert outputs["imageId"] == client.images.get(IMAGE).id
    assert outputs["repoDigest"].startswith("mail.test/server@sha256:")
    assert image.create(call, {"name": IMAGE, "keepLocally": True}) == (identity, outputs)


def test_image_is_kept_or_removed(
    call: Call, image: RemoteImage, client: docker.DockerClient
) -> None:
    identity, outputs = image.create(call, {"name": IMAGE, "keepLocally": True})
    image.delete(call, identity, outputs)
    assert client.images.get(IMAGE)
    image.delete(call, identity, image.update(call, identity, outputs, {"name": IMAGE}))
    with pytest.raises(NotFound):
        client.images.get(IMAGE)
    assert image.read(call, identity, outputs) is None
    image.delete(call, identity, {"name": IMAGE})


def test_image_import(call: Call, image: RemoteImage) -> None:
    identity, outputs = image.create(call, {"name": IMAGE})
    assert image.read(call, identity, {}) == outputs


def test_image_that_cannot_be_had(call: Call, image: RemoteImage) -> None:
    with pytest.raises(CloudError, match="invalid reference format"):
        image.create(call, {"name": "mail.test/Server:1"})


def test_volume_life(call: Call, volumes: Volume, client: docker.DockerClient) -> None:
    identity, outputs = volumes.create(call, {"name": "mail"})
    assert identity == "mail"
    assert outputs["driver"] == "local"
    assert Path(outputs["mountpoint"]).is_dir()
    assert client.volumes.get("mail").attrs["Labels"][LAB_LABEL] == "lab"
    assert volumes.read(call, identity, outputs) == outputs
    volumes.delete(call, identity, outputs)
    assert volumes.read(call, identity, outputs) is None
    volumes.delete(call, identity, outputs)


def test_a_retained_volume_is_taken_up_with_its_mail(call: Call, volumes: Volume) -> None:
    _, outputs = volumes.create(call, {"name": "mail"})
    letter = Path(outputs["mountpoint"]) / "letter"
    letter.write_text("x")
    volumes.create(call, {"name": "mail"})
    assert letter.exists()


def test_another_labs_volume_is_not_touched(
    call: Call, engine_socket: str, client: docker.DockerClient
) -> None:
    Volume(engine_socket, "other").create(call, {"name": "mail"})
    client.volumes.create("by-hand")
    for name in ("mail", "by-hand"):
        with pytest.raises(CloudError, match=f"the volume {name} exists .* not of this lab"):
            Volume(engine_socket, "lab").create(call, {"name": name})


def test_network_life(call: Call, networks: Network) -> None:
    identity, outputs = networks.create(
        call, {"name": "net", "labels": [{"label": "a", "value": "b"}]}
    )
    assert outputs["driver"] == "bridge"
    assert networks.read(call, identity, outputs) == outputs
    networks.delete(call, identity, outputs)
    assert networks.read(call, identity, outputs) is None
    networks.delete(call, identity, outputs)


def test_a_network_that_a_killed_lab_left_is_replaced(call: Call, networks: Network) -> None:
    left, _ = networks.create(call, {"name": "net"})  # no line in the ledger: killed before it
    made, _ = networks.create(call, {"name": "net"})
    assert left != made
    assert networks.read(call, left, {}) is None


def test_a_network_in_the_ledger_is_not(call: Call, networks: Network) -> None:
    made, _ = networks.create(call, {"name": "net"})
    call.world.record(call.urn, Network.token, made, {})
    with pytest.raises(CloudError, match="the network net exists"):
        networks.create(call, {"name": "net"})


def test_a_network_with_ipv6_has_ipv4_too(
    call: Call, networks: Network, client: docker.DockerClient
) -> None:
    wanted = {"name": "net", "ipv6": True, "ipamConfigs": [{"subnet": "fd00:1::/64"}]}
    identity, _ = networks.create(call, wanted)
    attributes = client.networks.get(identity).attrs
    assert attributes["EnableIPv6"] is True
    subnets = [pool["Subnet"] for pool in attributes["IPAM"]["Config"]]
    assert subnets == ["172.31.0.0/16", "fd00:1::/64"]


def test_an_engine_that_is_gone(call: Call, tmp_path: Path) -> None:
    gone = Volume(str(tmp_path / "gone.sock"), "lab")
    with pytest.raises(CloudError, match="no Docker Engine answers"):
        gone.read(call, "mail", {})


def test_each_lab_has_an_id_of_its_own(tmp_path: Path) -> None:
    assert lab_id(tmp_path / "dev") == lab_id(tmp_path / "x" / ".." / "dev")
    assert lab_id(tmp_path / "dev") != lab_id(tmp_path / "prod")
