"""Each provider resource talks on a connection of its own, as with the real engine's plugins."""

# ruff: noqa: N802, ARG002 (gRPC gives the names and the arguments)
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import ResourceProviderServicer, provider_pb2, provider_pb2_grpc

from lab.engine.connections import Connections


class Peers(ResourceProviderServicer):  # type: ignore[misc] # the SDK's base has no types
    """Notes from where it is spoken to."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def Handshake(self, request: Any, context: Any) -> Any:
        self.seen.append(context.peer())
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)


@pytest.fixture
def served() -> Iterator[tuple[Peers, int]]:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
    peers = Peers()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(peers, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield peers, port
    server.stop(grace=None).wait()


def test_two_providers_of_a_package_share_no_connection(served: tuple[Peers, int]) -> None:
    peers, port = served
    connections = Connections({"tiny": port})
    connections.open("tiny")
    connections.open("tiny")
    assert len(set(peers.seen)) == 2
    connections.close()


def test_what_needs_no_configuration_shares_one(served: tuple[Peers, int]) -> None:
    peers, port = served
    connections = Connections({"tiny": port})
    assert connections.get("tiny") is connections.get("tiny")
    assert len(peers.seen) == 1
    connections.close()
