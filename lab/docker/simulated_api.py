"""The calls of the Engine API that the simulated Engine answers.

Names and shapes as in https://docs.docker.com/reference/api/engine/version/v1.41/.
"""

import base64
import json
import re
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from lab.docker import simulated_files as files
from lab.docker.simulated_store import CONTAINER, NETWORK, VOLUME, EngineError, Record, Store

VERSION = "mailstack-lab-simulated"
API_VERSION = "1.41"
_LOG = b"simulated container: nothing runs in it\n"
_STDERR = 2
_NOTHING = HTTPStatus.NO_CONTENT


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request: the parts of its path that vary, its query and its body."""

    parts: tuple[str, ...]
    query: dict[str, str]
    body: bytes

    @property
    def json(self) -> Record:
        """The body as a JSON object."""
        body: Record = json.loads(self.body or b"{}")
        return body

    @property
    def labels(self) -> list[str]:
        """The labels that a list call filters by."""
        filters = json.loads(self.query.get("filters") or "{}")
        return list(filters.get("label", []))


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer."""

    status: HTTPStatus = HTTPStatus.OK
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Action = Callable[[Store, Call], Reply]
_ROUTES: list[tuple[str, re.Pattern[str], Action]] = []


class Api:
    """Requests to records, one at a time: the Engine's own concurrency needs no imitation."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()

    def answer(self, method: str, target: str, body: bytes) -> Reply:
        """Answer one request."""
        url = urlsplit(target)
        path = re.sub(r"^/v\d+\.\d+/", "/", url.path)
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        for route_method, pattern, action in _ROUTES:
            match = pattern.fullmatch(path)
            if match and method == route_method:
                call = Call(parts=tuple(map(unquote, match.groups())), query=query, body=body)
                try:
                    with self._lock:
                        return action(self._store, call)
                except EngineError as error:
                    return _json({"message": str(error)}, error.status)
                except OSError as error:  # a full disk, say: answer as the Engine would
                    message = error.strerror or str(error)
                    return _json({"message": message}, HTTPStatus.INTERNAL_SERVER_ERROR)
        message = f"the simulated Engine does not have {method} {path}"
        return _json({"message": message}, HTTPStatus.NOT_IMPLEMENTED)


def _route(method: str, pattern: str) -> Callable[[Action], Action]:
    def register(action: Action) -> Action:
        _ROUTES.append((method, re.compile(pattern.replace("{}", "([^/]+)")), action))
        return action

    return register


def _json(value: Any, status: HTTPStatus = HTTPStatus.OK) -> Reply:  # noqa: ANN401 - any JSON
    content = json.dumps(value).encode()
    return Reply(status=status, content=content, headers={"Content-Type": "application/json"})


_RSPAMD_MILTER = 11332


@_route("GET", "/version")
def _version(_store: Store, _call: Call) -> Reply:
    versions = {"Version": VERSION, "ApiVersion": API_VERSION, "MinAPIVersion": "1.24"}
    return _json({**versions, "Os": "linux", "Arch": "amd64"})


@_route("GET", "/_ping")
@_route("HEAD", "/_ping")
def _ping(_store: Store, _call: Call) -> Reply:
    return Reply(content=b"OK", headers={"Api-Version": API_VERSION})


@_route("POST", "/images/create")
def _pull(store: Store, call: Call) -> Reply:
    name, tag = call.query["fromImage"], call.query.get("tag", "")
    glue = "@" if tag.startswith("sha256:") else ":"
    image = store.pull(f"{name}{glue}{tag}" if tag else name)
    return _json({"status": f"Simulated: {image['Id']}"})


@_route("GET", "/images/(.+)/json")
def _image(store: Store, call: Call) -> Reply:
    return _json(store.image(call.parts[0]))


@_route("DELETE", "/images/(.+)")
def _remove_image(store: Store, call: Call) -> Reply:
    store.remove_image(call.parts[0])
    return _json([])


@_route("POST", "/volumes/create")
def _create_volume(store: Store, call: Call) -> Reply:
    body = call.json
    volume = store.create_volume(body.get("Name", ""), body.get("Labels") or {})
    return _json(volume, HTTPStatus.CREATED)


@_route("GET", "/volumes")
def _volumes(store: Store, call: Call) -> Reply:
    return _json({"Volumes": store.labelled(VOLUME, call.labels), "Warnings": None})


@_route("GET", "/volumes/{}")
def _volume(store: Store, call: Call) -> Reply:
    return _json(store.volume(call.parts[0]))


@_route("DELETE", "/volumes/{}")
def _remove_volume(store: Store, call: Call) -> Reply:
    store.remove_volume(call.parts[0])
    return Reply(status=_NOTHING)


@_route("POST", "/networks/create")
def _create_network(store: Store, call: Call) -> Reply:
    return _json({"Id": store.create_network(call.json)["Id"]}, HTTPStatus.CREATED)


@_route("GET", "/networks")
def _networks(store: Store, call: Call) -> Reply:
    return _json(store.labelled(NETWORK, call.labels))


@_route("GET", "/networks/{}")
def _network(store: Store, call: Call) -> Reply:
    return _json(store.network(call.parts[0]))


@_route("DELETE", "/networks/{}")
def _remove_network(store: Store, call: Call) -> Reply:
    store.remove_network(call.parts[0])
    return Reply(status=_NOTHING)


@_route("POST", "/containers/create")
def _create_container(store: Store, call: Call) -> Reply:
    container = store.create_container(call.query.get("name", ""), call.json)
    return _json({"Id": container["Id"], "Warnings": []}, HTTPStatus.CREATED)


@_route("GET", "/containers/json")
def _containers(store: Store, call: Call) -> Reply:
    found = store.labelled(CONTAINER, call.labels)
    return _json(
        [
            {
                "Id": container["Id"],
                "Names": [container["Name"]],
                "Image": container["Config"]["Image"],
                "Status": f"{container['State']['Status']} (simulated)",
            }
            for container in found
            if call.query.get("all") in {"1", "true"} or container["State"]["Running"]
        ]
    )


@_route("GET", "/containers/{}/json")
def _container(store: Store, call: Call) -> Reply:
    return _json(store.container(call.parts[0]))


@_route("POST", "/containers/{}/start")
def _start(store: Store, call: Call) -> Reply:
    container = store.container(call.parts[0])
    if files.is_helper(container):
        exit_code, said = files.run_helper(container)
        container["Said"] = said.decode(errors="replace")
        store.set_running(container, running=False, exit_code=exit_code)
    else:
        store.set_running(container, running=True)
    return Reply(status=_NOTHING)


@_route("POST", "/containers/{}/(?:stop|kill)")
def _stop(store: Store, call: Call) -> Reply:
    store.set_running(store.container(call.parts[0]), running=False)
    return Reply(status=_NOTHING)


@_route("POST", "/containers/{}/wait")
def _wait(store: Store, call: Call) -> Reply:
    return _json({"StatusCode": store.container(call.parts[0])["State"]["ExitCode"]})


@_route("POST", "/containers/{}/update")
def _update(store: Store, call: Call) -> Reply:
    container = store.container(call.parts[0])
    container["HostConfig"] |= call.json
    store.save(container)
    return _json({"Warnings": []})


@_route("DELETE", "/containers/{}")
def _remove_container(store: Store, call: Call) -> Reply:
    force = call.query.get("force", "").lower() in {"1", "true"}
    store.remove_container(call.parts[0], force=force)
    return Reply(status=_NOTHING)


@_route("GET", "/containers/{}/logs")
def _logs(store: Store, call: Call) -> Reply:
    said = store.container(call.parts[0]).get("Said")
    text = _LOG if said is None else said.encode()
    return Reply(content=struct.pack(">BxxxL", _STDERR, len(text)) + text)


@_route("GET", "/containers/{}/archive")
def _get_archive(store: Store, call: Call) -> Reply:
    path = call.query["path"]
    content = files.pack(store.container(call.parts[0]), path)
    stat = base64.b64encode(json.dumps({"name": path.rpartition("/")[2]}).encode()).decode()
    headers = {"Content-Type": "application/x-tar", "X-Docker-Container-Path-Stat": stat}
    return Reply(content=content, headers=headers)


@_route("PUT", "/containers/{}/archive")
def _put_archive(store: Store, call: Call) -> Reply:
    files.unpack(store.container(call.parts[0]), call.query["path"], call.body)
    return Reply()


@_route("POST", "/containers/{}/exec")
def _exec(store: Store, call: Call) -> Reply:
    container = store.container(call.parts[0])
    if not container["State"]["Running"]:
        raise EngineError(HTTPStatus.CONFLICT, f"container {container['Id']} is not running")
    if call.json["Cmd"] != ["cat", "/proc/net/tcp", "/proc/net/tcp6"]:
        message = "the simulated Engine runs no commands in containers"
        raise EngineError(HTTPStatus.NOT_IMPLEMENTED, message)
    return _json({"Id": container["Id"]}, HTTPStatus.CREATED)


@_route("POST", "/exec/{}/start")
def _exec_start(store: Store, call: Call) -> Reply:
    # As the kernel would print it, for a mail server that listens on all the ports it exposes,
    # and inside on the one where Rspamd takes mail to sign.
    config = store.container(call.parts[0])["Config"]
    ports = [int(port.partition("/")[0]) for port in config.get("ExposedPorts") or {}]
    if "ENABLE_RSPAMD=1" in (config.get("Env") or ()):
        ports.append(_RSPAMD_MILTER)
    lines = [f"{at}: 00000000:{port:04X} 00000000:0000 0A\r\n" for at, port in enumerate(ports)]
    return Reply(content="".join(lines).encode())
