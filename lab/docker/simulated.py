"""A simulated Docker Engine: the part of the Engine API that mailstack uses, on a unix socket.

Volumes are directories and files in them are real. Containers are records: none ever runs, but
for the scripts of mailstack's helpers (`simulated_files.run_helper`); a "running" one merely
claims to listen on the ports that it exposes. `docker version` says "mailstack-lab-simulated".
"""

import socketserver
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from lab.docker.simulated_api import Api
from lab.docker.simulated_store import Store
from lab.docker.socket_path import remove_socket, socket_path
from lab.world import World

_POLL_SECONDS = 0.05  # how soon `stop` is noticed


class SimulatedEngine:
    """The server: `start` gives its socket's path, `stop` ends it; records outlive both."""

    def __init__(self, world: World, directory: Path) -> None:
        self._api = Api(Store(world, directory / "volumes"))
        self._directory = directory
        self._server: _Server | None = None

    def start(self) -> str:
        """Listen, in a background thread."""
        path = socket_path(self._directory)
        path.unlink(missing_ok=True)
        self._server = _Server(str(path), _Handler)
        path.chmod(0o600)
        self._server.api = self._api
        serve = partial(self._server.serve_forever, poll_interval=_POLL_SECONDS)
        threading.Thread(target=serve, daemon=True).start()
        return str(path)

    def stop(self) -> None:
        """Stop listening and remove the socket; the volumes stay."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            remove_socket(self._directory)


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64
    api: Api


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive: every connection may be an ssh process
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = self.server.api.answer(self.command, self.path, body)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815 - the base class's

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's
        """Say nothing: the daemon's log is for failures."""
