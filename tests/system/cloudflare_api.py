"""Cloudflare's HTTP API on a lab's world, as far as an ACME client asks it.

It honours what a token may do. The routes and codes: developers.cloudflare.com/api.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lab.cloud.cloudflare_record import DNS_RECORD, DnsRecord
from lab.cloud.cloudflare_token import DNS_WRITE, ZONE_READ, allowed_zones
from lab.cloud.errors import CloudError
from lab.cloud.resource import Call
from lab.world import ZONE, World

UNPUBLISHED = "unpublished.example.test"
"""Records of this name are taken and never served, as in a zone that is delegated elsewhere."""
_BASE = "/client/v4"


@contextmanager
def cloudflare_api(world: World) -> Iterator[str]:
    """Serve the API on loopback; yields its base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size) or b"{}")
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            status, answer = _answer(world, token, self.command, self.path, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the base class's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{_BASE}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(
    world: World, token: str, method: str, target: str, body: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    url = urlsplit(target)
    query = {key: values[-1] for key, values in parse_qs(url.query).items()}
    if not allowed_zones(world, token, ZONE_READ):
        return _refused(403, 9109, "Invalid access token")
    match (method, *url.path.removeprefix(_BASE).strip("/").split("/")):
        case ("GET", "zones"):
            seen = allowed_zones(world, token, ZONE_READ)
            zones = [
                {"id": zone_id, **zone}
                for zone_id, zone in world.find(ZONE).items()
                if zone_id in seen and query.get("name") in {None, zone["name"]}
            ]
            return _good(zones)
        case (_, "zones", zone_id, "dns_records", *rest):
            if zone_id not in allowed_zones(world, token, DNS_WRITE):
                return _refused(403, 10000, "Authentication error")
            return _records(world, (method, *rest), zone_id, query, body)
    return _refused(403, 10000, "Authentication error")


def _records(
    world: World, asked: tuple[str, ...], zone_id: str, query: dict[str, str], body: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    match asked:
        case ("GET",):
            found = world.find(DNS_RECORD, query.get("name")).items()
            return _good(
                [
                    {"id": made, **record}
                    for made, record in found
                    if record["zoneId"] == zone_id
                    and query.get("content") in {None, record["content"].strip('"')}
                ]
            )
        case ("POST",):
            if body["name"].endswith(UNPUBLISHED):
                return _good({"id": "0" * 32, **body})
            call = Call(world=world, urn="", name="", config={})
            try:
                made, record = DnsRecord().create(call, {**body, "zoneId": zone_id})
            except CloudError as error:
                return _refused(400, 1004, str(error))
            return _good({"id": made, **record})
        case ("DELETE", record_id):
            world.remove(DNS_RECORD, record_id)
            return _good({"id": record_id})
    return _refused(405, 10000, "Method not allowed")


def _good(result: object) -> tuple[int, dict[str, Any]]:
    return 200, {"success": True, "errors": [], "messages": [], "result": result}


def _refused(status: int, code: int, message: str) -> tuple[int, dict[str, Any]]:
    errors = [{"code": code, "message": message}]
    return status, {"success": False, "errors": errors, "messages": [], "result": None}
