"""gRPC connections to provider processes, and what goes wrong on them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from lab.engine.errors import UnsupportedError

_OPTIONS: Final = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # Two channels to one address would share a connection, by which a provider tells apart the
    # configurations that it was given.
    ("grpc.use_local_subchannel_pool", 1),
]
_LOST: Final = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
_R = TypeVar("_R")

PortSource = int | Callable[[], int]


@dataclass(frozen=True, slots=True)
class HalfMade:
    """What a provider created or changed before initialising it failed."""

    id: str
    properties: struct_pb2.Struct
    inputs: struct_pb2.Struct
    reasons: list[str]


class ProviderError(Exception):
    """A provider refused or failed.

    Attributes:
        half_made: the object, when it exists all the same.
        unimplemented: the provider does not know the method.
        lost: the connection broke, so nobody knows whether the provider did what was asked.
    """

    def __init__(
        self,
        message: str,
        *,
        half_made: HalfMade | None = None,
        unimplemented: bool = False,
        lost: bool = False,
    ) -> None:
        super().__init__(message)
        self.half_made = half_made
        self.unimplemented = unimplemented
        self.lost = lost


@dataclass(slots=True)
class Connection:
    """A provider process and what it said of itself in the handshake."""

    stub: Any
    package: str
    shook_hands: bool
    accepts_secrets: bool = False
    accepts_resources: bool = False


@dataclass(slots=True)
class Connections:
    """Opens connections to the providers' processes, and closes them in the end."""

    ports: Mapping[str, PortSource]
    _open: dict[str, Connection] = field(default_factory=dict)
    _channels: list[grpc.Channel] = field(default_factory=list)

    def get(self, package: str) -> Connection:
        """The connection for what needs no configured provider: one for each package.

        Raises:
            UnsupportedError: the lab has no provider for the package.
            ProviderError: the process does not answer.
        """
        if package not in self._open:
            self._open[package] = self.open(package)
        return self._open[package]

    def open(self, package: str) -> Connection:
        """A connection of its own for a provider resource: its configuration belongs to it.

        Raises as `get` does.
        """
        source = self.ports.get(package)
        if source is None:
            known = ", ".join(sorted(self.ports))
            raise UnsupportedError(
                f"the lab has no provider for package {package!r}, only for {known}: "
                "use the real Pulumi CLI for it"
            )
        port = source if isinstance(source, int) else source()
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=_OPTIONS)
        self._channels.append(channel)
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        request = provider_pb2.ProviderHandshakeRequest(
            engine_address="", configure_with_urn=True, invoke_with_preview=True
        )
        try:
            reply = call(stub.Handshake, request)
        except ProviderError as error:
            if not error.unimplemented:
                raise ProviderError(
                    f"the provider of package {package!r} does not answer on port {port}: {error}"
                ) from error
            return Connection(stub, package, shook_hands=False)
        return Connection(
            stub,
            package,
            shook_hands=True,
            accepts_secrets=reply.accept_secrets,
            accepts_resources=reply.accept_resources,
        )

    def close(self) -> None:
        """Close all of them; the processes go on."""
        for channel in self._channels:
            channel.close()
        self._channels.clear()
        self._open.clear()


def call(method: Callable[[Any], _R], request: Any) -> _R:  # noqa: ANN401 (any message)
    """Call a provider's method.

    Raises:
        ProviderError: with the provider's message and, if it tells, the half-made object.
    """
    try:
        return method(request)
    except grpc.RpcError as error:
        details = error.details() or str(error.code())
        raise ProviderError(
            details,
            half_made=_half_made(error),
            unimplemented=error.code() is grpc.StatusCode.UNIMPLEMENTED,
            lost=error.code() in _LOST,
        ) from None


def _half_made(error: grpc.RpcError) -> HalfMade | None:
    metadata: Any = error.trailing_metadata() or ()
    metadata = dict(metadata)
    if "grpc-status-details-bin" in metadata:
        status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
        for detail in status.details:
            init = provider_pb2.ErrorResourceInitFailed()
            if detail.Unpack(init):
                return HalfMade(init.id, init.properties, init.inputs, list(init.reasons))
    return None
