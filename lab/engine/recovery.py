"""Picking up after an operation that was killed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2

from lab.engine import journal, resources
from lab.engine.checkpoint import Pending, Snapshot, StackPaths
from lab.engine.properties import PropertyMap, annotate_secrets, from_struct, make_secret
from lab.engine.resources import Resource
from lab.engine.serialize import Serializer
from lab.engine.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """An object that the world has under a resource's URN; outputs in Pulumi's wire form."""

    type: str
    id: str
    outputs: Mapping[str, Any] = field(default_factory=dict)


FindOrphans = Callable[[str], list[Orphan]]


@dataclass(slots=True)
class Recovered:
    """A state made whole again.

    Attributes:
        adopted: URNs of the objects that the state did not know.
        changed: whether it differs from the checkpoint on disk.
    """

    resources: list[Resource]
    adopted: list[str] = field(default_factory=list)
    changed: bool = False


def recover(
    paths: StackPaths, snapshot: Snapshot, serializer: Serializer, orphans: FindOrphans
) -> Recovered:
    """Bring together the checkpoint, the journal and the world.

    An object that was created just before the crash is adopted, never deleted: it may hold mail.
    Updates and deletions of unknown outcome are simply planned again.

    Raises:
        StateError: the journal is damaged.
    """
    entries = journal.read(paths.journal, snapshot.digest)
    pending = list(snapshot.pending)
    found = snapshot.resources
    if entries and snapshot.opener is not None:
        state = State(snapshot.resources, serializer)
        state.replay(entries, snapshot.opener)
        found, pending = state.resources(), pending + state.pending()
    recovered = Recovered(resources=found, changed=bool(entries or snapshot.pending))
    for operation in pending:
        if operation.type == "creating":
            _adopt(operation, recovered, orphans)
    return recovered


def _adopt(operation: Pending, recovered: Recovered, orphans: FindOrphans) -> None:
    wanted = operation.resource
    namesakes = [r for r in recovered.resources if r.urn == wanted.urn]
    known = {resource.id for resource in namesakes}
    made = [
        orphan
        for orphan in orphans(wanted.urn)
        if orphan.type == wanted.type and orphan.id not in known
    ]
    if not made:
        return
    orphan = made[-1]
    wanted.id = orphan.id
    wanted.outputs = _outputs(orphan, wanted)
    wanted.created = wanted.modified = resources.now()
    for old in namesakes:
        # What it was to replace is gone already, or is deleted once all is made.
        if old.pending_replacement:
            recovered.resources.remove(old)
        else:
            old.delete = True
    recovered.resources.append(wanted)
    recovered.adopted.append(wanted.urn)


def _outputs(orphan: Orphan, wanted: Resource) -> PropertyMap:
    # They come as they went over the wire: what is marked secret there must be sealed here.
    message = struct_pb2.Struct()
    message.update(orphan.outputs)
    outputs = from_struct(message)
    annotate_secrets(outputs, wanted.inputs)
    for key in wanted.additional_secret_outputs:
        if key in outputs:
            outputs[key] = make_secret(outputs[key])
    return outputs
