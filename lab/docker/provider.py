"""Stand-in for the official Docker plugin, on the lab's Engine, real or simulated."""

from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue

from lab.cloud.provider import CloudProvider
from lab.docker.container import Container
from lab.docker.resources import Network, RemoteImage, Volume
from lab.world import World

_NAMED = {Container.token, Network.token, Volume.token}


class DockerProvider(CloudProvider):
    """The package `docker`. Its `host` only says where ports are published, never where to go."""

    def __init__(self, world: World, socket: str, lab: str) -> None:
        kinds = (Container, Network, RemoteImage, Volume)
        super().__init__("docker", world, resources=[kind(socket, lab) for kind in kinds])

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        """Fill in the one default that a refresh compares with: a container must run."""
        if _token(request.type) == Container.token:
            request.new_inputs = {"mustRun": PropertyValue(True), **request.new_inputs}
        return await super().check(request)

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        """An object that keeps its given name must go before its successor can take it."""
        response = await super().diff(request)
        if _token(request.type) in _NAMED:
            replaced = bool(response.replaces)
            response.delete_before_replace = replaced and "name" not in response.replaces
        return response


def _token(type_: str) -> str:
    return type_.rpartition("$")[2]
