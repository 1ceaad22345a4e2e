"""Two stacks in one AWS account, one Cloudflare zone and on one Docker Engine."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import dns.message
import dns.query
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
# What may exist once in an account, a region or an Engine, by the name that someone gave it.
NAMES = ("name", "keyName", "emailIdentity", "policyName", "roleName")
# The engine's own destroy: the lab's command would take the whole lab with it.
DESTROY = """
from lab.commands import operations
from lab.commands.workspace import open_workspace
with operations.session(open_workspace("staging")) as opened:
    opened.engine.destroy()
"""


def staging_stack() -> dict[str, Any]:
    """A small stack in the zone of the dev stack, with everything that could meet the other's."""
    stack = dev_stack()
    config = stack["config"]
    config["mailstack:server"] = {"hostname": "mail.staging.example.test"}
    config["mailstack:domains"] = {
        "staging.example.test": {
            "accounts": {"alice": {}},
            "dmarc": {"reports": "alice@example.test"},
        }
    }
    config["mailstack:protect"] = False
    return stack


@pytest.fixture
def staging(project: LabProject) -> Iterator[LabProject]:
    """A second stack of the project, in the same emulated world."""
    project.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    other = LabProject(project.folder, stack="staging", extra=project.extra)
    other.write(staging_stack())
    project.lab.mkdir(mode=0o700, parents=True)
    other.lab.symlink_to(project.lab.name)
    yield other
    other.lab.unlink()


def resources(project: LabProject) -> list[dict[str, Any]]:
    backend = project.lab / "backend" / ".pulumi" / "stacks" / "mailstack"
    checkpoint = json.loads((backend / f"{project.stack}.json").read_text())["checkpoint"]
    # The real CLI leaves the key out where there is none.
    return [found for found in checkpoint["latest"].get("resources", []) if found["custom"]]


def names(project: LabProject) -> set[tuple[str, str]]:
    """What the clouds know the stack's things by."""
    return {
        (resource["type"], outputs[key])
        for resource in resources(project)
        for outputs in [resource.get("outputs", {})]
        for key in NAMES
        if isinstance(outputs.get(key), str)
        and not resource["type"].startswith("pulumi")
        # DNS records of one name may be several (RFC 1035): they are told apart by more.
        and not resource["type"].startswith(("cloudflare:", "aws:route53"))
        and "RemoteImage" not in resource["type"]  # the same image is the same image
    }


def answer(project: LabProject, name: str, kind: str) -> set[str]:
    address, port = project.dns()
    reply = dns.query.tcp(dns.message.make_query(name, kind), address, port=port, timeout=10)
    return {data.to_text() for found in reply.answer for data in found}


def destroy(project: LabProject, engine: Engine) -> None:
    if engine is real:
        outcome = real(project, "destroy")
        assert not outcome.failed, outcome.said
        return
    subprocess.run(
        [sys.executable, "-c", DESTROY],
        cwd=project.folder,
        env=project.environment(),
        check=True,
        capture_output=True,
        timeout=300,
    )


@pytest.mark.timeout(900)  # two stacks deployed, one destroyed, by the slower engine too
@pytest.mark.parametrize("engine", ENGINES)
def test_two_stacks_in_one_account_and_one_zone(
    project: LabProject, staging: LabProject, engine: Engine
) -> None:
    for stack in (project, staging):
        made = engine(stack, "up")
        assert not made.failed, made.said

    # Each has its own names, and neither sees the other's things as a change of its own.
    assert len(names(project)) > 10
    assert names(project) & names(staging) == set()
    assert engine(project, "refresh").steps == set()
    assert answer(project, "mail.example.test", "A") != answer(
        project, "mail.staging.example.test", "A"
    )
    assert answer(project, "staging.example.test", "MX") == {"10 mail.staging.example.test."}
    before = {
        name: answer(project, name, "TXT") for name in ("example.test", "_dmarc.example.test")
    }

    # One goes, the other stays whole.
    destroy(staging, engine)
    assert resources(staging) == []
    assert answer(project, "mail.staging.example.test", "A") == set()
    assert {name: answer(project, name, "TXT") for name in before} == before
    assert all(before.values())
    assert engine(project, "refresh").steps == set()
    assert engine(project, "preview").steps == set()
