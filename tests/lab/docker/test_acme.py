"""The ACME client in the lab: it never starts, and its certificate is there all the same."""

from typing import Any

import docker
import pytest
from cryptography import x509

from lab.cloud.provider import Call
from lab.docker import acme
from lab.docker.container import Container
from lab.docker.resources import RemoteImage
from lab.docker.volumes import read_file
from lab.world import World
from tests.lab.docker.engine import IMAGE

NAME = "*.example.test"


@pytest.fixture
def call(world: World) -> Call:
    return Call(world=world, urn="urn:pulumi:dev::p::t::c", name="c", config={})


@pytest.fixture
def inputs(client: docker.DockerClient, volume: str) -> dict[str, Any]:
    return {
        "name": "acme",
        "image": client.images.get(IMAGE).id,
        "labels": [{"label": acme.LABEL, "value": f"{NAME} /srv/published/lineage"}],
        "mounts": [{"type": "volume", "source": volume, "target": "/srv/published"}],
        "mustRun": True,
    }


def chain(socket: str, volume: str) -> list[x509.Certificate]:
    pem = read_file(socket, volume, "lineage/fullchain.pem")
    return x509.load_pem_x509_certificates(pem)


def test_its_certificate_is_the_labs(
    call: Call,
    inputs: dict[str, Any],
    client: docker.DockerClient,
    engine_socket: str,
    volume: str,
) -> None:
    container = Container(engine_socket, "lab")
    identity, outputs = container.create(call, inputs)
    assert client.containers.get(identity).status == "created", "nobody is asked"
    leaf, root = chain(engine_socket, volume)
    leaf.verify_directly_issued_by(root)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [NAME]
    assert read_file(engine_socket, volume, "lineage/privkey.pem").startswith(b"-----BEGIN")
    seen = container.read(call, identity, outputs)
    assert seen == outputs, "that it does not run is no drift"
    assert outputs["mustRun"] is True


def test_every_certificate_has_the_same_authority(
    call: Call, inputs: dict[str, Any], engine_socket: str, volume: str
) -> None:
    container = Container(engine_socket, "lab")
    roots = []
    for _ in range(2):
        identity, outputs = container.create(call, inputs)
        roots.append(chain(engine_socket, volume)[-1])
        container.delete(call, identity, outputs)
    assert roots[0] == roots[1]


def test_its_image_is_never_pulled(
    call: Call, client: docker.DockerClient, engine_socket: str
) -> None:
    client.images.pull(IMAGE)
    call.world.set_setting(acme.IMAGES, {"certbot.test/client:1": IMAGE})
    image = RemoteImage(engine_socket, "lab")
    identity, outputs = image.create(call, {"name": "certbot.test/client:1"})
    assert outputs["imageId"] == client.images.get(IMAGE).id
    assert image.read(call, identity, outputs) == outputs
    with pytest.raises(docker.errors.ImageNotFound):
        client.images.get("certbot.test/client:1")
