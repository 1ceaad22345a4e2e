"""One container for two engines: what Podman reports otherwise must not replace it."""

import pulumi_docker as docker
import pytest

from components.server.container_shape import restart_policy, storage, unread

MOUNTS = [
    docker.ContainerMountArgs(type="volume", source="mail", target="/var/mail"),
    docker.ContainerMountArgs(type="bind", source="/etc/tls", target="/tls", read_only=True),
]


def test_docker_gets_mounts() -> None:
    assert storage("docker", MOUNTS) == {"mounts": MOUNTS}
    assert unread("docker").ignore_changes is None


def test_podman_gets_the_same_as_volumes_which_nobody_reads_back() -> None:
    given = storage("podman", MOUNTS)
    assert "mounts" not in given
    volumes = [
        (each.container_path, each.volume_name, each.host_path, each.read_only)
        for each in given["volumes"]
    ]
    assert volumes == [
        ("/var/mail", "mail", None, None),
        ("/tls", None, "/etc/tls", True),
    ]
    assert unread("podman").ignore_changes == ["capabilities", "ulimits"]


@pytest.mark.parametrize(("engine", "policy"), [("docker", "unless-stopped"), ("podman", "always")])
def test_restarts_after_a_crash_and_a_boot(engine, policy) -> None:
    assert restart_policy(engine) == policy
