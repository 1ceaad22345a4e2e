"""One table of scenarios, played on both engines: the steps must be the same."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.engines import Engine, Outcome, real, small
from tests.lab_project import LabProject, dev_stack
from tests.scenarios.table import TABLE, Scenario

ENGINES: dict[str, Engine] = {"small": small, "real": real}


class Play:
    """A deployment that goes through the table, line by line."""

    def __init__(self, engine: Engine, project: LabProject) -> None:
        self.engine = engine
        self.project = project
        self.stack = dev_stack()

    def line(self, scenario: Scenario) -> Outcome:
        scenario.change(self.stack)
        self.project.write(self.stack)
        if scenario.before is not None:
            scenario.before(self.project)
        return self.engine(self.project, scenario.operation)


@contextmanager
def _play(name: str, folder: pytest.TempPathFactory) -> Iterator[Play]:
    project = LabProject.make(folder.mktemp(name) / "project")
    project.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    try:
        yield Play(ENGINES[name], project)
    finally:
        project.destroy()


@pytest.fixture(scope="module")
def on_small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    with _play("small", tmp_path_factory) as play:
        yield play


@pytest.fixture(scope="module")
def on_real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    if shutil.which("pulumi") is None:
        pytest.skip("the real Pulumi CLI is not on PATH (`make cli` fetches it)")
    with _play("real", tmp_path_factory) as play:
        yield play


def _resources(play: Play) -> set[str]:
    """Name what is in the state."""
    backend = play.project.lab / "backend" / ".pulumi" / "stacks" / "mailstack"
    checkpoint = json.loads((backend / "dev.json").read_text())["checkpoint"]
    return {resource["urn"] for resource in checkpoint["latest"]["resources"]}


def _check(scenario: Scenario, outcome: Outcome) -> None:
    if scenario.fails is not None:
        assert outcome.failed, outcome.said
        assert scenario.fails in outcome.said
        assert "Traceback" not in outcome.said
        return
    assert not outcome.failed, outcome.said
    if scenario.steps is not None:
        assert outcome.steps == scenario.steps


# The lines build on each other, so they stay on one worker and in order.
@pytest.mark.xdist_group("scenarios-small")
@pytest.mark.parametrize("scenario", TABLE, ids=lambda scenario: scenario.name)
def test_on_the_small_engine(on_small: Play, scenario: Scenario) -> None:
    _check(scenario, on_small.line(scenario))


@pytest.mark.cli
@pytest.mark.xdist_group("scenarios-real")
def test_on_both_engines(on_real: Play, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The real CLI takes the same steps as the small engine, line by line."""
    with _play("small", tmp_path_factory) as twin:
        for scenario in TABLE:
            expected, found = twin.line(scenario), on_real.line(scenario)
            assert found.failed == expected.failed, (scenario.name, expected.said, found.said)
            if not (expected.failed or scenario.by_timing):
                assert found.steps == expected.steps, scenario.name
            if not expected.failed:
                assert _resources(on_real) == _resources(twin), scenario.name
