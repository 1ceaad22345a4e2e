"""The nightly question of .github/workflows/drift.yml, put to the real CLI."""

import shutil

import pytest

from lab.cloud.cloudflare_record import DNS_RECORD
from lab.world import World
from tests.engines import real
from tests.lab_project import LabProject


@pytest.mark.timeout(900)
@pytest.mark.cli
@pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH")
def test_drift_fails_the_night_and_changes_nothing(project: LabProject) -> None:
    project.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    made = real(project, "up")
    assert not made.failed, made.said
    quiet = real(project, "drift")
    assert not quiet.failed, quiet.said

    with World(project.lab / "world.db") as world:
        records = world.find(DNS_RECORD)
        found = next(one for one in records if records[one]["type"] == "MX")
        world.put(DNS_RECORD, found, records[found] | {"content": "mx.elsewhere.test"})
    state = (project.lab / "backend/.pulumi/stacks/mailstack/dev.json").read_bytes()
    for _ in range(2):  # it is told every night until somebody mends it
        drifted = real(project, "drift")
        assert drifted.failed
        assert "mx" in drifted.said
    assert (project.lab / "backend/.pulumi/stacks/mailstack/dev.json").read_bytes() == state
