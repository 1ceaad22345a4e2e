"""The scenarios that both engines must play alike: what changes, and the steps it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.cloud.cloudflare_record import DNS_RECORD
from lab.world import World
from tests.lab_project import LabProject, Steps

Stack = dict[str, Any]


def _domains(stack: Stack) -> dict[str, Any]:
    domains: dict[str, Any] = stack["config"]["mailstack:domains"]
    return domains


def _nothing(_stack: Stack) -> None:
    """Change nothing."""


def _add_account(stack: Stack) -> None:
    _domains(stack)["example.org"]["accounts"]["erin"] = {"quota": "1G"}


def _remove_account(stack: Stack) -> None:
    del _domains(stack)["example.org"]["accounts"]["erin"]


def _add_domain(stack: Stack) -> None:
    _domains(stack)["example.net"] = {"accounts": {"frank": {}}}


def _unprotect_keys(project: LabProject) -> None:
    # A key's removal is refused until somebody says that it may go.
    project.run("unprotect", "example.net/dkim/mail")
    project.run("unprotect", "example.net/dkim/mail-ed25519")


def _remove_domain(stack: Stack) -> None:
    _domains(stack).pop("example.net", None)


def _rotate_password(stack: Stack) -> None:
    _domains(stack)["example.org"]["accounts"]["carol"]["password"] = "a new long password"


def _own_smarthost(stack: Stack) -> None:
    _domains(stack)["example.org"]["relay"] = {
        "kind": "smtp",
        "host": "smtp.example.net",
        "user": "us",
        "password": "a long password",
    }


def _ses_elsewhere(stack: Stack) -> None:
    _domains(stack)["example.org"]["relay"] = {"kind": "ses", "region": "us-east-1"}


def _stacks_relay(stack: Stack) -> None:
    del _domains(stack)["example.org"]["relay"]


def _change_hostname(stack: Stack) -> None:
    stack["config"]["mailstack:server"]["hostname"] = "mx.example.test"


def _change_start_only_file(stack: Stack) -> None:
    files = {"postfix-main.cf": "message_size_limit = 104857600\n"}
    stack["config"]["mailstack:server"]["files"] = files


def _set_image(tag: str) -> Callable[[Stack], None]:
    def change(stack: Stack) -> None:
        image = f"ghcr.io/docker-mailserver/docker-mailserver:{tag}"
        stack["config"]["mailstack:server"]["image"] = image

    return change


def _keep_no_snapshot(stack: Stack) -> None:
    stack["config"]["mailstack:server"]["upgrade"] = {"snapshots": 0}


def _fail_a_record(project: LabProject) -> None:
    with World(project.lab / "world.db") as world:
        world.fail_next("example.com/mx", "create", "the cloud is having a bad day")


def _add_second_domain(stack: Stack) -> None:
    _domains(stack)["example.com"] = {"accounts": {"grace": {}}}


def _drift(project: LabProject) -> None:
    """Edit one record by hand, and delete another, as somebody at the dashboard would."""
    with World(project.lab / "world.db") as world:
        for identifier, record in world.find(DNS_RECORD, "_dmarc.example.org").items():
            world.put(DNS_RECORD, identifier, record | {"ttl": 3600}, name=record["name"])
        for identifier in world.find(DNS_RECORD, "_imaps._tcp.example.org"):
            world.remove(DNS_RECORD, identifier)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One line of the table."""

    name: str
    change: Callable[[Stack], None] = _nothing
    before: Callable[[LabProject], None] | None = None
    operation: str = "up"
    fails: str | None = None
    """Part of the message when it must be refused or fail."""
    steps: Steps | None = None
    """The steps, where they are few enough to name; None compares the engines alone."""
    by_timing: bool = False
    """Whether the steps depend on what a failed run before had got done when it failed."""


_CONFIG = ("update", "ConfigFiles", "mail-config")
_NEW_CONTAINER: Steps = {
    ("delete-replaced", "Container", "mail-container"),
    ("replace", "Container", "mail-container"),
    ("create-replacement", "Container", "mail-container"),
    ("update", "ServerReady", "mail-ready"),
}
_NEW_IMAGE: Steps = {
    *_NEW_CONTAINER,
    _CONFIG,
    ("replace", "RemoteImage", "mail-image"),
    ("create-replacement", "RemoteImage", "mail-image"),
    ("delete-replaced", "RemoteImage", "mail-image"),
    ("update", "ImageHistory", "mail-images"),
}
_DOMAIN_RECORDS = (
    "mx",
    "spf",
    "dkim/mail",
    "dkim/mail-ed25519",
    "dmarc",
    "srv/submissions",
    "srv/submission",
    "srv/imaps",
    "mail-from/mx",
    "mail-from/spf",
)


def _of_domain(op: str, domain: str, login: str) -> Steps:
    """Give the steps that make or take a whole domain with one account."""
    return {
        _CONFIG,
        ("update", "UserPolicy", "relay-policy"),
        (op, "Dkim", domain),
        (op, "MailboxPassword", login),
        (op, "EmailIdentity", f"{domain}/ses"),
        (op, "EmailIdentityMailFromAttributes", f"{domain}/ses-mail-from"),
        *{(op, "DkimKey", f"{domain}/dkim/{key}") for key in ("mail", "mail-ed25519")},
        *{(op, "DnsRecord", f"{domain}/{record}") for record in _DOMAIN_RECORDS},
    }


def _ses_identity(*ops: str) -> Steps:
    """Give the steps that make, take or replace what SES has of example.org."""
    return {
        _CONFIG,
        ("update", "UserPolicy", "relay-policy"),
        *{(op, "EmailIdentity", "example.org/ses") for op in ops},
        *{(op, "EmailIdentityMailFromAttributes", "example.org/ses-mail-from") for op in ops},
    }


def _ses_records(op: str) -> Steps:
    return {
        ("update", "DnsRecord", "example.org/spf"),
        (op, "DnsRecord", "example.org/mail-from/mx"),
        (op, "DnsRecord", "example.org/mail-from/spf"),
    }


TABLE = (
    Scenario(name="first up"),
    Scenario(name="no-op", steps=set()),
    Scenario(
        name="add account",
        change=_add_account,
        steps={_CONFIG, ("create", "MailboxPassword", "erin@example.org")},
    ),
    Scenario(
        name="remove account",
        change=_remove_account,
        steps={_CONFIG, ("delete", "MailboxPassword", "erin@example.org")},
    ),
    Scenario(
        name="rotate a password",
        change=_rotate_password,
        steps={_CONFIG, ("update", "MailboxPassword", "carol@example.org")},
    ),
    Scenario(
        name="add domain",
        change=_add_domain,
        steps=_of_domain("create", "example.net", "frank@example.net"),
    ),
    Scenario(name="remove domain with its keys protected", change=_remove_domain, fails="protect"),
    Scenario(
        name="remove domain",
        change=_remove_domain,
        before=_unprotect_keys,
        steps=_of_domain("delete", "example.net", "frank@example.net"),
    ),
    Scenario(
        name="a domain's relay: a smarthost of its own",
        change=_own_smarthost,
        steps=_ses_identity("delete") | _ses_records("delete"),
    ),
    Scenario(
        name="a domain's relay: SES in another region",
        change=_ses_elsewhere,
        steps=_ses_identity("create") | _ses_records("create"),
    ),
    Scenario(
        name="a domain's relay: the stack's again",
        change=_stacks_relay,
        steps=_ses_identity("replace", "create-replacement", "delete-replaced")
        | {("update", "DnsRecord", "example.org/mail-from/mx")},
    ),
    Scenario(name="change hostname", change=_change_hostname),
    Scenario(
        name="change a file that is read at start only",
        change=_change_start_only_file,
        steps={*_NEW_CONTAINER, _CONFIG},
    ),
    Scenario(
        name="change image",
        change=_set_image("15.2.0"),
        steps=_NEW_IMAGE | {("create", "Snapshot", "mail-before-1")},
    ),
    # Without a snapshot: the server may be down.
    Scenario(name="go back to the image before", change=_set_image("15.1.0"), steps=_NEW_IMAGE),
    Scenario(
        name="keep no snapshot any more",
        change=_keep_no_snapshot,
        steps={
            ("update", "ImageHistory", "mail-images"),
            ("delete", "Snapshot", "mail-before-1"),
        },
    ),
    Scenario(
        name="failed provider call in the middle",
        change=_add_second_domain,
        before=_fail_a_record,
        fails="the cloud is having a bad day",
    ),
    Scenario(name="then up again", change=_add_second_domain, by_timing=True),
    Scenario(name="refresh after drift", before=_drift, operation="refresh"),
    Scenario(name="up after drift"),
    Scenario(name="destroy with protection", operation="destroy", fails="protect"),
    Scenario(name="nothing was destroyed", steps=set()),
)
