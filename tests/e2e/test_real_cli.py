"""The real Pulumi CLI on the stack that the small engine deployed, and on the same server."""

import shutil
from typing import Any

import pytest

from tests.e2e.deployment import ALICE, Deployment

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.cli,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(
        shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH: make cli"
    ),
]


def test_cli_adds_an_account_to_the_running_server(
    deployment: Deployment, stack: dict[str, Any]
) -> None:
    container, grace, password = deployment.container.id, "grace@example.test", "made by the CLI"
    accounts = stack["config"]["mailstack:domains"]["example.test"]["accounts"]
    accounts["grace"] = {"password": password}
    deployment.project.write(stack)
    deployment.project.run("up", "--engine", "pulumi")
    deployment.stack = stack
    deployment.wait_until_taken_up()
    deployment.arrived(ALICE, deployment.send(grace, ALICE, password=password))
    assert deployment.container.id == container
    assert deployment.up(stack) == set()
