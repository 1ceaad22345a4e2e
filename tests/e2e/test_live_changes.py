"""What `up` changes while the server runs: its container stays the same one."""

import time
from typing import Any

import pytest
from imap_tools import MailboxLoginError

from tests.e2e import smarthost
from tests.e2e.deployment import ALICE, Deployment, wait_for
from tests.e2e.test_mail import selectors, signatures

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def test_same_stack_file_again_changes_nothing(deployment: Deployment) -> None:
    container = deployment.container.id
    deployment.project.write(deployment.stack)
    deployment.project.small("refresh")
    assert deployment.up(deployment.stack) == set()
    assert deployment.container.id == container


def test_account_comes_and_goes(deployment: Deployment, stack: dict[str, Any]) -> None:
    container, erin, password = deployment.container.id, "erin@example.test", "made while it runs"
    accounts = stack["config"]["mailstack:domains"]["example.test"]["accounts"]
    accounts["erin"] = {"password": password, "quota": "50M"}
    deployment.project.write(stack)
    deployment.project.small("up")
    added = time.monotonic()
    deployment.wait_until_taken_up()
    with deployment.mailbox(erin, password):
        assert time.monotonic() - added < 10
    deployment.arrived(ALICE, deployment.send(erin, ALICE, password=password))

    del accounts["erin"]
    deployment.up(stack)
    with pytest.raises(MailboxLoginError), deployment.mailbox(erin, password):
        pass
    assert deployment.container.id == container


def test_changed_password_takes_the_place_of_the_old(
    deployment: Deployment, stack: dict[str, Any]
) -> None:
    container, carol = deployment.container.id, "carol@example.org"
    account = stack["config"]["mailstack:domains"]["example.org"]["accounts"]["carol"]
    old, account["password"] = deployment.password(carol), "another one, given by hand"
    deployment.up(stack)
    with deployment.mailbox(carol, account["password"]):
        pass
    with pytest.raises(MailboxLoginError), deployment.mailbox(carol, old):
        pass
    assert deployment.container.id == container


def test_new_domain_is_signed_for(deployment: Deployment, stack: dict[str, Any]) -> None:
    container, domain, password = deployment.container.id, "example.net", "made while it runs"
    accounts = {"frank": {"password": password}}
    stack["config"]["mailstack:domains"][domain] = {"accounts": accounts}
    deployment.up(stack)
    deployment.stack = stack  # its keys are protected: it stays

    def signed() -> set[tuple[str, str]]:
        subject = deployment.send(f"frank@{domain}", "x@elsewhere.example", password=password)
        return signatures(deployment, deployment.left(subject).content)

    # Rspamd restarts with the new keys; until it has read them mail of the domain leaves unsigned.
    signers = wait_for(signed, seconds=30, what=f"mail from {domain} is signed")
    deployment.read_outputs()
    assert signers == selectors(deployment, domain)
    assert deployment.container.id == container


def test_relay_of_one_domain_comes_and_goes(deployment: Deployment, stack: dict[str, Any]) -> None:
    container, carol = deployment.container.id, "carol@example.org"

    def login(sender: str) -> str:
        return deployment.left(deployment.send(sender, "x@elsewhere.example")).login

    assert login(carol) == smarthost.USER
    domain = stack["config"]["mailstack:domains"]["example.org"]
    domain["relay"] = stack["config"]["mailstack:relay"] | {
        "user": smarthost.OTHER_USER,
        "password": smarthost.OTHER_PASSWORD,
    }
    deployment.up(stack)
    wait_for(
        lambda: login(carol) == smarthost.OTHER_USER, seconds=20, what="carol has her own relay"
    )
    assert login(ALICE) == smarthost.USER

    del domain["relay"]
    deployment.up(stack)
    wait_for(lambda: login(carol) == smarthost.USER, seconds=20, what="carol's relay is gone")
    assert deployment.container.id == container
