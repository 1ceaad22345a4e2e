"""What `up` makes a new container for: mail stays, and a start that fails says why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.deployment import ALICE, BOB, Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def _other_image(deployment: Deployment) -> str:
    """The same image under another name and id, as a new release would be; its id."""
    created = deployment.client.containers.create(str(deployment.container.attrs["Image"]))
    try:
        image = created.commit(deployment.name, "next", changes=["LABEL mailstack.e2e=next"])
    finally:
        created.remove(v=True)
    return str(image.id)


def test_new_image_keeps_the_mail(deployment: Deployment, stack: dict[str, Any]) -> None:
    before = deployment.container.id
    subject = deployment.send(ALICE, BOB)
    deployment.arrived(BOB, subject)
    image = _other_image(deployment)
    stack["config"]["mailstack:server"]["image"] = f"{deployment.name}:next"
    deployment.up(stack)
    deployment.stack = stack
    assert deployment.container.id != before
    assert deployment.container.attrs["Image"] == image
    deployment.arrived(BOB, subject)
    deployment.arrived(BOB, deployment.send(ALICE, BOB))


@pytest.mark.parametrize(
    ("section", "mistake", "reason"),
    [
        # docker-mailserver gives up, and says so.
        ("environment", {"NETWORK_INTERFACE": "eth7"}, "NETWORK_INTERFACE appears to be misconf"),
        # It does not notice that Dovecot ends at each start.
        ("files", {"dovecot.cf": "no_such = yes\n"}, "Unknown setting: no_such"),
    ],
)
def test_failed_start_tells_its_reason_soon(
    deployment: Deployment,
    stack: dict[str, Any],
    section: str,
    mistake: dict[str, str],
    reason: str,
) -> None:
    stack["config"]["mailstack:server"][section].update(mistake)
    deployment.project.write(stack)
    failed = deployment.project.run("up", "--engine", "small", check=False)
    ended = datetime.now(UTC)
    said = " ".join((failed.stdout + failed.stderr).split())
    assert failed.returncode != 0
    assert reason in said
    assert "Traceback" not in said
    created = datetime.fromisoformat(deployment.container.attrs["Created"][:19] + "+00:00")
    assert (ended - created).total_seconds() < 40


def test_mended_stack_file_mends_the_server(deployment: Deployment, stack: dict[str, Any]) -> None:
    stack["config"]["mailstack:server"]["environment"]["NETWORK_INTERFACE"] = "eth0"
    deployment.up(stack)
    deployment.stack = stack
    deployment.arrived(BOB, deployment.send(ALICE, BOB))
