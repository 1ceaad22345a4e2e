"""The real Pulumi CLI on a tiny world, for comparison."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.lab.engine.conftest import World

PASSPHRASE = "correct horse"


class RealCli:
    """Runs the CLI on the stack of a world; the provider process is the world's."""

    def __init__(self, world: World) -> None:
        self.world = world
        (world.folder / "backend").mkdir(exist_ok=True)
        stack_file = world.folder / "Pulumi.dev.yaml"
        stack_file.write_text(f"encryptionsalt: {world.secrets.salt}\n")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command; what it printed is in the result."""
        found = shutil.which("pulumi")
        assert found is not None
        folder = self.world.folder
        environment = {
            **os.environ,
            # The language host looks for python3 there: it has to be the one with the SDK.
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_PROVIDERS": f"tiny:{self.world.port}",
            "PULUMI_DEBUG_COMMANDS": "true",
        }
        return subprocess.run(
            [found, "--non-interactive", "--cwd", str(folder), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def start(self) -> None:
        """Make the stack known, if it has no state yet."""
        if not self.world.checkpoint.exists():
            done = self.run("stack", "init", "dev")
            assert done.returncode == 0, done.stderr

    def adopt(self, kind: str, name: str, id_: str) -> bool:
        """Import an object; whether it succeeded."""
        self.start()
        # The tiny provider has no schema to write a program by.
        flags = ["--yes", "--skip-preview", "--protect=false", "--generate-code=false"]
        return self.run("import", kind, name, id_, "--stack", "dev", *flags).returncode == 0

    def operate(self, operation: str, *, skip_preview: bool = True) -> tuple[bool, set]:
        """Run an operation; whether it succeeded, and op and URN of the completed steps."""
        self.start()
        log = self.world.folder / "events.json"
        log.unlink(missing_ok=True)
        arguments = ["--skip-preview"] if skip_preview else []
        if operation != "preview":
            arguments.append("--yes")
        done = self.run(operation, "--stack", "dev", "--event-log", str(log), *arguments)
        events = [json.loads(line) for line in log.read_text().splitlines()]
        taken = {
            (metadata["op"], metadata["urn"])
            for event in events
            for kind, metadata in ((key, value.get("metadata")) for key, value in _payloads(event))
            # The end of a component without outputs is never told.
            if kind == "resOutputsEvent"
            or (
                kind == "resourcePreEvent"
                and operation in {"up", "preview"}
                and _is_component(metadata)
            )
        }
        good = done.returncode == 0
        # When the preview before it fails, the log tells of that: nothing was done.
        return good, taken if good or skip_preview else set()


def _payloads(event: dict) -> list[tuple[str, dict]]:
    return [(key, value) for key, value in event.items() if isinstance(value, dict)]


def _is_component(metadata: dict) -> bool:
    state = metadata.get("new") or metadata.get("old")
    return not state.get("custom")
