"""A project folder of a test's own, with the program linked in and any stack file."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from lab.engine.secrets import PassphraseSecrets
from lab.passphrase import DEV_PASSPHRASE

ROOT = Path(__file__).parent.parent
_PROGRAM = ("__main__.py", "components", "mail", "settings", "templates", "lab", "doctor")
# What a step is to a person: its operation, type and name.
Steps = set[tuple[str, str, str]]
_QUIET = {"same", "read", "refresh", "read-replacement"}


def dev_stack() -> dict[str, Any]:
    """The committed development stack, as data to change."""
    loaded = YAML(typ="safe").load((ROOT / "Pulumi.dev.yaml").read_text())
    return dict(copy.deepcopy(loaded))


def sealed(stack: Mapping[str, Any], text: str) -> dict[str, str]:
    """A secret as a stack file holds it."""
    return {"secure": PassphraseSecrets(DEV_PASSPHRASE, stack["encryptionsalt"]).encrypt(text)}


def short_type(token: str) -> str:
    """``aws:ec2/eip:Eip`` → ``Eip``."""
    return token.rsplit(":", maxsplit=1)[-1].rsplit("/", maxsplit=1)[-1]


@dataclass
class LabProject:
    """A folder as a user has it, and the commands run in it."""

    folder: Path
    stack: str = "dev"
    extra: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, stack_file: Mapping[str, Any] | None = None) -> "LabProject":
        folder.mkdir(parents=True, exist_ok=True)
        for name in _PROGRAM:
            (folder / name).symlink_to(ROOT / name)
        project = cls(folder)
        text = (ROOT / "Pulumi.yaml").read_text()
        # The tests' own interpreter: there is no .venv in this folder.
        (folder / "Pulumi.yaml").write_text(
            text.replace("virtualenv: .venv", f"virtualenv: {sys.prefix}")
        )
        project.write(stack_file or dev_stack())
        return project

    def write(self, stack_file: Mapping[str, Any]) -> None:
        with (self.folder / f"Pulumi.{self.stack}.yaml").open("w") as file:
            YAML().dump(dict(stack_file), file)

    @property
    def lab(self) -> Path:
        return self.folder / ".lab" / self.stack

    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PULUMI_", "AWS_", "CLOUDFLARE_", "MAILSTACK_"))
        }
        return kept | {"NO_COLOR": "1", "COLUMNS": "200"} | self.extra

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "lab", *arguments, "--stack", self.stack]

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def small(self, operation: str, *arguments: str) -> Steps:
        """Run the small engine, and give the steps that changed something."""
        done = self.run(operation, "--engine", "small", "--json", *arguments)
        return changes(
            (step["op"], step["type"], step["name"]) for step in json.loads(done.stdout)["steps"]
        )

    def outputs(self, *, secrets: bool = False) -> dict[str, Any]:
        done = self.run("output", *(["--show-secrets"] if secrets else []))
        return dict(json.loads(done.stdout))

    def cat(self, what: str) -> str:
        return self.run("cat", what).stdout

    def dns(self) -> tuple[str, int]:
        address, port = json.loads((self.lab / "run.json").read_text())["dns"].split(":")
        return address, int(port)

    def destroy(self) -> None:
        if self.lab.exists():
            self.run("destroy", "--wipe")


def changes(steps: Iterable[tuple[str, str, str]]) -> Steps:
    """Keep the steps that change something, without the providers that the SDKs bring."""
    return {
        (op, short_type(kind), name)
        for op, kind, name in steps
        if op not in _QUIET and not kind.startswith("pulumi:providers:")
    }
