"""A process with everything imported that forks an engine for each operation it is told of.

Killing an engine at a hundred steps would else cost a hundred times the SDKs' imports. It reads
a command as a line of JSON from its standard input and answers with lines of JSON: what the
engine says (`held`, `steps`, `error`), then how it ended (`signal`, `code`).
"""

import importlib
import json
import os
import pkgutil
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import Any, TextIO

import components
import components.dynamic
from lab.commands import cli, operations
from lab.commands.workspace import open_workspace, private_umask
from lab.errors import LabError
from settings import MailstackError
from tests.reliability import faults

Tell = Callable[[dict[str, Any]], None]


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever prints must not get between the answers

    for package in (components, components.dynamic):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _operate(json.loads(line), answers)
        _say(answers, {"pid": child})
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        _say(answers, {"signal": -code} if code < 0 else {"code": code})


def _say(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _operate(command: dict[str, Any], answers: TextIO) -> None:
    code = 1
    try:
        os.chdir(command["folder"])
        if "arguments" in command:
            code = _command(command, answers)
            return
        private_umask()
        if "seen" in command:
            due = faults.unseen(frozenset(command["seen"]))
            faults.install(due, lambda held: _say(answers, {"held": held}), kill=True)
        if "at" in command:
            due = faults.only(command["at"])
            faults.install(due, lambda held: _say(answers, {"held": held}), kill=False)
        with operations.session(open_workspace("dev")) as opened:
            if command["operation"] == "destroy":
                result = operations.destroy(opened, unprotect=True)
            else:
                result = getattr(opened.engine, command["operation"])()
        _say(answers, {"steps": [[step.op, step.type, step.name] for step in result.steps]})
        code = 0
    except (LabError, MailstackError) as error:
        _say(answers, {"error": str(error)})
    finally:
        sys.stderr.flush()
        os._exit(code)


def _command(command: dict[str, Any], answers: TextIO) -> int:
    """Be `python -m lab`, and tell what it printed."""
    os.environ.update(command["environment"])
    sys.argv = ["lab", *command["arguments"]]
    code = -1
    with tempfile.TemporaryFile("w+") as said:
        for descriptor in (1, 2):
            os.dup2(said.fileno(), descriptor)
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException:  # noqa: BLE001 - as the interpreter does it
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        said.seek(0)
        _say(answers, {"said": said.read()})
    return code


if __name__ == "__main__":
    main()
