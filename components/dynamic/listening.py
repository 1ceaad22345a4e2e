"""Which TCP ports a container listens on, asked of its kernel: any image has ``cat``."""

from docker import DockerClient

COMMAND = ("cat", "/proc/net/tcp", "/proc/net/tcp6")
_LISTEN = "0A"  # TCP_LISTEN in the kernel's include/net/tcp_states.h
_STATE_COLUMN = 3


def listening_ports(client: DockerClient, container_id: str) -> set[int]:
    """Ask a running container; ports on its loopback count: Postfix reaches Rspamd there.

    Raises:
        docker.errors.APIError: the container does not run (HTTP 409) or does not exist (404).
    """
    api = client.api
    # With a terminal the answer is plain text. It is read by HTTP and not by docker-py's own
    # `exec_start`, which loses what arrives in one packet with the headers: common over SSH.
    exec_id = api.exec_create(container_id, list(COMMAND), tty=True, stderr=False)["Id"]
    answer = api.post(
        f"{api.base_url}/v{api.api_version}/exec/{exec_id}/start",
        json={"Detach": False, "Tty": True},
        timeout=api.timeout,
    )
    return parse(answer.text)


def parse(table: str) -> set[int]:
    """Find the ports in the text of ``/proc/net/tcp`` and ``/proc/net/tcp6`` (man 5 proc)."""
    rows = [line.split() for line in table.splitlines()]
    return {
        int(row[1].rpartition(":")[2], 16)
        for row in rows
        if len(row) > _STATE_COLUMN and row[_STATE_COLUMN] == _LISTEN
    }
