"""Our own CPU time for a stack file of so many domains, in a process of its own.

Ours is: the main program from its first statement on (settings, records, files, components), and
every function that it gives to `apply`. Not ours: what the SDK does, which is the constructor of
each resource (told apart), sending and receiving, and the garbage of it all. What does not depend
on the domains (imports, the list of public suffixes) is left to a first run with one domain: spread
over many domains, it would hide how the rest grows.
"""

import argparse
import asyncio
import contextvars
import gc
import json
import os
import runpy
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import reset_options, run_in_stack, set_all_config
from pulumi.runtime.mocks import MockEngine, MockMonitor
from pulumi.runtime.settings import SETTINGS

from tests.bench.instant_engine import InstantEngine
from tests.bench.many_domains import many_domains

ROOT = Path(__file__).resolve().parents[2]


class Stopwatch:
    """CPU time of this thread, summed up."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        began = time.thread_time()
        try:
            return function(*arguments)
        finally:
            self.seconds += time.thread_time() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("domains", type=int)
    domains = parser.parse_args().domains
    engine = InstantEngine()
    main_program, applies, constructors = Stopwatch(), Stopwatch(), Stopwatch()
    _time_applies(applies)
    _time_constructors(constructors)
    with tempfile.TemporaryDirectory() as folder:  # the program writes its SSH files here
        os.chdir(folder)
        # What any stack pays once: imports, the list of public suffixes.
        _run(1, engine, main_program)
        # The collector looks through the SDK's futures, at moments of its own choosing.
        gc.disable()
        for watch in (main_program, applies, constructors):
            watch.seconds = 0.0
        _run(domains, engine, main_program)
    own = main_program.seconds + applies.seconds - constructors.seconds
    told = {"own": own, "constructors": constructors.seconds}
    sys.stdout.write(json.dumps(told) + "\n")


def _run(domains: int, engine: InstantEngine, watch: Stopwatch) -> None:
    reset_options(project="mailstack", stack="bench", preview=False)
    SETTINGS.monitor, SETTINGS.engine = MockMonitor(engine), MockEngine(None)
    config = many_domains(domains)["config"]
    set_all_config({key: json.dumps(value) for key, value in config.items()})

    async def program() -> None:
        watch.call(runpy.run_path, str(ROOT / "__main__.py"), None, "__main__")
        await asyncio.sleep(0)  # let the registrations begin: lab.engine.running says why

    # In a context of its own: a stack's root resource may be there once in each.
    contextvars.copy_context().run(
        asyncio.new_event_loop().run_until_complete, run_in_stack(program)
    )


def _time_applies(watch: Stopwatch) -> None:
    plain: Any = pulumi.Output.apply

    def apply(self: Any, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        ours = getattr(function, "__module__", "").startswith(("components", "__main__"))
        timed = (lambda value: watch.call(function, value)) if ours else function
        return plain(self, timed, *arguments, **options)

    pulumi.Output.apply = apply  # type: ignore[method-assign, assignment]


def _time_constructors(watch: Stopwatch) -> None:
    plain: Any = pulumi.Resource.__init__

    def construct(*arguments: Any, **options: Any) -> None:
        watch.call(lambda: plain(*arguments, **options))

    pulumi.Resource.__init__ = construct  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
