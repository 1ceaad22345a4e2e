"""An engine's side of a provider connection, in plain values."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import grpc
from google.protobuf import struct_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import PropertyDiff, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as pb

from lab.cloud.values import secret_keys, to_plain, wrap

Plain = dict[str, Any]


class Made(NamedTuple):
    """A created (or, in a preview, planned) object."""

    id: str
    outputs: Plain
    secrets: set[str]


class Client:
    """One provider instance: a connection of its own, as the real engine has it."""

    def __init__(self, port: int, **config: object) -> None:
        options = [("grpc.use_local_subchannel_pool", 1)]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self.stub.Configure(pb.ConfigureRequest(args=struct(config), acceptSecrets=True))

    def close(self) -> None:
        self._channel.close()

    def check(self, kind: str, name: str, inputs: Plain, *, old: Plain | None = None) -> Plain:
        reply = self._check(kind, name, inputs, old)
        assert [(one.property, one.reason) for one in reply.failures] == []
        return plain(reply.inputs)

    def refusals(self, kind: str, name: str, inputs: Plain) -> dict[str, str]:
        return {one.property: one.reason for one in self._check(kind, name, inputs, None).failures}

    def create(
        self,
        kind: str,
        name: str,
        inputs: Plain,
        *,
        preview: bool = False,
        secrets: Iterable[str] = (),
    ) -> Made:
        request = pb.CreateRequest(
            urn=urn(kind, name), properties=struct(inputs, secrets), preview=preview
        )
        reply = self.stub.Create(request)
        properties = PropertyValue.unmarshal_map(reply.properties)
        return Made(reply.id, to_plain(properties), secret_keys(properties))

    def diff(self, kind: str, name: str, outputs: Plain, old: Plain, new: Plain) -> pb.DiffResponse:
        request = pb.DiffRequest(
            id="x",
            urn=urn(kind, name),
            olds=struct(outputs),
            old_inputs=struct(old),
            news=struct(new),
        )
        reply: pb.DiffResponse = self.stub.Diff(request)
        return reply

    def update(
        self, kind: str, name: str, made: Made, inputs: Plain, *, preview: bool = False
    ) -> Plain:
        request = pb.UpdateRequest(
            id=made.id,
            urn=urn(kind, name),
            olds=struct(made.outputs),
            news=struct(inputs),
            preview=preview,
        )
        return plain(self.stub.Update(request).properties)

    def read(self, kind: str, name: str, made: Made, inputs: Plain) -> tuple[str, Plain, Plain]:
        request = pb.ReadRequest(
            id=made.id,
            urn=urn(kind, name),
            properties=struct(made.outputs),
            inputs=struct(inputs),
        )
        reply = self.stub.Read(request)
        return reply.id, plain(reply.properties), plain(reply.inputs)

    def delete(self, kind: str, name: str, made: Made) -> None:
        request = pb.DeleteRequest(id=made.id, urn=urn(kind, name), properties=struct(made.outputs))
        self.stub.Delete(request)

    def invoke(self, token: str, arguments: Plain) -> Plain:
        reply = self.stub.Invoke(pb.InvokeRequest(tok=token, args=struct(arguments)))
        return plain(getattr(reply, "return"))

    def _check(self, kind: str, name: str, inputs: Plain, old: Plain | None) -> pb.CheckResponse:
        request = pb.CheckRequest(
            urn=urn(kind, name),
            olds=struct(old or {}),
            news=struct(inputs),
            randomSeed=b"0123456789abcdef",
        )
        reply: pb.CheckResponse = self.stub.Check(request)
        return reply


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::mailstack::mailstack:a:Parent${kind}::{name}"


def struct(values: Plain, secrets: Iterable[str] = ()) -> struct_pb2.Struct:
    made: struct_pb2.Struct = PropertyValue.marshal_map(wrap(values, secrets))
    return made


def plain(values: struct_pb2.Struct) -> Plain:
    return to_plain(PropertyValue.unmarshal_map(values))


def kinds(reply: pb.DiffResponse) -> dict[str, str]:
    """Property path → kind of change."""
    return {path: PropertyDiff.Kind.Name(one.kind) for path, one in reply.detailedDiff.items()}
