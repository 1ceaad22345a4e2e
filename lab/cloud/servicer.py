"""Serve a provider over gRPC, to the real engine and to the lab's small one alike."""

import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from google.protobuf import empty_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import Provider
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime import proto
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from lab.cloud.provider import CONNECTION, OLD_INPUTS
from lab.errors import LabError

_LOG = logging.getLogger(__name__)


class Servicer(ProviderServicer):
    """The SDK's servicer, with three differences.

    Errors reach the user as one clean sentence (the SDK appends a Python traceback); old inputs
    and the connection reach the provider (`OLD_INPUTS`, `CONNECTION`); and it answers the calls
    that an engine makes to a provider it attaches to.
    """

    def __init__(self, package: str, version: str, provider: Provider) -> None:
        super().__init__([], version, provider, engine_address="")
        self._package = package

    async def Attach(self, request: Any, context: Any) -> Any:  # noqa: ANN401, ARG002, N802 - grpc
        """The engine says hello; nothing is asked of it."""
        return empty_pb2.Empty()

    async def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ANN401, ARG002, N802
        """The protocol features spoken here."""
        return proto.ProviderHandshakeResponse(accept_secrets=True)

    async def Cancel(self, request: Any, context: Any) -> Any:  # noqa: ANN401, ARG002, N802
        """One engine is interrupted; calls are short, and other engines go on: nothing to do."""
        return empty_pb2.Empty()

    async def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: ANN401, ARG002, N802
        """A changed configuration updates the provider, never replaces its resources."""
        changed = request.olds != request.news
        kinds = proto.DiffResponse
        return kinds(changes=kinds.DIFF_SOME if changed else kinds.DIFF_NONE)


def _clean(name: str) -> Callable[[Servicer, Any, Any], Awaitable[Any]]:
    inherited = getattr(ProviderServicer, name)

    async def method(self: Servicer, request: Any, context: Any) -> Any:  # noqa: ANN401
        CONNECTION.set(context.peer())
        if isinstance(request, proto.DiffRequest):
            OLD_INPUTS.set(PropertyValue.unmarshal_map(request.old_inputs))
        try:
            return await inherited(self, request, context)
        except NotImplementedError as error:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
        except Exception as error:  # noqa: BLE001 - the last stop before the wire
            # The SDK raises a new exception whose message ends in a traceback.
            cause = error.__context__ or error
            if isinstance(cause, LabError):
                await context.abort(grpc.StatusCode.UNKNOWN, str(cause))
            # Frames and type, not the message: it could quote a secret.
            frames = "".join(traceback.format_tb(cause.__traceback__))
            kind = type(cause).__name__
            _LOG.error("%s failed: %s\n%s", name, kind, frames)
            message = f"bug in the lab: {self._package} {name}: {kind} (daemon.log has more)"
            await context.abort(grpc.StatusCode.INTERNAL, message)

    return method


_CALLS = "CheckConfig Configure Invoke GetSchema Check Diff Create Read Update Delete"
for _name in _CALLS.split():
    setattr(Servicer, _name, _clean(_name))


async def serve(
    package: str, version: str, provider: Provider, port: int
) -> tuple[grpc.aio.Server, int]:
    """Start serving on loopback; give the server and its port.

    The port asked for is only a wish: when it is taken, any free one is used.
    """
    options = [*_GRPC_CHANNEL_OPTIONS, ("grpc.so_reuseport", 0)]
    for wanted in (port, 0):
        server = grpc.aio.server(options=options)
        servicer = Servicer(package, version, provider)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        try:
            bound = server.add_insecure_port(f"127.0.0.1:{wanted}")
        except RuntimeError:
            continue
        await server.start()
        return server, bound
    message = f"no loopback port can be had for the {package} provider"
    raise OSError(message)
