"""Both engines, the same programs and the same provider: the same steps and the same state."""

import json
import shutil
import subprocess
import sys

import pytest

from lab.engine import EngineError, StepFinished
from tests.lab.engine.conftest import HERE, World
from tests.lab.engine.real_cli import RealCli
from tests.lab.engine.scenarios import CHAIN, COMPONENT, DYNAMIC, PROVIDER, SCENARIOS, TWO

pytestmark = [
    pytest.mark.cli,
    pytest.mark.skipif(
        shutil.which("pulumi") is None or shutil.which("pulumi-language-python") is None,
        reason="the real Pulumi CLI is not on PATH (`make cli` fetches it)",
    ),
]


@pytest.fixture
def worlds(tmp_path, secrets):
    """Two worlds of their own, for the small engine and for the real one."""
    processes, made = [], []
    for name in ("small", "real"):
        folder = tmp_path / name
        folder.mkdir()
        process = subprocess.Popen(
            [sys.executable, HERE / "tiny_provider.py", folder / "world.json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        processes.append(process)
        made.append(World(folder, int(process.stdout.readline()), secrets))
    yield tuple(made)
    for process in processes:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()


def small_adopt(world: World, *arguments: str) -> bool:
    try:
        world.engine().adopt(*arguments)
    except EngineError:
        return False
    return True


def small_operate(world: World, operation: str) -> tuple[bool, set]:
    try:
        getattr(world.engine(), operation)()
        good = True
    except EngineError:
        good = False
    done = [event.step for event in world.events if isinstance(event, StepFinished)]
    # The real engine calls a refresh after what it found.
    return good, {(step.outcome or step.op, step.urn) for step in done}


@pytest.mark.parametrize("name", SCENARIOS)
def test_same_steps_and_same_state(worlds, name):
    small, real = worlds
    cli = RealCli(real)
    for turn, (operation, *arguments) in enumerate(SCENARIOS[name]):
        if operation in {"change", "put", "remove"}:
            for world in worlds:
                extra = {} if operation == "remove" else {"value": "drifted"}
                getattr(world, operation)(*arguments, **extra)
            continue
        if operation == "import":
            assert small_adopt(small, *arguments) == cli.adopt(*arguments), f"turn {turn}"
        else:
            for world in worlds:
                world.program(arguments[0] if arguments else "")
            expected = cli.operate(operation, skip_preview=operation != "destroy")
            assert small_operate(small, operation) == expected, f"turn {turn}"
        assert small.objects == real.objects, f"turn {turn}"
        assert comparable(small) == comparable(real), f"turn {turn}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", TWO.format(value=1, kind="x") + DYNAMIC.format(size=1)),
        (TWO.format(value=1, kind="x"), TWO.format(value=2, kind="y")),
        (CHAIN.format(kind="x"), CHAIN.format(kind="y")),
        (PROVIDER.format(region="here"), PROVIDER.format(region="there")),
        (TWO.format(value=1, kind="x"), ""),
        ('Thing("a", kind="x", opts=Options(protect=True))', 'Thing("a", kind="y")'),
    ],
)
def test_same_preview(world, before, after):
    world.program(before)
    assert small_operate(world, "up")[0]
    world.program(after)
    kept = world.checkpoint.read_bytes()
    assert small_operate(world, "preview") == RealCli(world).operate("preview", skip_preview=False)
    assert world.checkpoint.read_bytes() == kept


# What differs by its nature: times, random ids and nonces, and where a program's line stands.
VOLATILE = {"created", "modified", "sourcePosition", "stackTrace"}


def comparable(world: World) -> dict[str, dict]:
    """The resources of a state by URN, without what is never the same."""
    if not world.checkpoint.exists():
        return {}
    latest = json.loads(world.checkpoint.read_text())["checkpoint"]["latest"]
    found = {}
    for item in latest.get("resources") or []:
        kept = {key: value for key, value in item.items() if key not in VOLATILE}
        # A refresh of the real engine leaves out properties that depend on nothing.
        found_dependencies = kept.pop("propertyDependencies", {})
        kept["propertyDependencies"] = {k: urns for k, urns in found_dependencies.items() if urns}
        if kept["type"].startswith("pulumi:providers:"):
            kept.pop("id")
        if "provider" in kept:
            kept["provider"] = kept["provider"].rpartition("::")[0]
        found[item["urn"] + ("#old" if item.get("delete") else "")] = sealed(kept)
    return found


def sealed(value):
    """A copy in which every ciphertext reads the same, and lists of URNs are sorted."""
    if isinstance(value, dict):
        if "ciphertext" in value:
            return "sealed"
        return {key: sealed(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [sealed(item) for item in value]
        return sorted(items) if all(str(i).startswith("urn:") for i in items) else items
    return value


EVERYTHING = (
    TWO.format(value=1, kind="x")
    + COMPONENT.format(name="old")
    + """
Thing("s", password=pulumi.Output.secret("p"), size=3, opts=Options(protect=True))
"""
    + DYNAMIC.format(size=1)
    + PROVIDER.format(region="here").replace('"a"', '"q"')
)


def quiet(outcome: tuple[bool, set]) -> bool:
    return outcome[0] and all(op == "same" for op, _ in outcome[1])


def test_real_engine_goes_on_where_the_small_one_stopped(world):
    world.program(EVERYTHING)
    assert small_operate(world, "up")[0]
    cli = RealCli(world)
    assert quiet(cli.operate("up"))
    world.program(EVERYTHING.replace('value="1"', 'value="2"'))
    good, taken = cli.operate("up")
    assert good
    assert {op for op, _ in taken} == {"same", "update"}
    assert quiet(small_operate(world, "up"))


def test_small_engine_goes_on_where_the_real_one_stopped(world):
    world.program(EVERYTHING)
    cli = RealCli(world)
    assert cli.operate("up")[0]
    assert quiet(small_operate(world, "up"))
    assert quiet(cli.operate("up"))
    world.engine().refresh()
    assert quiet(cli.operate("up"))


def test_real_engine_opens_the_small_ones_secrets(world):
    world.program('pulumi.export("p", Thing("a", password=pulumi.Output.secret("pw1")).password)')
    assert small_operate(world, "up")[0]
    shown = RealCli(world).run("stack", "output", "--stack", "dev", "--show-secrets", "--json")
    assert json.loads(shown.stdout) == {"p": "pw1"}
