"""A docker-py client over the very SSH options that the official Docker provider gets.

docker-py's own ``ssh://`` support takes no options, so it could neither pin the VPS's host key nor
use the stack's own identity file. Here OpenSSH's client does the connecting, as it does for
the official provider (https://docs.docker.com/reference/cli/docker/system/dial-stdio/).
"""

import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import docker
import requests
from docker.errors import APIError, DockerException
from docker.transport.unixconn import UnixHTTPAdapter, UnixHTTPConnectionPool

from components.dynamic.link_errors import DockerLinkError, understand

__all__ = ["DockerLinkError", "docker_client"]

# After the caller's options, so that those win (ssh takes the first value of each option): an
# unattended run must end with an error instead of asking a question or hanging on a dead network.
_UNATTENDED = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=15")
_STOP_SECONDS = 5.0


class _OneConnection(UnixHTTPAdapter):
    """docker-py opens a connection for each URL; over SSH every one would cost a handshake."""

    def get_connection(self, _url: str | bytes, _proxies: object = None) -> UnixHTTPConnectionPool:
        return super().get_connection("http+docker://localhost")


@contextmanager
def docker_client(
    host: str, ssh_opts: Sequence[str] = (), *, timeout: int = 60
) -> Iterator[docker.DockerClient]:
    """Open a client to the Docker Engine of ``host``; everything is closed when the block ends.

    Args:
        host: ``unix:///path/to/docker.sock`` or ``ssh://user@address[:port][/path/to/socket]``.
        ssh_opts: options for OpenSSH's client, as the official provider's ``sshOpts`` takes them.
        timeout: seconds that one request may take.

    Raises:
        DockerLinkError: the host is not of these two forms, or the connection failed, at the
            start or within the block; with ssh's own last line where ssh said something.
    """
    target = urlsplit(host)
    if target.scheme == "unix":
        _check_answers(host, target.path)
        with _connected(host, host, timeout) as client:
            yield client
    elif target.scheme == "ssh" and target.hostname:
        with (
            tempfile.TemporaryDirectory(prefix="mailstack-") as private,
            (Path(private) / "ssh.log").open("w+b") as log,
            _tunnel(_ssh_command(host, ssh_opts), Path(private) / "docker.sock", log) as address,
            _connected(host, address, timeout, log) as client,
        ):
            yield client
    else:
        raise DockerLinkError(
            f"{host!r} is no Docker host: use unix:///path or ssh://user@address[:port][/path]"
        )


def _ssh_command(host: str, ssh_opts: Sequence[str]) -> list[str]:
    target = urlsplit(host)
    login = ["-l", target.username] if target.username else []
    port = ["-p", str(target.port)] if target.port else []
    # As the official provider does it (docker/cli, cli/connhelper): the path is the far socket's.
    socket_there = ["--host", f"unix://{target.path}"] if target.path.strip("/") else []
    dial = ["docker", *socket_there, "system", "dial-stdio"]
    return ["ssh", *ssh_opts, *_UNATTENDED, "-T", *login, *port, "--", str(target.hostname), *dial]


@contextmanager
def _connected(
    host: str, address: str, timeout: int, log: IO[bytes] | None = None
) -> Iterator[docker.DockerClient]:
    try:
        client = docker.DockerClient(base_url=address, timeout=timeout)  # asks the version
    except DockerException as error:
        raise _explained(host, error, log) from None
    with closing(client):
        client.api.get_adapter(client.api.base_url).close()
        client.api.mount(client.api.base_url, _OneConnection(f"http+{address}", timeout))
        try:
            yield client
        except APIError:  # an answer, if not a welcome one: the link itself works
            raise
        except requests.exceptions.RequestException as error:
            raise _explained(host, error, log) from None


def _check_answers(host: str, path: str) -> None:
    # docker-py would wrap the system's plain reason many times over, and leak a socket.
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError as error:
            raise DockerLinkError(
                f"cannot reach Docker at {host}: {error.strerror}. Start the engine, or name "
                "its socket in mailstack:host.socket"
            ) from None


def _explained(host: str, error: Exception, log: IO[bytes] | None) -> DockerLinkError:
    text = ""
    if log is not None:
        log.seek(0)
        text = log.read().decode(errors="replace")
    said = understand(text)
    message = f"cannot reach Docker at {host}: {said.last_line or error}"
    if said.remedy:
        message = f"{message.rstrip('.')}. {said.remedy[0].upper()}{said.remedy[1:]}."
    return DockerLinkError(message, lasting=said.lasting)


@contextmanager
def _tunnel(command: Sequence[str], path: Path, log: IO[bytes]) -> Iterator[str]:
    """Listen on the private socket ``path``; each connection becomes the stdio of one ``command``.

    Nothing is copied here: the process gets the accepted socket itself, so half-closed
    connections (``docker exec``) work as the kernel makes them.
    """
    processes: list[subprocess.Popen[bytes]] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:  # the listener was shut down: the block has ended
                    return
                with connection:
                    try:
                        processes.append(
                            subprocess.Popen(  # noqa: S603 - a list, no shell
                                command,
                                stdin=connection.fileno(),
                                stdout=connection.fileno(),
                                stderr=log,
                                # Ctrl-C must not cut the link before we have cleaned up.
                                start_new_session=True,
                            )
                        )
                    except OSError as error:
                        log.write(f"cannot start ssh: {error.strerror}\n".encode())
                        log.flush()

        thread = threading.Thread(target=serve, name="docker-link", daemon=True)
        thread.start()
        try:
            yield f"unix://{path}"
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(_STOP_SECONDS)
            for process in processes:
                process.terminate()
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
