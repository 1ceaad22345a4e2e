"""Addresses lead to the name and back."""

import dataclasses
from ipaddress import ip_address

from doctor.checks.ptr import check_ptr
from doctor.deployment import Deployment
from doctor.outputs import InstructionOutput
from doctor.result import Status
from mail.host_instructions import reverse_name_instruction
from mail.records import reverse_name
from tests.doctor.dns_world import DnsWorld

REVERSE = reverse_name("127.0.0.1")


def with_ipv6(deployment: Deployment, address: str) -> Deployment:
    outputs = deployment.outputs.model_copy(update={"ipv6": ip_address(address)})
    return dataclasses.replace(deployment, outputs=outputs)


def test_there_and_back(deployment: Deployment) -> None:
    (result,) = check_ptr(deployment)
    assert result.status is Status.OK
    assert result.message == "leads to mail.example.test and back"


def test_another_name_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.put(REVERSE, "PTR", "ec2-127-0-0-1.compute.test.")
    (result,) = check_ptr(deployment)
    assert result.status is Status.FAILED
    assert "ec2-127-0-0-1.compute.test, not to mail.example.test" in result.message
    assert f"{REVERSE}. PTR mail.example.test." in result.fix


def test_not_back_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.put("mail.example.test", "A", "127.0.0.9")
    (result,) = check_ptr(deployment)
    assert result.status is Status.FAILED
    assert "which leads to 127.0.0.9" in result.message


def test_no_name_fails_at_a_public_address(deployment: Deployment, dns: DnsWorld) -> None:
    dns.put("mail.example.test", "AAAA", "2600::1")
    _, result = check_ptr(with_ipv6(deployment, "2600::1"))
    assert result.status is Status.FAILED
    assert "no name" in result.message


def test_no_name_at_a_private_address_is_a_warning(deployment: Deployment, dns: DnsWorld) -> None:
    dns.remove(REVERSE, "PTR")
    (result,) = check_ptr(deployment)
    assert result.status is Status.WARNING


def test_ipv6_is_followed_too(deployment: Deployment, dns: DnsWorld) -> None:
    dns.put("mail.example.test", "AAAA", "2600::1")
    dns.put(reverse_name("2600::1"), "PTR", "mail.example.test.")
    assert [result.status for result in check_ptr(with_ipv6(deployment, "2600::1"))] == [
        Status.OK,
        Status.OK,
    ]


def test_a_broken_reverse_zone_fails(deployment: Deployment, dns: DnsWorld) -> None:
    dns.broken.add(REVERSE)
    (result,) = check_ptr(deployment)
    assert result.status is Status.FAILED
    assert "no answer" in result.message


def test_the_owner_of_the_address_is_told_what_the_stack_told(
    deployment: Deployment, dns: DnsWorld
) -> None:
    asked = reverse_name_instruction(hostname="mail.example.test", address="127.0.0.1")
    instructions = [InstructionOutput(what=asked.what, why=asked.why, how=asked.how)]
    outputs = deployment.outputs.model_copy(update={"instructions": instructions})
    dns.put(REVERSE, "PTR", "static.host.test.")
    (result,) = check_ptr(dataclasses.replace(deployment, outputs=outputs))
    assert result.fix == asked.how
    (result,) = check_ptr(deployment)
    assert result.fix.startswith("`pulumi up --refresh`")
