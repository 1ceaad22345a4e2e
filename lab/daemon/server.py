"""What the lab's background process serves, from its first port to its last."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

from pulumi.provider.experimental.provider import Provider

from lab import docker
from lab.cloud import servicer
from lab.cloud.aws import AwsProvider
from lab.cloud.cloudflare import CloudflareProvider
from lab.daemon import DaemonError, neighbour_on_port, run_file
from lab.daemon.run_info import RunInfo
from lab.dns import server as dns_server
from lab.world import World

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS = 2

CLOUDS: dict[str, Callable[[World], Provider]] = {
    "aws": AwsProvider,
    "cloudflare": CloudflareProvider,
}
"""The providers that need nothing but the world; Docker's comes with an Engine."""


def run(directory: Path, dns_port: int, ready: TextIO) -> None:
    """Serve until SIGTERM or SIGINT; write run.json, and its text as one line to `ready`.

    Raises DaemonError when the DNS port is taken.
    """
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    run_file(directory).unlink(missing_ok=True)
    with World(directory / "world.db") as world:
        asyncio.run(_serve(directory, world, dns_port, ready))


async def _serve(directory: Path, world: World, dns_port: int, ready: TextIO) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    # The ports of the last time, so that a shell's `lab env` stays true over a restart.
    ports: dict[str, int] = world.setting("ports", {})
    dns = await _serve_dns(directory, world, dns_port, ports.get("dns", 0))
    bound: dict[str, int] = {}
    servers = []
    providers: dict[str, Provider] = {package: make(world) for package, make in CLOUDS.items()}
    providers["docker"], docker_info = docker.serve(directory, world)
    for package, provider in providers.items():
        server, bound[package] = await servicer.serve(
            package, version(f"pulumi_{package}"), provider, ports.get(package, 0)
        )
        servers.append(server)
    world.set_setting("ports", bound | {"dns": dns})
    info = RunInfo(pid=os.getpid(), dns=f"127.0.0.1:{dns}", providers=bound, docker=docker_info)
    _LOG.info("serving: DNS %s, providers %s", info.dns, info.debug_providers)
    _announce(directory, info, ready)
    await _until_ended(ended, directory)
    for server in servers:
        await server.stop(grace=1)
    run_file(directory).unlink(missing_ok=True)
    _LOG.info("stopped")


async def _until_ended(ended: asyncio.Event, directory: Path) -> None:
    # Who deletes the folder by hand has no use for what serves from it.
    while directory.exists() and not ended.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), _LOOK_SECONDS)


async def _serve_dns(directory: Path, world: World, wanted: int, last: int) -> int:
    try:
        return await dns_server.serve(world, wanted or last)
    except OSError as error:
        if not wanted:
            _LOG.warning("port %d of the last time is taken: using another", last)
            return await dns_server.serve(world, 0)
        stack = neighbour_on_port(directory, wanted)
        owner = f"the lab of stack {stack}" if stack else "another program"
        remedy = f"python -m lab destroy --stack {stack}" if stack else "end it"
        message = (
            f"port {wanted} for the lab's DNS is taken by {owner}: {remedy}, or choose another"
        )
        raise DaemonError(message) from error


def _announce(directory: Path, info: RunInfo, ready: TextIO) -> None:
    # Whoever sees run.json sees all of it.
    draft = run_file(directory).with_suffix(".new")
    draft.write_text(info.to_json())
    draft.rename(run_file(directory))
    with ready:
        print(info.to_json(line=True), file=ready)
