"""kill -9 of the engine at every step of the dev stack: the next `up` finishes, nothing is lost."""

import os
import signal
from typing import Any

import pytest

from lab import daemon
from tests.lab_project import dev_stack
from tests.reliability.conftest import Ended, WarmEngine
from tests.reliability.deployment import Deployment


def killed_everywhere(
    engine: WarmEngine, deployment: Deployment, operation: str, *, renewed: str = "nothing"
) -> tuple[set[str], Ended]:
    """Kill the operation at both moments of each of its steps, until a run gets to its end.

    A run dies when all that it can do is done or held at a moment where no run has died before.
    Gives those moments and the last run. The keys that a kill found in the state have to stay as
    they are, but for those of the resource `renewed`.
    """
    seen: set[str] = set()
    keys: dict[str, str] = {}
    while True:
        ended = engine.run(deployment, operation, seen=sorted(seen))
        assert not ended.error, ended.error
        if not ended.killed:
            return seen, ended
        assert not seen & set(ended.held)
        seen |= set(ended.held)
        if operation == "up":
            now = deployment.keys(but=renewed)
            assert {name: now.get(name) for name in keys} == keys, "a key was lost or made anew"
            keys = now


def died_at(seen: set[str], what: str) -> set[str]:
    """URNs of the steps that a run died at: "begun creating", say."""
    return {moment.split(" ", 2)[2] for moment in seen if moment.startswith(f"{what} ")}


def settled(engine: WarmEngine, deployment: Deployment) -> None:
    """Check that the stack is whole: nothing to do, nothing unknown, nothing pending."""
    assert not deployment.paths.journal.exists()
    assert deployment.pending() == []
    assert deployment.unknown() == set()
    assert all(answer == public for public, answer in deployment.dkim_answers().values())
    again = engine.run(deployment, "up")
    assert not again.error
    assert {op for op, _, _ in again.steps} == {"same"}


def same_world(one: Deployment, other: Deployment) -> None:
    """Check that nothing is missing, left over or doubled in comparison."""
    assert one.counts() == other.counts()
    assert one.records() == other.records()
    assert one.files() == other.files()


@pytest.mark.xdist_group("undisturbed")
def test_first_up(engine: WarmEngine, deployment: Deployment, undisturbed: Deployment) -> None:
    seen, _ = killed_everywhere(engine, deployment, "up")
    made = {r.urn for r in undisturbed.resources() if r.custom and not r.is_provider}
    assert len(made) > 80
    assert died_at(seen, "begun creating") == made
    assert died_at(seen, "made creating") == made
    # What was adopted is what was asked for: nothing has to be changed or replaced.
    assert {moment.split(" ", 2)[1] for moment in seen} == {"creating"}
    same_world(deployment, undisturbed)
    settled(engine, deployment)


def changed_stack() -> dict[str, Any]:
    """The dev stack with changes of each kind: creations, updates, replacements, deletions."""
    stack = dev_stack()
    config = stack["config"]
    config["mailstack:server"]["hostname"] = "mx.example.test"
    config["mailstack:server"]["image"] = "ghcr.io/docker-mailserver/docker-mailserver:15.2.0"
    domain = config["mailstack:domains"]["example.test"]
    domain["accounts"]["erin"] = {}
    domain["dmarc"]["policy"] = "reject"
    del config["mailstack:domains"]["example.org"]["accounts"]["carol"]["aliases"]
    config["mailstack:domains"]["example.org"]["accounts"]["dmarc"] = {}
    return stack


def test_changes_and_destroy(engine: WarmEngine, deployment: Deployment) -> None:
    assert not engine.run(deployment, "up").error
    mail = deployment.project.lab / "volumes/mailstack-dev-mail/_data/letter"
    mail.write_text("Dear Alice")
    keys = deployment.keys(but="certificate")

    # A new host name asks for a new certificate; every other key stays.
    deployment.project.write(changed_stack())
    seen, _ = killed_everywhere(engine, deployment, "up", renewed="certificate")
    for doing in ("creating", "updating", "deleting"):
        assert died_at(seen, f"begun {doing}"), doing
        assert died_at(seen, f"begun {doing}") == died_at(seen, f"made {doing}")
    settled(engine, deployment)
    assert mail.read_text() == "Dear Alice"
    assert keys.items() <= deployment.keys().items()
    counts = deployment.counts()
    assert counts["docker:container"] == 1
    assert counts["docker:volume"] == 4

    seen, _ = killed_everywhere(engine, deployment, "destroy")
    assert len(died_at(seen, "made deleting")) > 80
    assert not deployment.project.lab.parent.exists()


@pytest.mark.xdist_group("undisturbed")
def test_daemon(engine: WarmEngine, deployment: Deployment, undisturbed: Deployment) -> None:
    """The clouds themselves vanish in the middle of `up`, again and again."""
    for killed_at in ("begun creating host-network-vpc", "begun creating mail-container"):
        pid = engine.start(deployment, "up", at=killed_at)
        engine.next("held")
        running = daemon.status(deployment.project.lab)
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        assert engine.wait().killed
    ended = engine.run(deployment, "up")
    assert not ended.error
    same_world(deployment, undisturbed)
    settled(engine, deployment)
