"""`mailstack:protect`: on unless the stack file says otherwise, and lifted by saying so."""

import pytest

from tests.engines import Engine, real, real_is_here, small
from tests.lab_project import LabProject, dev_stack

ENGINES = [
    pytest.param(small, id="small"),
    pytest.param(
        real,
        id="pulumi",
        marks=[
            pytest.mark.cli,
            pytest.mark.skipif(not real_is_here(), reason="the Pulumi CLI is not on PATH"),
        ],
    ),
]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("engine", ENGINES)
def test_protection_is_on_until_the_stack_file_lifts_it(
    project: LabProject, engine: Engine
) -> None:
    project.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    assert not engine(project, "up").failed
    refused = engine(project, "destroy")
    assert refused.failed
    # The CLI stops before it comes to the disk below the mail; the small engine names all.
    for name in ("mail-mail", "mail-state", "example.test/dkim/mail"):
        assert name in refused.said

    stack = dev_stack()
    stack["config"]["mailstack:protect"] = False
    project.write(stack)
    lifted = engine(project, "up")
    assert not lifted.failed, lifted.said
    assert lifted.steps == set()  # nothing is touched: protection is the engine's own note
    gone = engine(project, "destroy")
    assert not gone.failed, gone.said
