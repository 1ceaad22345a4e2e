"""The doctor's command line. Exit code: 0 nothing failed, 1 something did, 2 it could not run."""

import os
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from doctor.checks import CHECKS, Check
from doctor.deployment import Deployment
from doctor.errors import DoctorError
from doctor.outputs import parse_outputs
from doctor.report import as_json, print_report, succeeded
from doctor.resolver import Resolver
from doctor.run import run_checks
from doctor.sources import Source, read_file, read_stack

_DEFAULT_STACK = "dev"
_USAGE = 2

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command(
    epilog="Exit code: 0 when nothing failed, 1 when something did, 2 when it could not be checked."
)
def check(
    *,
    stack: Annotated[
        str | None,
        typer.Option(
            help="The stack: its lab where it has one, else `pulumi stack output`.",
            show_default=_DEFAULT_STACK,
        ),
    ] = None,
    outputs: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Read the outputs from this JSON file instead ('-': standard input), as "
            "`pulumi stack output --json --show-secrets` writes them.",
        ),
    ] = None,
    dns: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            envvar="MAILSTACK_LAB_DNS",
            help="Ask this DNS server; without it the lab's, or else the system's.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHECK",
            help=f"Run this check alone; may be repeated. {', '.join(c.name for c in CHECKS)}.",
        ),
    ] = None,
    relay: Annotated[
        bool,
        typer.Option(
            "--relay",
            help="Also offer the server a stranger's mail, which it must refuse. Its Fail2Ban "
            "counts that: six times in a week and your address is banned.",
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show every result, not only the bad ones.")
    ] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Check a running deployment from outside: DNS, certificates, logins.

    Reads the stack's outputs and compares the world with them. Changes nothing, and sends no mail.
    """
    if outputs is not None and stack is not None:
        raise DoctorError("give --stack or --outputs, not both")
    checks = _chosen(only)
    source = read_file(outputs) if outputs is not None else read_stack(stack or _DEFAULT_STACK)
    deployment = _deployment(source, dns, relay=relay)
    results = run_checks(checks, deployment, simulated=source.simulated)
    if as_json_:
        typer.echo(as_json(results))
    else:
        console = Console(highlight=False)
        print_report(console, results, verbose=verbose)
    if not succeeded(results):
        raise typer.Exit(1)


def _chosen(names: list[str] | None) -> list[Check]:
    if not names:
        return list(CHECKS)
    known = {check.name: check for check in CHECKS}
    for name in names:
        if name not in known:
            raise DoctorError(f"there is no check {name!r}; there are {', '.join(known)}")
    return [check for check in CHECKS if check.name in names]


def _deployment(source: Source, dns: str | None, *, relay: bool) -> Deployment:
    return Deployment(
        outputs=parse_outputs(source.raw),
        resolver=Resolver(dns or source.dns),
        try_relay=relay,
    )


def main() -> NoReturn:
    """Run the command; every problem that a person can mend is printed without a traceback."""
    try:
        app(prog_name="python -m doctor")
    except DoctorError as error:
        Console(stderr=True).print(f"[red]error:[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(_USAGE)
    sys.exit(os.EX_OK)
