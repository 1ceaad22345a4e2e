"""The pack as the CLI runs it: in its own environment, and with the CLI on the lab's stacks."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

from tests.engines import real_with
from tests.lab_project import ROOT, LabProject, dev_stack

PACK = ROOT / "policy"
PYTHON = PACK / ".venv" / "bin" / "python"

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="the policy pack has no environment here: make policy"
)
needs_cli = pytest.mark.skipif(
    shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH: make cli"
)


@pytest.fixture
def analyzer(tmp_path: Path) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """Start the pack as the CLI does, in a project without a stack file."""
    process = subprocess.Popen([PYTHON, PACK], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
    finally:
        process.terminate()
        process.communicate()


def request(kind: str, stack: str, properties: dict[str, Any]) -> analyzer_pb2.AnalyzeRequest:
    made = analyzer_pb2.AnalyzeRequest(
        urn=f"urn:pulumi:{stack}::mailstack::{kind}::thing", type=kind, name="thing"
    )
    made.properties.update(properties)
    return made


def test_every_rule_stops(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    info = analyzer.GetAnalyzerInfo(Empty())
    assert {policy.enforcementLevel for policy in info.policies} == {analyzer_pb2.MANDATORY}
    assert len(info.policies) == 6


def test_the_stack_is_that_of_the_urn(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    record = {"name": "_dmarc.a.test", "content": '"v=DMARC1; p=none"'}
    kind = "cloudflare:index/dnsRecord:DnsRecord"
    [found] = analyzer.Analyze(request(kind, "prod", record)).diagnostics
    assert found.policyName == "dmarc-in-production"
    assert not analyzer.Analyze(request(kind, "staging", record)).diagnostics


def test_what_a_preview_cannot_know_is_passed_over(
    analyzer: analyzer_pb2_grpc.AnalyzerStub,
) -> None:
    """Silently: the library would print a warning for each policy and resource."""
    rule = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": UNKNOWN}
    kind = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    assert not analyzer.Analyze(request(kind, "dev", rule)).diagnostics
    files = {"files": {"a": {"content": UNKNOWN}, "b": UNKNOWN}}
    assert not analyzer.Analyze(request("x:mailstack:ConfigFiles", "dev", files)).diagnostics


def preview(project: LabProject) -> tuple[bool, str]:
    project.extra["MAILSTACK_LAB_DOCKER"] = "simulated"
    outcome = real_with(project, "preview", "--policy-pack", str(PACK))
    return outcome.failed, outcome.said


@pytest.mark.cli
@needs_cli
def test_the_dev_stack_passes(project: LabProject) -> None:
    failed, said = preview(project)
    assert not failed, said
    assert "mailstack@v0.1.0" in said  # the pack was asked
    assert "mandatory" not in said


@pytest.mark.cli
@needs_cli
def test_a_careless_stack_is_stopped(tmp_path: Path) -> None:
    stack = dev_stack()
    config = stack["config"]
    config["mailstack:host"]["sshFrom"] = ["0.0.0.0/0"]
    config["mailstack:protect"] = False
    config["mailstack:domains"]["example.test"]["dmarc"] = {"policy": "none"}
    project = LabProject.make(tmp_path / "project", stack)
    project.stack = "prod"
    project.write(stack)
    try:
        failed, said = preview(project)
        assert failed
        for name in ("no-public-ssh", "mail-is-protected", "dmarc-in-production"):
            assert f"[mandatory]  {name}" in said
        for name in ("only-asked-ports", "no-weak-keys", "no-plaintext-credentials"):
            assert name not in said
    finally:
        project.destroy()
