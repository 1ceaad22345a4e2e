"""The lab's Docker side: the provider stand-in, and an Engine to simulate where none is."""

from pathlib import Path

from lab.daemon.run_info import DockerInfo
from lab.docker.choose import chosen
from lab.docker.provider import DockerProvider
from lab.docker.resource import lab_id
from lab.docker.simulated import SimulatedEngine
from lab.world import World


def serve(directory: Path, world: World) -> tuple[DockerProvider, DockerInfo]:
    """Make the provider on the Engine that was chosen; a simulated one serves from now on."""
    choice = chosen(world)
    socket = SimulatedEngine(world, directory).start() if choice.simulated else choice.socket
    info = DockerInfo(socket=socket, simulated=choice.simulated, reason=choice.reason)
    return DockerProvider(world, socket, lab_id(directory)), info
