"""What was built, for the person who built it."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from lab.run_info import RunInfo

LONG = 60  # characters of a record's content that are shown; `--json` has them all


def show_outputs(
    console: Console, outputs: Mapping[str, Any], running: RunInfo, *, stack: str
) -> None:
    """Print endpoints, mailboxes, every DNS record with its reason, and what was simulated."""
    _endpoints(console, outputs, running)
    _mailboxes(console, outputs, stack)
    _records(console, outputs)
    _simulated(console, running)
    console.print(
        f"\nAsk the lab's DNS yourself: [bold]dig @127.0.0.1 -p {running.dns.split(':')[1]} "
        f"MX {next(iter(outputs['mailboxes'])).split('@')[1]}[/]\n"
        f'Use the plain pulumi commands here: [bold]eval "$(python -m lab env --stack {stack})"[/]'
    )


def _heading(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/]")


def _table() -> Table:
    return Table.grid(padding=(0, 2))


def _endpoints(console: Console, outputs: Mapping[str, Any], running: RunInfo) -> None:
    _heading(console, f"Mail server {outputs['hostname']} at {outputs['ipv4']}")
    table = _table()
    simulated = running.docker is not None and running.docker.simulated
    for service, endpoint in outputs["endpoints"].items():
        note = "[yellow]simulated: nothing listens[/]" if simulated else ""
        table.add_row(service, f"{outputs['ipv4']}:{endpoint['port']}", note)
    console.print(Padding(table, (0, 2)))


def _mailboxes(console: Console, outputs: Mapping[str, Any], stack: str) -> None:
    _heading(console, "Mailboxes")
    table = _table()
    for address, box in outputs["mailboxes"].items():
        table.add_row(escape(address), f"quota {box['quota']}" if box["quota"] else "no quota")
    console.print(Padding(table, (0, 2)))
    console.print(
        f"  [dim]Passwords: python -m lab output mailboxes --show-secrets --stack {stack}[/]"
    )


def _records(console: Console, outputs: Mapping[str, Any]) -> None:
    records = sorted(outputs["records"], key=lambda record: record["zone"])
    for zone, group in groupby(records, key=lambda record: record["zone"]):
        _heading(console, f"DNS zone {zone}")
        table = _table()
        for record in group:
            priority = "" if record["priority"] is None else f"{record['priority']:g} "
            table.add_row(
                escape(record["name"]),
                record["type"],
                escape(priority + _shorten(record["content"])),
            )
            table.add_row("", "", f"[dim]{escape(record['why'])}[/]")
        console.print(Padding(table, (0, 2)))
    ptr = outputs["ptr"]
    _heading(console, "Reverse DNS")
    console.print(f"  {ptr['name']}  PTR  {ptr['content']}\n  [dim]{escape(ptr['why'])}[/]")


def _simulated(console: Console, running: RunInfo) -> None:
    _heading(console, "What stands for what")
    table = _table()
    table.add_row("AWS, Cloudflare", "stand-ins on this machine; no account, nothing leaves it")
    table.add_row("DNS", f"a real server on {running.dns}, with the records of the stand-ins")
    if running.docker is not None:
        kind = "SIMULATED" if running.docker.simulated else "real Docker Engine"
        table.add_row("Container", f"{kind}: {escape(running.docker.reason)}")
    console.print(Padding(table, (0, 2)))


def _shorten(text: str) -> str:
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"
