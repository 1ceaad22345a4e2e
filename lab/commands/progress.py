"""How an operation of the small engine looks while it runs."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lab.engine.events import (
    Diagnostic,
    Event,
    Step,
    StepFailed,
    StepFinished,
    StepStarted,
    Summary,
)

# Sign and colour of each step, as the Pulumi CLI draws them.
_SIGNS = {
    "create": ("+", "green"),
    "create-replacement": ("++", "green"),
    "update": ("~", "yellow"),
    "replace": ("+-", "magenta"),
    "delete": ("-", "red"),
    "delete-replaced": ("--", "red"),
    "discard-replaced": ("<", "red"),
    "read": (">", "cyan"),
    "refresh": ("~", "yellow"),
}
_QUIET = frozenset({"same", "refresh", "read"})
SLOW = 1.0  # seconds: steps that took longer say how long


class ProgressDisplay:
    """Prints each step that changes something; on a terminal also what is being waited for.

    Use as a context manager, and as the engine's listener.
    """

    def __init__(self, console: Console, *, title: str) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(title)
        self._title = title

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        """Show one event of the engine."""
        match event:
            case StepStarted(step):
                self._progress.update(self._task, description=f"{self._title}: {_what(step)}")
            case StepFinished(step):
                if step.op not in _QUIET or step.outcome in {"update", "delete"}:
                    self._console.print(step_line(step))
            case StepFailed(step, _):
                # Why stands in the error at the end, once.
                self._console.print(f" [red]x[/] {_what(step)}")
            case Diagnostic("error", _, urn) if urn:
                pass  # stands in the error at the end, once
            case Diagnostic(severity, message, _) if severity in {"warning", "error"}:
                colour = "yellow" if severity == "warning" else "red"
                self._console.print(f"[{colour}]{severity}[/]: {escape(message)}")
            case Diagnostic("info", message, _):
                self._console.print(escape(message))
            case Summary(operation, counts, duration):
                self._console.print(summary_line(operation, counts, duration))
            case _:
                pass


def step_line(step: Step) -> str:
    """Write one step as a line: sign, name, type, and which properties differ."""
    sign, colour = _SIGNS.get(step.op, (" ", "white"))
    if step.op == "refresh" and step.outcome == "delete":
        sign, colour = "-", "red"
    line = f"[{colour}]{sign:>2}[/] {_what(step)}"
    if step.changed:
        line += f" [dim]({escape(', '.join(_paths(step)))})[/]"
    if step.duration >= SLOW:
        line += f" [dim]{step.duration:.1f} s[/]"
    return line


def summary_line(operation: str, counts: dict[str, int], duration: float) -> str:
    """Write what an operation came to, in one line."""
    changed = [f"{number} {op}" for op, number in sorted(counts.items()) if op not in _QUIET]
    same = sum(number for op, number in counts.items() if op in _QUIET)
    text = (
        ", ".join([*changed, f"{same} unchanged"]) if changed else f"no changes ({same} resources)"
    )
    return f"[bold]{operation}[/]: {text} in {duration:.1f} s"


def _paths(step: Step) -> list[str]:
    return [
        f"{path}, forces replacement" if path in step.replaces else path for path in step.changed
    ]


def _what(step: Step) -> str:
    kind = step.type.split(":")[-1].split("/")[-1]
    return f"{escape(step.name)} [dim]{escape(kind)}[/]"
