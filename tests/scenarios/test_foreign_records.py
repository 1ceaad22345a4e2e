"""A zone that others use too: nothing of theirs is overwritten, doubled or deleted."""

import re
import shlex

import pytest

from lab.cloud.aws_route53 import ROUTE53_RECORD
from lab.cloud.cloudflare_record import DNS_RECORD
from lab.world import World
from tests.engines import Engine, real, real_is_here, small
from tests.lab_project import LabProject
from tests.scenarios.zones import (
    ZONE,
    found,
    local_stack,
    put_cloudflare,
    put_route53,
    remove,
    start,
    state_is_empty,
)

ENGINES = [
    pytest.param(small, id="small"),
    pytest.param(
        real,
        id="real",
        marks=[
            pytest.mark.cli,
            pytest.mark.skipif(
                not real_is_here(), reason="the real Pulumi CLI is not on PATH (`make cli`)"
            ),
        ],
    ),
]
MX, OTHER_MX, SPF, PROOF = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)


@pytest.fixture
def shared(project: LabProject) -> LabProject:
    """Give a stack in a zone at Cloudflare that an older mail provider's records are in."""
    start(project, local_stack("cloudflare"))
    put_cloudflare(project, MX, "MX", ZONE, content="mx1.old.example", priority=10.0)
    put_cloudflare(
        project, OTHER_MX, "MX", ZONE, content="mx2.old.example", priority=20.0, comment="spare"
    )
    put_cloudflare(project, SPF, "TXT", ZONE, content='"v=spf1 include:old.example -all"')
    put_cloudflare(project, PROOF, "TXT", ZONE, content='"proof=1"')
    put_cloudflare(project, "e" * 32, "A", f"www.{ZONE}", content="192.0.2.80")
    return project


def adopt(project: LabProject, said: str) -> list[str]:
    """Run the commands that the refusal names; gives the names of what was adopted."""
    pattern = r"^.* import (?:--generate-code=false )?(\S+:.*)$"
    commands = dict.fromkeys(re.findall(pattern, said, re.MULTILINE))
    arguments = [shlex.split(command) for command in commands]
    for words in arguments:
        project.run("import", *words)
    return sorted(words[1] for words in arguments)


@pytest.mark.parametrize("engine", ENGINES)
def test_refused_adopted_and_made_ours(shared: LabProject, engine: Engine) -> None:
    before = found(shared, DNS_RECORD)
    for operation in ("preview", "up"):
        outcome = engine(shared, operation)
        assert outcome.failed
        assert "example.test MX 10 mx1.old.example" in outcome.said
        assert "example.test MX 20 mx2.old.example (spare)" in outcome.said
        assert "v=spf1 include:old.example -all" in outcome.said
        assert "proof=1" not in outcome.said
        assert "Traceback" not in outcome.said
    assert found(shared, DNS_RECORD) == before
    assert state_is_empty(shared)

    assert adopt(shared, outcome.said) == ["example.test/mx", "example.test/spf"]
    remove(shared, DNS_RECORD, OTHER_MX)

    outcome = engine(shared, "up")
    assert not outcome.failed, outcome.said
    changed = {name for op, kind, name in outcome.steps if (op, kind) == ("update", "DnsRecord")}
    assert changed == {"example.test/mx", "example.test/spf"}
    after = found(shared, DNS_RECORD)
    assert after[MX]["content"] == "mail.example.test"
    assert after[SPF]["content"].startswith('"v=spf1 mx ip4:')
    assert after[PROOF] == before[PROOF]
    assert engine(shared, "up").steps == set()

    # All of ours go; what nobody adopted stays as it was.
    shared.write(local_stack("zonefile"))
    outcome = engine(shared, "up")
    assert not outcome.failed, outcome.said
    left = {PROOF, "e" * 32}
    assert found(shared, DNS_RECORD) == {id_: before[id_] for id_ in left}


def test_what_excludes_ours_has_to_go(project: LabProject) -> None:
    start(project, local_stack("cloudflare"))
    put_cloudflare(project, MX, "CNAME", f"mail.{ZONE}", content="old.example")
    outcome = small(project, "up")
    assert "mail.example.test CNAME old.example" in outcome.said
    assert " import " not in outcome.said
    assert "delete that one at the provider" in outcome.said
    assert state_is_empty(project)


def test_a_record_that_came_later_is_seen_too(project: LabProject) -> None:
    start(project, local_stack("cloudflare"))
    assert not small(project, "up").failed
    put_cloudflare(project, MX, "TXT", f"_smtp._tls.{ZONE}", content='"v=TLSRPTv1; rua=mailto:x"')
    assert small(project, "up").steps == set()
    project.write(local_stack("cloudflare", tlsReports=f"alice@{ZONE}"))
    outcome = small(project, "up")
    assert outcome.failed
    assert "import cloudflare:index/dnsRecord:DnsRecord 'example.test/tls-rpt'" in outcome.said


@pytest.mark.parametrize("engine", ENGINES)
def test_a_set_at_route_53(project: LabProject, engine: Engine) -> None:
    start(project, local_stack("route53"))
    texts = put_route53(project, "TXT", ZONE, "v=spf1 include:old.example -all", "proof=1")
    other = put_route53(project, "A", f"www.{ZONE}", "192.0.2.80")
    outcome = engine(project, "up")
    assert outcome.failed
    assert 'mailstack:domains["example.test"].txt: proof=1' in outcome.said
    assert state_is_empty(project)

    assert adopt(project, outcome.said) == ["example.test/txt"]
    project.write(local_stack("route53", txt=["proof=1"]))
    outcome = engine(project, "up")
    assert not outcome.failed, outcome.said
    assert ("update", "Record", "example.test/txt") in outcome.steps
    ours = found(project, ROUTE53_RECORD)[texts]["records"]
    assert sorted(ours) == ["proof=1", "v=spf1 mx ip4:127.0.0.1 -all"]
    assert engine(project, "up").steps == set()

    project.write(local_stack("zonefile"))
    assert not engine(project, "up").failed
    assert set(found(project, ROUTE53_RECORD)) == {other}


@pytest.mark.parametrize(
    ("provider", "kind"), [("cloudflare", DNS_RECORD), ("route53", ROUTE53_RECORD)]
)
def test_two_stacks_in_one_zone(project: LabProject, provider: str, kind: str) -> None:
    """Staging beside production: the labs have a world each, so its zone is carried over."""
    start(project, local_stack(provider))
    assert not small(project, "up").failed
    production = found(project, kind)
    project.destroy()

    start(project, local_stack(provider, domain=f"staging.{ZONE}"))
    carry_over(project, kind, production)
    outcome = small(project, "up")
    assert not outcome.failed, outcome.said
    together = found(project, kind)
    assert production.items() <= together.items()
    assert len(together) > len(production)
    project.destroy()

    # The same names would be one stack's by turns.
    start(project, local_stack(provider))
    carry_over(project, kind, production)
    outcome = small(project, "up")
    assert outcome.failed
    assert "mail.example.test A 127.0.0.1" in outcome.said
    assert found(project, kind) == production


def carry_over(project: LabProject, kind: str, objects: dict[str, dict[str, object]]) -> None:
    with World(project.lab / "world.db") as world:
        for id_, body in objects.items():
            world.put(kind, id_, body, name=str(body.get("fqdn") or body["name"]))
