"""What was built, for the person who built it."""

import sys
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from lab.daemon.run_info import RunInfo

LONG = 60  # characters of a record's content that are shown; `--json` has them all


def show_outputs(
    console: Console, outputs: Mapping[str, Any], running: RunInfo, *, stack: str
) -> None:
    """Print endpoints, mailboxes, every DNS record with its reason, and what was simulated."""
    _endpoints(console, outputs, running)
    _mailboxes(console, outputs, stack)
    _records(console, outputs)
    _instructions(console, outputs)
    _simulated(console, outputs, running)
    port = running.dns.rpartition(":")[2]
    domain = next(iter(outputs["mailboxes"])).split("@")[1]
    env = _lab("env", stack)
    console.print(
        f"\nAsk the lab's DNS yourself: [bold]dig @127.0.0.1 -p {port} MX {domain}[/]\n"
        f'Use the plain pulumi commands here: [bold]eval "$({env})"[/]',
        soft_wrap=True,
    )


def _lab(command: str, stack: str) -> str:
    """Write a command of the lab as it works in this very shell, activated or not."""
    python = Path(sys.executable)
    here = Path.cwd()
    name = python.relative_to(here) if python.is_relative_to(here) else Path("python")
    return f"{name} -m lab {command} --stack {stack}"


def _heading(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/]")


def _line(console: Console, text: str) -> None:
    # Left to the terminal to wrap: a line that is copied should be one line.
    console.print(f"  {text}", soft_wrap=True)


def _endpoints(console: Console, outputs: Mapping[str, Any], running: RunInfo) -> None:
    _heading(console, f"Mail server {outputs['hostname']} at {outputs['ipv4']}")
    simulated = running.docker is not None and running.docker.simulated
    note = "  [yellow]simulated: nothing listens[/]" if simulated else ""
    for service, endpoint in outputs["endpoints"].items():
        _line(console, f"{service:<12} {outputs['ipv4']}:{endpoint['port']}{note}")


def _mailboxes(console: Console, outputs: Mapping[str, Any], stack: str) -> None:
    _heading(console, "Mailboxes")
    for address, box in outputs["mailboxes"].items():
        _line(console, f"{escape(address)}  {'quota ' + box['quota'] if box['quota'] else ''}")
    _line(console, f"[dim]Passwords: {_lab('output mailboxes --show-secrets', stack)}[/]")


def _records(console: Console, outputs: Mapping[str, Any]) -> None:
    records = sorted(outputs["records"], key=lambda record: str(record["zone"]))
    for zone, group in groupby(records, key=lambda record: record["zone"]):
        _heading(console, f"DNS zone {zone}")
        for record in group:
            _record(console, record)
    _heading(console, "Reverse DNS")
    _record(console, {**outputs["ptr"], "type": "PTR", "priority": None})


def _record(console: Console, record: Mapping[str, Any]) -> None:
    priority = "" if record["priority"] is None else f"{record['priority']:g} "
    content = escape(priority + _shorten(record["content"]))
    _line(console, f"{escape(record['name'])}  [cyan]{record['type']}[/]  {content}")
    _line(console, f"    [dim]{escape(record['why'])}[/]")


def _instructions(console: Console, outputs: Mapping[str, Any]) -> None:
    if outputs["instructions"]:
        _heading(console, "What only you can do (for the real deployment; nothing in this lab)")
    for number, each in enumerate(outputs["instructions"], start=1):
        _line(console, f"{number}. {escape(each['what'])}")
        _line(console, f"   [dim]{escape(each['why'])}[/]")
        _line(console, f"   {escape(each['how'])}")


def _simulated(console: Console, outputs: Mapping[str, Any], running: RunInfo) -> None:
    _heading(console, "What stands for what")
    _line(console, "AWS, Cloudflare  stand-ins on this machine; no account, nothing leaves it")
    _line(console, f"DNS              a real server on {running.dns}; it serves the stand-ins")
    if running.docker is not None:
        kind = "[yellow]SIMULATED[/]" if running.docker.simulated else "a real Docker Engine"
        _line(console, f"Container        {kind}: {escape(running.docker.reason)}")
    if outputs["tls"]["kind"] == "letsencrypt":
        _line(
            console,
            "Certificate      [yellow]SIMULATED[/]: by the lab's own CA; no ACME client runs",
        )


def _shorten(text: str) -> str:
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"
