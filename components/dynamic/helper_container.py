"""A short-lived container of the server's image, through which volumes are reached.

The Engine has no call for the inside of a volume, and only the image knows its own users.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from docker import DockerClient
from docker.models.containers import Container
from docker.types import Mount

MOUNT = "/mailstack"
"""Its working directory."""


@contextmanager
def helper_container(
    client: DockerClient,
    *,
    image: str,
    script: str,
    arguments: Sequence[str],
    volumes: Mapping[str, str],
    label: tuple[str, str],
) -> Iterator[Container]:
    """Create one, without starting it, and remove it in the end.

    Args:
        client: the Engine.
        image: must be present on the Engine's host and have a shell.
        script: what `sh` runs in it once it is started, as root and without a network.
        arguments: the script's.
        volumes: path in the container → name of a volume.
        label: name and value. A run that was killed leaves its helper behind, at work or not:
            one with the same label is removed first, so what works side by side differs in it.

    Raises:
        docker.errors.ImageNotFound: the image is not there.
        docker.errors.APIError: the Engine refused.
    """
    name, value = label
    containers = client.containers
    for stale in containers.list(
        all=True, ignore_removed=True, filters={"label": f"{name}={value}"}
    ):
        stale.remove(v=True, force=True)
    container = containers.create(
        image,
        entrypoint=["sh", "-c", script, "mailstack"],
        command=list(arguments),
        working_dir=MOUNT,
        user="0:0",
        network_mode="none",
        mounts=[Mount(path, volume, type="volume") for path, volume in volumes.items()],
        labels={name: value},
    )
    try:
        yield container
    finally:  # v: the image declares volumes, which would be left behind without a name
        container.remove(v=True, force=True)
