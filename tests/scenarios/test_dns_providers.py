"""The same records, whoever serves them: each provider's are answered as the outputs say."""

import json
import subprocess
import sys

import pytest

from tests.lab_project import LabProject
from tests.scenarios.zones import ZONE, local_stack, start


def doctor(project: LabProject) -> dict[str, list[str]]:
    """Give the status of each thing that the doctor looked at, by check."""
    done = subprocess.run(
        [sys.executable, "-m", "doctor", "--stack", "dev", "--json", "--only", "records"],
        cwd=project.folder,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    statuses: dict[str, list[str]] = {}
    for result in json.loads(done.stdout)["results"]:
        statuses.setdefault(result["check"], []).append(result["status"])
    return statuses


@pytest.mark.parametrize("provider", ["cloudflare", "route53", "zonefile"])
def test_the_dns_answers_as_the_outputs_say(project: LabProject, provider: str) -> None:
    stack = local_stack(provider, txt=["proof=1", 'a "quoted" \\ text'])
    start(project, stack)
    project.small("up")
    assert project.small("up") == set()
    outputs = project.outputs()
    assert len(outputs["records"]) > 8
    assert doctor(project)["records"] == ["ok"] * len(outputs["records"])
    assert ("zonefile" in outputs) == (provider == "zonefile")


def test_the_zone_file_is_an_output(project: LabProject) -> None:
    start(project, local_stack("zonefile"))
    steps = project.small("up")
    assert not {name for _, kind, name in steps if kind in {"DnsRecord", "Record"}}
    files = project.outputs()["zonefile"]
    assert list(files) == [ZONE]
    assert "@ 300 IN MX 10 mail.example.test.\n" in files[ZONE]


def test_without_a_provider_the_reverse_name_is_not_waited_for(project: LabProject) -> None:
    """AWS sets it once the A record is published, which is after somebody loaded the file."""
    stack = local_stack("zonefile")
    stack["config"]["mailstack:host"] = {
        "kind": "aws",
        "region": "eu-central-1",
        "sshFrom": ["127.0.0.0/8"],
    }
    start(project, stack)
    steps = project.small("preview")
    assert ("create", "Eip", "host-address") in steps
    assert not {step for step in steps if step[1] == "EipDomainName"}
