"""A tiny world to run the engine in: a provider process, a program, a state folder."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab.engine import Engine, EngineError, Orphan, PassphraseSecrets

HERE = Path(__file__).parent

PRELUDE = """
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, **props):
        super().__init__("tiny:index:Thing", name, {**props, "stamp": None}, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("tiny:index:Group", name, {}, opts)


Options = pulumi.ResourceOptions
"""


class World:
    """What really exists, and an engine on a stack of it."""

    def __init__(self, folder: Path, port: int, secrets: PassphraseSecrets) -> None:
        self.folder = folder
        self.port = port
        self.secrets = secrets
        self.events = []
        self.config = {}
        self.config_secret_keys = []
        (folder / "Pulumi.yaml").write_text("name: small\nruntime: python\n")

    @property
    def _file(self) -> Path:
        return self.folder / "world.json"

    def _content(self) -> dict:
        if not self._file.exists():
            return {"counts": {}, "updates": 0, "objects": {}}
        return json.loads(self._file.read_text())

    @property
    def objects(self) -> dict:
        """Outputs of the objects that exist, by id."""
        return {id_: item["outputs"] for id_, item in self._content()["objects"].items()}

    @property
    def updates(self) -> int:
        return self._content()["updates"]

    def change(self, id_: str, **outputs: object) -> None:
        """Change an object behind the engine's back."""
        content = self._content()
        content["objects"][id_]["outputs"].update(outputs)
        self._file.write_text(json.dumps(content))

    def put(self, id_: str, **outputs: object) -> None:
        """Make an object that no engine knows of."""
        content = self._content()
        content["objects"][id_] = {"urn": "", "outputs": outputs}
        self._file.write_text(json.dumps(content))

    def remove(self, id_: str) -> None:
        """Delete an object behind the engine's back."""
        content = self._content()
        del content["objects"][id_]
        self._file.write_text(json.dumps(content))

    def orphans(self, urn: str) -> list[Orphan]:
        return [
            Orphan(type="tiny:index:Thing", id=id_, outputs=item["outputs"])
            for id_, item in self._content()["objects"].items()
            if item["urn"] == urn
        ]

    def program(self, text: str) -> None:
        (self.folder / "__main__.py").write_text(PRELUDE + text)

    def engine(self, **changes: object) -> Engine:
        self.events = []
        settings = {
            "project": "small",
            "stack": "dev",
            "program": self.folder / "__main__.py",
            "work_dir": self.folder,
            "backend": self.folder / "backend",
            "secrets": self.secrets,
            "providers": {"tiny": self.port},
            "orphans": self.orphans,
            "listener": self.events.append,
            "config": self.config,
            "config_secret_keys": self.config_secret_keys,
            "log_file": self.folder / "engine.log",
        }
        return Engine(**(settings | changes))

    def up(self, text: str | None = None) -> list[tuple[str, str]]:
        """Run `up`; gives op and name of the steps that did something."""
        if text is not None:
            self.program(text)
        return steps(self.engine().up())

    def fails(self, text: str, error: type[EngineError] = EngineError) -> EngineError:
        """Run an `up` that has to fail."""
        self.program(text)
        with pytest.raises(error) as caught:
            self.engine().up()
        return caught.value

    @property
    def checkpoint(self) -> Path:
        return self.folder / "backend/.pulumi/stacks/small/dev.json"

    def state(self) -> dict[str, dict]:
        """The resources in the checkpoint, by name."""
        latest = json.loads(self.checkpoint.read_text())["checkpoint"]["latest"]
        return {item["urn"].split("::")[-1]: item for item in latest["resources"]}


def steps(result, quiet=("same",)) -> list[tuple[str, str]]:
    """Op and resource name of the steps, those of the stack and of providers left out."""
    return [
        (step.op, step.name)
        for step in result.steps
        if step.op not in quiet and not step.type.startswith("pulumi:")
    ]


@pytest.fixture(scope="session")
def secrets():
    """One key for all tests: making it takes half a second."""
    made = PassphraseSecrets("correct horse")
    assert made.salt
    return made


@pytest.fixture
def world(tmp_path, secrets):
    process = subprocess.Popen(
        [sys.executable, HERE / "tiny_provider.py", tmp_path / "world.json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        port = int(process.stdout.readline())
        yield World(tmp_path, port, secrets)
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()
