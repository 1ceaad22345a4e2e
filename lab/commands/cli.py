"""The lab's commands."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from enum import StrEnum
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from lab.commands import operations, pulumi_cli
from lab.commands.environment import as_shell
from lab.commands.problems import describe
from lab.commands.progress import ProgressDisplay
from lab.commands.show import show_outputs
from lab.commands.snapshots import describe_snapshots
from lab.commands.workspace import Workspace, open_workspace, private_umask
from lab.docker.volumes import read_file
from lab.engine import Result
from lab.errors import LabError
from settings import MailstackError

app = typer.Typer(
    name="python -m lab",
    help="mailstack on this machine alone: stand-ins for the clouds, a real DNS server, and an "
    "engine for the unchanged program. Nothing leaves the machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class EngineChoice(StrEnum):
    """Which engine runs the program."""

    AUTO = "auto"
    SMALL = "small"
    PULUMI = "pulumi"


Stack = Annotated[str, typer.Option(help="The stack: reads Pulumi.STACK.yaml.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
WhichEngine = Annotated[
    EngineChoice, typer.Option(help="auto: the Pulumi CLI where it is on PATH.")
]


@app.command()
def up(
    stack: Stack = "dev",
    engine: WhichEngine = EngineChoice.AUTO,
    dns_port: Annotated[
        int, typer.Option(help="Port of the lab's DNS server; 0 takes a free one and keeps it.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Deploy the stack to the lab, and show what was built."""
    _operate("up", stack, engine, as_json=as_json, dns_port=dns_port)


@app.command()
def preview(
    stack: Stack = "dev", engine: WhichEngine = EngineChoice.AUTO, as_json: Json = False
) -> None:
    """Show what `up` would change. Changes nothing."""
    _operate("preview", stack, engine, as_json=as_json)


@app.command()
def refresh(
    stack: Stack = "dev", engine: WhichEngine = EngineChoice.AUTO, as_json: Json = False
) -> None:
    """Compare the state with the (emulated) world, and take over what has drifted."""
    _operate("refresh", stack, engine, as_json=as_json)


@app.command()
def destroy(
    stack: Stack = "dev",
    unprotect: Annotated[
        bool, typer.Option(help="Also destroy what is protected: mail volumes and DKIM keys.")
    ] = False,
    wipe: Annotated[
        bool,
        typer.Option(help="Throw the lab away without the state: for a lost passphrase."),
    ] = False,
) -> None:
    """Destroy the stack and its lab; nothing is left on this machine."""
    console = Console()
    workspace = open_workspace(stack)
    operations.require_lab(workspace)
    if wipe:
        operations.wipe(workspace)
    else:
        with (
            ProgressDisplay(console, title=f"destroying {stack}") as progress,
            operations.session(workspace, listener=progress) as opened,
        ):
            left: list[str] = []
            operations.destroy(opened, unprotect=unprotect, left=left.append)
        for line in left:
            console.print(f"AWS would keep the snapshot {line}", highlight=False, soft_wrap=True)
    console.print(f"The lab of {stack} is gone.")


@app.command("import")
def import_(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="Its type token.")],
    name: Annotated[str, typer.Argument(help="The name that it has in the program.")],
    id_: Annotated[str, typer.Argument(metavar="ID", help="What the provider calls it.")],
    stack: Stack = "dev",
    parent: Annotated[
        str, typer.Option(help="Name of its parent; without it, the stack itself.")
    ] = "",
) -> None:
    """Adopt what exists already, such as a DNS record; the next `up` changes it to ours."""
    workspace = open_workspace(stack)
    with operations.session(workspace) as opened:
        opened.engine.adopt(kind, name, id_, parent)
    typer.echo(f"Adopted {id_} as {name}: the next up makes it what the stack file says.")


@app.command()
def snapshots(stack: Stack = "dev") -> None:
    """List the snapshots that the emulated AWS holds, the oldest first."""
    workspace = open_workspace(stack)
    operations.require_lab(workspace)
    for line in describe_snapshots(workspace):
        typer.echo(line)


@app.command()
def unprotect(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of resources, as a refusal shows them.")
    ] = None,
    stack: Stack = "dev",
    everything: Annotated[bool, typer.Option("--all", help="Unprotect all resources.")] = False,
) -> None:
    """Allow what is protected to be deleted or replaced; the next `up` protects it again."""
    if bool(names) == everything:
        raise LabError("name the resources to unprotect, or give --all")
    workspace = open_workspace(stack)
    operations.require_lab(workspace)
    with operations.session(workspace) as opened:
        opened.engine.unprotect(names)
    typer.echo(f"Unprotected {', '.join(names) if names else 'everything'}.")


@app.command()
def env(stack: Stack = "dev") -> None:
    """Print what makes the plain `pulumi` commands work here: eval "$(python -m lab env)"."""
    workspace = open_workspace(stack)
    with operations.session(workspace) as opened:
        if pulumi_cli.available():
            operations.hand_over(opened)
        typer.echo(as_shell(opened.variables))


@app.command()
def output(
    name: Annotated[str | None, typer.Argument(help="One output; without it, all.")] = None,
    stack: Stack = "dev",
    show_secrets: Annotated[bool, typer.Option(help="Show secret outputs in plain.")] = False,
) -> None:
    """Print the stack's outputs as JSON."""
    workspace = open_workspace(stack)
    operations.require_lab(workspace)
    with operations.session(workspace) as opened:
        found = opened.engine.outputs(show_secrets=show_secrets)
    if name is not None and name not in found:
        raise LabError(f"stack {stack} has no output {name}; it has {', '.join(sorted(found))}")
    typer.echo(json.dumps(found if name is None else found[name], indent=2, ensure_ascii=False))


@app.command()
def cat(
    what: Annotated[str, typer.Argument(help="VOLUME:PATH; VOLUME: config, mail, state or logs.")],
    stack: Stack = "dev",
) -> None:
    """Print a file of one of the mail server's volumes."""
    role, colon, path = what.partition(":")
    if not colon or role not in {"config", "mail", "state", "logs"}:
        raise LabError(f"{what!r} is not VOLUME:PATH, such as config:postfix-accounts.cf")
    workspace = open_workspace(stack)
    operations.require_lab(workspace)
    with operations.session(workspace) as opened:
        docker = opened.running.docker
        if docker is None:
            raise LabError("the lab runs without Docker; see daemon.log")
        content = read_file(docker.socket, f"{opened.stack.project}-{stack}-{role}", path)
    sys.stdout.buffer.write(content)


@app.command("fetch-cli")
def fetch_cli() -> None:
    """Fetch the Pulumi CLI that fits the SDK into .venv/bin (needs the vendor's site)."""
    from pulumi.automation import PulumiCommand  # noqa: PLC0415 - a second that few need

    command = PulumiCommand.install(root=sys.prefix)
    typer.echo(f"Installed Pulumi {command.version} in {sys.prefix}")


def _operate(
    operation: str, stack: str, choice: EngineChoice, *, as_json: bool, dns_port: int = 0
) -> None:
    console = Console(stderr=as_json)
    workspace = open_workspace(stack)
    real = _wants_cli(choice)
    with (
        _display(console, f"{operation} of {stack}", real=real) as progress,
        operations.session(workspace, listener=progress, dns_port=dns_port) as opened,
    ):
        result: Result | None = None
        if real:
            operations.hand_over(opened)
            arguments = {"up": ["up", "--yes"], "refresh": ["refresh", "--yes"]}
            pulumi_cli.run(workspace, *arguments.get(operation, [operation]))
        else:
            if operation == "up":
                # As `pulumi up` does: what a preview refuses is refused before anything changes.
                replace(opened.engine, listener=None).preview()
            result = getattr(opened.engine, operation)()
        outputs = opened.engine.outputs(show_secrets=True) if operation == "up" else {}
        if operation == "up":
            operations.load_zone_files(opened, outputs)
    if as_json:
        _print_json(workspace, result)
    elif operation == "up":
        show_outputs(console, outputs, opened.running, stack=stack)


def _print_json(workspace: Workspace, result: Result | None) -> None:
    if result is None:
        raise LabError("--json shows the small engine's steps: add --engine small")
    described: dict[str, Any] = {
        "stack": workspace.stack,
        **asdict(result),
        "counts": result.counts,
    }
    typer.echo(json.dumps(described, indent=2, ensure_ascii=False))


@contextmanager
def _display(console: Console, title: str, *, real: bool) -> Iterator[ProgressDisplay | None]:
    # The CLI draws its own progress; two would overwrite each other.
    if real:
        yield None
        return
    with ProgressDisplay(console, title=title) as progress:
        yield progress


def _wants_cli(choice: EngineChoice) -> bool:
    if choice is EngineChoice.PULUMI and not pulumi_cli.available():
        raise LabError("`pulumi` is not on PATH: `make cli` fetches it, or use --engine small")
    return choice is EngineChoice.PULUMI or (choice is EngineChoice.AUTO and pulumi_cli.available())


def main() -> NoReturn:
    """Run a command; what a person can mend is one message, never a traceback."""
    private_umask()
    try:
        app(standalone_mode=True)
    except (LabError, MailstackError) as error:
        text = escape(describe(error))
        Console(stderr=True).print(f"[red]error[/]: {text}", highlight=False, soft_wrap=True)
        sys.exit(1)
    sys.exit(0)
