from pathlib import Path

import docker
import pytest

from lab.docker import choose as module
from lab.docker.choose import DockerChoiceError, choose, chosen
from lab.world import World
from tests.lab.docker.engine import IMAGE


@pytest.fixture(autouse=True)
def no_wish(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MAILSTACK_LAB_DOCKER", raising=False)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")


@pytest.fixture
def real(engine_socket: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An Engine that says it is a real one."""
    monkeypatch.setattr(module, "VERSION", "something else")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{engine_socket}")
    return engine_socket


def test_simulated_where_nobody_answers(world: World, tmp_path: Path) -> None:
    choice = choose(IMAGE, world)
    assert choice.simulated
    assert choice.reason == f"no Docker Engine answers at {tmp_path}/nobody.sock"


def test_simulated_where_the_engine_is_elsewhere(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    choice = choose(IMAGE, world)
    assert choice.simulated
    assert "tcp://192.0.2.1:2375" in choice.reason


def test_another_labs_simulated_engine_is_no_engine(
    world: World, engine_socket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{engine_socket}")
    choice = choose(IMAGE, world)
    assert choice.simulated
    assert "another lab" in choice.reason


def test_real_where_the_image_is_present(
    world: World, real: str, client: docker.DockerClient
) -> None:
    client.images.pull(IMAGE)
    choice = choose(IMAGE, world)
    assert (choice.simulated, choice.socket) == (False, real)
    assert choice.reason.endswith(f"{IMAGE} is present")


@pytest.mark.usefixtures("real")
def test_simulated_where_the_image_cannot_be_had(world: World) -> None:
    choice = choose("mail.test/missing:1", world)
    assert choice.simulated
    assert "mail.test/missing:1 is neither present nor can it be pulled" in choice.reason


@pytest.mark.usefixtures("real")
def test_simulated_where_the_vps_addresses_cannot_be_had(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_VPS_ADDRESS", "192.0.2.1")
    choice = choose(IMAGE, world)
    assert choice.simulated
    assert "cannot publish ports on 192.0.2.1" in choice.reason


def test_the_choice_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = choose(IMAGE, world)
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    assert choose(IMAGE, world) == first
    assert chosen(world) == first


def test_nobody_asked(world: World) -> None:
    assert chosen(world).simulated


@pytest.mark.usefixtures("real")
def test_simulated_because_it_is_wished(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILSTACK_LAB_DOCKER", "simulated")
    choice = choose(IMAGE, world)
    assert choice.simulated
    assert "MAILSTACK_LAB_DOCKER" in choice.reason


def test_a_wish_for_a_real_one_is_not_ignored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILSTACK_LAB_DOCKER", "real")
    with pytest.raises(DockerChoiceError, match="no Docker Engine answers"):
        choose(IMAGE, world)


@pytest.mark.usefixtures("real")
def test_an_engine_that_the_stack_file_names_cannot_be_simulated(
    world: World, tmp_path: Path
) -> None:
    other = f"unix://{tmp_path}/other.sock"
    with pytest.raises(DockerChoiceError, match="no Docker Engine answers at ") as told:
        choose(IMAGE, world, endpoint=other, named=True)
    assert "pulumi config rm --path mailstack:host.socket" in str(told.value)


def test_looks_where_the_stack_file_says(
    world: World, real: str, client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    client.images.pull(IMAGE)
    assert choose(IMAGE, world, endpoint=f"unix://{real}", named=True).socket == real
