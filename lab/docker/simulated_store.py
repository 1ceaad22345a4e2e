"""What the simulated Docker Engine knows: images, volumes, networks and containers as records.

Field names are those of the Engine API (https://docs.docker.com/reference/api/engine/), so that
a record is what an inspect call answers.
"""

import hashlib
import re
import secrets
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from lab.docker.binds import mounts_of
from lab.world import World

Record = dict[str, Any]

CONTAINER, IMAGE, NETWORK, VOLUME = (
    f"docker:{kind}" for kind in ("container", "image", "network", "volume")
)
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_IMAGE = re.compile(r"[a-z0-9][a-z0-9._:/-]*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?")


class EngineError(Exception):
    """An error answer of the Engine: its HTTP status and its message."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def _no_such(what: str, name: str) -> EngineError:
    return EngineError(HTTPStatus.NOT_FOUND, f"No such {what}: {name}")


class Store:
    """The records, in the lab's world; volumes are directories below ``volumes``."""

    def __init__(self, world: World, volumes: Path) -> None:
        self.world = world
        self._volumes = volumes

    # Images

    def pull(self, reference: str) -> Record:
        """Make an image present. Any well-formed reference exists: there is no registry to ask."""
        if not _IMAGE.fullmatch(reference):
            raise EngineError(HTTPStatus.BAD_REQUEST, "invalid reference format")
        name, _, digest = reference.partition("@")
        identity = digest or f"sha256:{hashlib.sha256(reference.encode()).hexdigest()}"
        repository = name if digest else name.rpartition(":")[0] or name
        image: Record = {
            "Id": f"sha256:{hashlib.sha256(identity.encode()).hexdigest()}",
            "RepoTags": [] if digest else [name],
            "RepoDigests": [f"{repository}@{identity}"],
            "Config": {},
            "Architecture": "amd64",
            "Os": "linux",
        }
        self.world.put(IMAGE, image["Id"], image, name=reference)
        return image

    def image(self, reference: str) -> Record:
        """The image with this id or reference."""
        found = self.world.get(IMAGE, reference) or next(
            iter(self.world.find(IMAGE, reference).values()), None
        )
        if found is None:
            raise _no_such("image", reference)
        return found

    def remove_image(self, reference: str) -> None:
        """Forget an image."""
        self.world.remove(IMAGE, self.image(reference)["Id"])

    # Volumes

    def create_volume(self, name: str, labels: Mapping[str, str]) -> Record:
        """Make a volume; one with this name is given as it is, as the Engine does."""
        name = name or secrets.token_hex(32)
        if not _NAME.fullmatch(name):
            raise EngineError(HTTPStatus.BAD_REQUEST, f'"{name}" is no volume name')
        directory = self._volumes / name / "_data"
        directory.mkdir(parents=True, exist_ok=True)
        if (existing := self.world.get(VOLUME, name)) is not None:
            return existing
        volume = {
            "Name": name,
            "Driver": "local",
            "Mountpoint": str(directory),
            "Labels": dict(labels),
            "Options": None,
            "Scope": "local",
            "CreatedAt": _now(),
        }
        self.world.put(VOLUME, name, volume)
        return volume

    def volume(self, name: str) -> Record:
        """The volume with this name."""
        found = self.world.get(VOLUME, name)
        if found is None:
            raise EngineError(HTTPStatus.NOT_FOUND, f"get {name}: no such volume")
        return found

    def remove_volume(self, name: str) -> None:
        """Remove a volume and all that is in it, unless a container uses it."""
        volume = self.volume(name)
        for container in self.world.find(CONTAINER).values():
            if any(mount.get("Name") == name for mount in container["Mounts"]):
                using = container["Id"]
                raise EngineError(HTTPStatus.CONFLICT, f"volume is in use - [{using}]")
        self.world.remove(VOLUME, name)
        shutil.rmtree(Path(volume["Mountpoint"]).parent, ignore_errors=True)

    # Networks

    def create_network(self, body: Record) -> Record:
        """Make a network; a name that is taken is refused."""
        name = body["Name"]
        if self.world.find(NETWORK, name):
            raise EngineError(HTTPStatus.CONFLICT, f"network with name {name} already exists")
        network = {
            "Id": secrets.token_hex(32),
            "Name": name,
            "Driver": body.get("Driver") or "bridge",
            "Scope": "local",
            "Labels": body.get("Labels") or {},
            "Options": body.get("Options") or {},
            "Internal": bool(body.get("Internal")),
            "EnableIPv6": bool(body.get("EnableIPv6")),
            "IPAM": {"Driver": "default", "Config": _pools(body)},
        }
        self.world.put(NETWORK, network["Id"], network, name=name)
        return network

    def network(self, reference: str) -> Record:
        """The network with this id or name."""
        found = self.world.get(NETWORK, reference) or next(
            iter(self.world.find(NETWORK, reference).values()), None
        )
        if found is None:
            raise EngineError(HTTPStatus.NOT_FOUND, f"network {reference} not found")
        return found

    def remove_network(self, reference: str) -> None:
        """Remove a network, unless a container is in it."""
        network = self.network(reference)
        for container in self.world.find(CONTAINER).values():
            if network["Name"] in container["NetworkSettings"]["Networks"]:
                message = f"network {network['Name']} has active endpoints"
                raise EngineError(HTTPStatus.FORBIDDEN, message)
        self.world.remove(NETWORK, network["Id"])

    # Containers

    def create_container(self, name: str, body: Record) -> Record:
        """Note a container. Nothing runs, now or when it is started."""
        identity = secrets.token_hex(32)
        name = name or f"simulated-{identity[:12]}"
        if taken := self.world.find(CONTAINER, name):
            message = f'The container name "/{name}" is already in use by container "{min(taken)}"'
            raise EngineError(HTTPStatus.CONFLICT, message)
        host = body.get("HostConfig") or {}
        networks = set((body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {})
        if host.get("NetworkMode") not in {None, "bridge", "default", "host", "none"}:
            networks.add(host["NetworkMode"])
        container = {
            "Id": identity,
            "Name": f"/{name}",
            "Created": _now(),
            "Image": self.image(body["Image"])["Id"],
            "Config": {key: value for key, value in body.items() if key[0].isupper()},
            "HostConfig": host,
            "Mounts": [self._mount(mount) for mount in mounts_of(host)],
            "NetworkSettings": {
                "Networks": {name: self._endpoint(name) for name in sorted(networks)},
                "Ports": {},
            },
            "RestartCount": 0,
            "State": {
                "Status": "created",
                "Running": False,
                "Restarting": False,
                "ExitCode": 0,
                "StartedAt": "0001-01-01T00:00:00Z",
            },
        }
        self.world.put(CONTAINER, identity, container, name=name)
        return container

    def container(self, reference: str) -> Record:
        """The container with this id or name."""
        found = self.world.get(CONTAINER, reference) or next(
            iter(self.world.find(CONTAINER, reference.removeprefix("/")).values()), None
        )
        if found is None:
            raise _no_such("container", reference)
        return found

    def save(self, container: Record) -> None:
        """Keep a changed container record."""
        self.world.put(CONTAINER, container["Id"], container, name=container["Name"][1:])

    def set_running(self, container: Record, *, running: bool, exit_code: int = 0) -> None:
        """Note that a container runs, or ended with ``exit_code``."""
        if running:
            self._claim_ports(container)
        state = container["State"]
        state.update(Status="running" if running else "exited", Running=running, ExitCode=exit_code)
        if running:
            state["StartedAt"] = _now()
        container["NetworkSettings"]["Ports"] = (
            container["HostConfig"].get("PortBindings") or {} if running else {}
        )
        self.save(container)

    def remove_container(self, reference: str, *, force: bool) -> None:
        """Remove a container; one that runs only by force."""
        container = self.container(reference)
        if container["State"]["Running"] and not force:
            message = "You cannot remove a running container: stop it first or use force"
            raise EngineError(HTTPStatus.CONFLICT, message)
        self.world.remove(CONTAINER, container["Id"])

    def labelled(self, kind: str, wanted: list[str]) -> list[Record]:
        """The objects of a kind that have all of these labels ("key" or "key=value")."""
        return [
            record
            for record in self.world.find(kind).values()
            if all(_has_label(record, label) for label in wanted)
        ]

    def _claim_ports(self, container: Record) -> None:
        wanted = set(_published(container))
        for other in self.world.find(CONTAINER).values():
            if other["State"]["Running"] and other["Id"] != container["Id"]:
                for taken in wanted.intersection(_published(other)):
                    message = f"Bind for {taken} failed: port is already allocated"
                    raise EngineError(HTTPStatus.INTERNAL_SERVER_ERROR, message)

    def _mount(self, mount: Record) -> Record:
        kind = mount.get("Type")
        if kind not in {"volume", "bind"}:
            message = "the simulated Engine mounts volumes, and notes bind mounts"
            raise EngineError(HTTPStatus.BAD_REQUEST, message)
        made = {"Type": kind, "Destination": mount["Target"], "RW": not mount.get("ReadOnly")}
        if kind == "bind":  # noted, never looked at: it is this machine's
            return made | {"Source": mount["Source"]}
        volume = self.create_volume(mount["Source"], {})
        return made | {"Name": volume["Name"], "Source": volume["Mountpoint"]}

    def _endpoint(self, name: str) -> Record:
        network = self.network(name)
        return {
            "NetworkID": network["Id"],
            "IPAddress": "172.31.0.2",
            "IPPrefixLen": 16,
            "Gateway": "172.31.0.1",
            "MacAddress": "02:42:ac:1f:00:02",
        }


def _pools(body: Record) -> list[Record]:
    asked = (body.get("IPAM") or {}).get("Config") or []
    own = [pool for pool in asked if "." in pool.get("Subnet", "")]
    # As the Engine does: what is asked for in IPv6 stands beside an IPv4 network of its own choice.
    return [*(own or [{"Subnet": "172.31.0.0/16"}]), *[pool for pool in asked if pool not in own]]


def _published(container: Record) -> list[str]:
    bindings = (container["HostConfig"].get("PortBindings") or {}).values()
    return [
        f"{binding.get('HostIp') or '0.0.0.0'}:{binding['HostPort']}"  # noqa: S104 - a name
        for published in bindings
        for binding in published or []
        if binding.get("HostPort")
    ]


def _has_label(record: Record, wanted: str) -> bool:
    labels = record.get("Labels") or (record.get("Config") or {}).get("Labels") or {}
    key, equals, value = wanted.partition("=")
    return key in labels and (not equals or labels[key] == value)


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
