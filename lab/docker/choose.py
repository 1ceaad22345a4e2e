"""Which Docker Engine a lab uses: a real one where it can run the image, else a simulated one."""

import os
import socket
from contextlib import closing
from dataclasses import asdict, dataclass

import docker
import requests
from docker.errors import DockerException, ImageNotFound

from lab.docker.reach import unreachable
from lab.docker.simulated_api import VERSION
from lab.errors import LabError
from lab.world import World

WISH = "MAILSTACK_LAB_DOCKER"
"""Environment variable: "simulated" or "real" instead of looking what there is."""
_SETTING = "docker"
_DEFAULT = "unix:///var/run/docker.sock"
_SECONDS = 10
_VPS_ADDRESS = "127.77.0.1"  # the lab's elastic IPs are in 127.77.0.0/16


class DockerChoiceError(LabError):
    """A real Engine was asked for, and none can be used."""


@dataclass(frozen=True, kw_only=True)
class DockerChoice:
    """The answer: the real Engine's socket (empty for a simulated one), and why."""

    socket: str
    simulated: bool
    reason: str


def choose(
    image: str, world: World, *, endpoint: str | None = None, named: bool = False
) -> DockerChoice:
    """Decide once for the lab's life: a world whose containers change places would be none.

    ``endpoint`` is where to look, else DOCKER_HOST, else the usual socket. ``named``: the stack
    file itself says so, and the program will go there whatever the lab has.

    Raises:
        DockerChoiceError: no real Engine can be used, but the stack file names one, or
            MAILSTACK_LAB_DOCKER is "real".
    """
    kept = world.setting(_SETTING)
    if kept is not None:
        return DockerChoice(**kept)
    endpoint = endpoint or os.environ.get("DOCKER_HOST") or _DEFAULT
    choice = _decide(image, os.environ.get(WISH, ""), endpoint)
    if named and choice.simulated:
        raise DockerChoiceError(
            f"mailstack:host.socket names an engine, but {choice.reason}. The lab cannot stand in "
            "for an engine with a name: pulumi config rm --path mailstack:host.socket"
        )
    world.set_setting(_SETTING, asdict(choice))
    return choice


def chosen(world: World) -> DockerChoice:
    """What was decided; a lab where nobody asked has a simulated Engine."""
    kept = world.setting(_SETTING)
    if kept is None:
        return _simulated("no stack file asked for a real one")
    return DockerChoice(**kept)


def _decide(image: str, wish: str, endpoint: str) -> DockerChoice:
    if wish == "simulated":
        return _simulated(f"{WISH}=simulated asks for it")
    choice = _look(image, endpoint)
    if wish == "real" and choice.simulated:
        raise DockerChoiceError(f"{WISH}=real, but {choice.reason}")
    return choice


def _look(image: str, endpoint: str) -> DockerChoice:
    path = endpoint.removeprefix("unix://")
    if path == endpoint:
        return _simulated(f"DOCKER_HOST is {endpoint}: the lab uses only an Engine behind unix://")
    if problem := unreachable(path):
        return _simulated(problem)
    try:
        with closing(docker.DockerClient(base_url=endpoint, timeout=_SECONDS)) as client:
            if client.version()["Version"] == VERSION:
                return _simulated("DOCKER_HOST leads to another lab's simulated Engine")
            if not _can_bind(_VPS_ADDRESS):
                return _simulated(f"this system cannot publish ports on {_VPS_ADDRESS}")
            return _with_image(client, path, image)
    except (DockerException, requests.exceptions.RequestException):
        return _simulated(f"what answers at {path} is no working Docker Engine")


def _with_image(client: docker.DockerClient, path: str, image: str) -> DockerChoice:
    try:
        client.images.get(image)
    except ImageNotFound:
        try:
            client.images.get_registry_data(image)  # asks the registry, downloads nothing
        except (DockerException, requests.exceptions.RequestException):
            return _simulated(
                f"there is a Docker Engine at {path}, but {image} is neither present "
                "nor can it be pulled"
            )
        return DockerChoice(socket=path, simulated=False, reason=f"{path}; {image} will be pulled")
    return DockerChoice(socket=path, simulated=False, reason=f"{path}; {image} is present")


def _simulated(reason: str) -> DockerChoice:
    return DockerChoice(socket="", simulated=True, reason=reason)


def _can_bind(address: str) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
