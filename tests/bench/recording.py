"""What a program registers, written down by the monitor as it comes in."""

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.runtime.proto import resource_pb2

from lab.engine.monitor import Monitor


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A resource as the program asked for it, and what the engine called it."""

    request: resource_pb2.RegisterResourceRequest
    urn: str
    id: str


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """The outputs of a component or of the stack."""

    request: resource_pb2.RegisterResourceOutputsRequest


Recording = list[Registration | Outputs]


def record_to(path: Path) -> Callable[[], None]:
    """Write down all registrations of this process from now on; gives what saves them.

    The file holds secrets in plain: keep it where nobody else looks.
    """
    lines: list[dict[str, str]] = []
    lock = threading.Lock()
    register, register_outputs = Monitor.RegisterResource, Monitor.RegisterResourceOutputs

    def resource(
        self: Monitor, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        response = register(self, request)
        with lock:
            lines.append({"resource": _text(request), "urn": response.urn, "id": response.id})
        return response

    def outputs(self: Monitor, request: resource_pb2.RegisterResourceOutputsRequest) -> Any:
        with lock:
            lines.append({"outputs": _text(request)})
        return register_outputs(self, request)

    Monitor.RegisterResource = resource  # type: ignore[method-assign]
    Monitor.RegisterResourceOutputs = outputs  # type: ignore[method-assign]
    return lambda: _save(path, lines)


def read_recording(path: Path) -> Recording:
    """Read what `record_to` saved, in the order in which it came."""
    return [_read(line) for line in json.loads(path.read_text())]


def as_comparable(recording: Recording) -> dict[str, str]:
    """Give what the engine is asked for, by URN, without where in which file it stood."""
    asked: dict[str, str] = {}
    for entry in recording:
        request = type(entry.request)()
        request.CopyFrom(entry.request)  # type: ignore[arg-type]
        if isinstance(request, resource_pb2.RegisterResourceOutputsRequest):
            asked[f"outputs of {request.urn}"] = str(request)
            continue
        assert isinstance(entry, Registration)
        request.ClearField("sourcePosition")
        request.ClearField("stackTrace")
        request.dependencies.sort()
        for found in request.propertyDependencies.values():
            found.urns.sort()
        asked[entry.urn] = str(request)
    return asked


def _text(message: Any) -> str:
    return base64.b64encode(message.SerializeToString(deterministic=True)).decode()


def _read(line: dict[str, str]) -> Registration | Outputs:
    if "outputs" in line:
        asked = resource_pb2.RegisterResourceOutputsRequest()
        asked.ParseFromString(base64.b64decode(line["outputs"]))
        return Outputs(request=asked)
    request = resource_pb2.RegisterResourceRequest()
    request.ParseFromString(base64.b64decode(line["resource"]))
    return Registration(request=request, urn=line["urn"], id=line["id"])


def _save(path: Path, lines: list[dict[str, str]]) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(lines))
