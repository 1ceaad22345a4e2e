"""One operation of the small engine in a process of its own, the program in it.

It opens the engine itself rather than as `python -m lab` does, which checks the stack file first:
then our program would find its own modules imported already, and look faster than it is.
"""

import argparse
import json
import re
from pathlib import Path

from lab.daemon.run_info import RunInfo
from lab.engine import Engine
from lab.passphrase import passphrase
from lab.stack_file import load_stack
from tests.bench.recording import record_to

_QUIET = {"same", "read"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("operation", choices=["preview", "up"])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--lab", type=Path, required=True)
    parser.add_argument("--record", type=Path)
    given = parser.parse_args()
    stack = load_stack(given.folder, given.lab.name, passphrase())
    save = record_to(given.record) if given.record else None
    running = RunInfo.from_json((given.lab / "run.json").read_text())
    engine = Engine(
        project=stack.project,
        stack=stack.stack,
        program=given.folder / "__main__.py",
        work_dir=given.folder,
        backend=given.lab / "backend",
        secrets=stack.secrets,
        providers=dict(running.providers),
        config=stack.config,
        config_secret_keys=stack.secret_keys,
        config_secret_values=stack.secret_values,
    )
    result = engine.preview() if given.operation == "preview" else engine.up()
    if save is not None:
        save()
    changed = [f"{step.op} {step.name}" for step in result.steps if step.op not in _QUIET]
    print(json.dumps({"changed": changed, "peak": _peak(), "resources": len(result.steps)}))  # noqa: T201 - read by whoever started this


def _peak() -> int:
    """Give this process's peak memory in KiB; ru_maxrss would count the parent's before exec."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    main()
