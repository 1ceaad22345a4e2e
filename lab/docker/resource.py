"""What the Docker resources of the lab share: the client, its errors, their labels."""

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import ClassVar

import docker
import requests
from docker.errors import APIError, DockerException

from lab.cloud.provider import Call, CloudError, Resource
from lab.cloud.values import Plain
from lab.docker.machine import MACHINE_LABEL, clear_old, machine
from lab.docker.reach import unreachable

LAB_LABEL = "mailstack.lab"
URN_LABEL = "mailstack.urn"
_SECONDS = 300  # a pull may be silent for long


def lab_id(directory: Path) -> str:
    """What marks the Docker objects of this lab: several labs may share one real Engine."""
    return hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:16]


@contextmanager
def engine(socket: str) -> Iterator[docker.DockerClient]:
    """A client to the Engine behind a unix socket.

    Raises:
        CloudError: the Engine refused (its own sentence), or cannot be reached.
    """
    if problem := unreachable(socket):
        raise CloudError("no Docker", problem)
    try:
        with closing(docker.DockerClient(f"unix://{socket}", timeout=_SECONDS)) as client:
            yield client
    except APIError as error:
        code = f"Docker {error.status_code}"
        raise CloudError(code, str(error.explanation or error).strip()) from None
    except (DockerException, requests.exceptions.RequestException) as error:
        message = f"the Docker Engine at {socket} does not answer as one: {error}"
        raise CloudError("no Docker", message) from None


class DockerResource(Resource):
    """One type of the Docker provider, on the lab's Engine."""

    atomic: ClassVar[bool] = False

    def __init__(self, socket: str, lab: str) -> None:
        self.socket = socket
        self.lab = lab

    def labels(self, call: Call, inputs: Plain) -> dict[str, str]:
        """The labels asked for, and those by which the lab knows its own."""
        asked = {label["label"]: label["value"] for label in inputs.get("labels", [])}
        return {**asked, LAB_LABEL: self.lab, URN_LABEL: call.urn}

    def on_machine(self, call: Call) -> dict[str, str]:
        """The label of what goes when its VPS goes."""
        here = machine(call)
        return {MACHINE_LABEL: here} if here else {}

    @contextmanager
    def machine(self, call: Call) -> Iterator[docker.DockerClient]:
        """A client, as `engine` gives it, to the Docker of the VPS as it is now."""
        with engine(self.socket) as client:
            clear_old(client, machine(call), f"{LAB_LABEL}={self.lab}")
            yield client

    def is_leftover(self, call: Call, id: str, labels: dict[str, str]) -> bool:  # noqa: A002
        """Whether an object was made for this very URN by a lab that was killed just then."""
        ours = labels.get(LAB_LABEL) == self.lab and labels.get(URN_LABEL) == call.urn
        return ours and id not in {entry.id for entry in call.world.ledger(call.urn)}
