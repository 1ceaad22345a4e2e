"""What the commands do: bring the lab's parts together, run an engine, clean up."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lab import daemon
from lab.commands import pulumi_cli
from lab.commands.environment import lab_environment
from lab.commands.snapshots import describe_snapshots
from lab.commands.workspace import Workspace, read_stack
from lab.daemon.run_info import RunInfo
from lab.dns import zonefiles
from lab.docker import acme
from lab.docker.choose import choose
from lab.docker.volumes import cleanup
from lab.engine import Engine, Event, Orphan, Result, StackFile
from lab.errors import LabError
from lab.world import World
from settings import Settings
from settings.host import LocalHost, SshHost
from settings.tls import LetsEncryptTls


@dataclass(frozen=True, kw_only=True)
class Session:
    """A checked stack file, the running lab, and an engine on both."""

    workspace: Workspace
    stack: StackFile
    settings: Settings
    running: RunInfo
    engine: Engine
    variables: dict[str, str]


@contextmanager
def session(
    workspace: Workspace,
    *,
    listener: Callable[[Event], None] | None = None,
    dns_port: int = 0,
) -> Iterator[Session]:
    """Check the stack file, start what stands for the clouds, and open an engine.

    A wrong stack file is refused before anything is made. Raises SettingsError or LabError.
    """
    stack, settings = read_stack(workspace)
    running = _start(workspace, settings, dns_port)
    with World(workspace.world) as world:
        # The program and the dynamic providers run below this process and inherit it.
        machine = settings.host.address if isinstance(settings.host, SshHost) else None
        variables = lab_environment(workspace, running, machine=machine)
        os.environ.update(variables)
        engine = Engine(
            project=stack.project,
            stack=stack.stack,
            program=workspace.project / "__main__.py",
            work_dir=workspace.project,
            backend=workspace.backend,
            secrets=stack.secrets,
            providers=dict(running.providers),
            config=stack.config,
            config_secret_keys=stack.secret_keys,
            config_secret_values=stack.secret_values,
            orphans=lambda urn: [
                Orphan(type=entry.type, id=entry.id, outputs=entry.outputs)
                for entry in world.ledger(urn)
            ],
            listener=listener,
            log_file=workspace.directory / "engine.log",
        )
        yield Session(
            workspace=workspace,
            stack=stack,
            settings=settings,
            running=running,
            engine=engine,
            variables=variables,
        )


def _start(workspace: Workspace, settings: Settings, dns_port: int) -> RunInfo:
    new = not workspace.exists
    try:
        workspace.prepare()
        with World(workspace.world) as world:
            world.seed_zones(settings.zones.values())
            _choose_docker(settings, world)
            if isinstance(settings.server.tls, LetsEncryptTls):
                world.set_setting(acme.IMAGES, {settings.server.tls.image: settings.server.image})
        return daemon.start(workspace.directory, dns_port=dns_port)
    except (LabError, OSError, sqlite3.Error) as error:
        if new:  # a lab that never came up leaves nothing
            wipe(workspace)
        if isinstance(error, LabError):
            raise
        raise LabError(f"cannot use {workspace.directory}: {error}") from error


def _choose_docker(settings: Settings, world: World) -> None:
    host = settings.host
    if isinstance(host, LocalHost):
        endpoint = host.endpoint(os.environ, root=os.geteuid() == 0)
        choose(settings.server.image, world, endpoint=endpoint, named=host.socket is not None)
    else:
        choose(settings.server.image, world)


def load_zone_files(opened: Session, outputs: Mapping[str, Any]) -> None:
    """Do what the person does who loads the stack's zone files at their DNS provider."""
    with World(opened.workspace.world) as world:
        zonefiles.load(world, outputs.get("zonefile") or {})


def hand_over(opened: Session) -> None:
    """Make the stack ready for the Pulumi CLI, which cannot read the small engine's journal."""
    opened.engine.recover()
    pulumi_cli.select(opened.workspace)


def destroy(
    opened: Session, *, unprotect: bool, left: Callable[[str], None] = lambda _snapshot: None
) -> Result:
    """Destroy the stack, then the lab itself: nothing is left on this machine.

    ``left`` is told of each snapshot that would be left at AWS.
    """
    if unprotect:
        opened.engine.unprotect()
    result = opened.engine.destroy()
    for line in describe_snapshots(opened.workspace):
        left(line)
    wipe(opened.workspace)
    return result


def wipe(workspace: Workspace) -> None:
    """Throw the lab away as it is, with whatever its Docker Engine still has of it."""
    cleanup(workspace.directory)
    daemon.stop(workspace.directory)
    for folder in (workspace.directory, workspace.project / ".mailstack" / workspace.stack):
        if folder.is_dir():
            shutil.rmtree(folder)
            # The parent goes with its last stack.
            if not any(folder.parent.iterdir()):
                folder.parent.rmdir()


def require_lab(workspace: Workspace) -> None:
    """Raise LabError when the stack has no lab yet."""
    if not workspace.exists:
        raise LabError(
            f"stack {workspace.stack} has no lab: make one with "
            f"`python -m lab up --stack {workspace.stack}`"
        )
