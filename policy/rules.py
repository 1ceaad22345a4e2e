"""The rules, as pure functions: a resource and what was asked for → what is wrong with it.

No message ever quotes a value that could be a secret.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policy.exposure import ports_beyond_the_settings, public_ssh
from policy.keys import weak_keys
from policy.resource import Asked, Resource

_DNS_RECORDS = {"cloudflare:index/dnsRecord:DnsRecord", "aws:route53/record:Record"}
_DATA_VOLUME = "aws:ebs/volume:Volume"
_VOLUME = "docker:index/volume:Volume"
_CONTAINER = "docker:index/container:Container"
# docker-mailserver's own (RELAY_PASSWORD, DOVECOT_DNPASS, LDAP_BIND_PW, SRS_SECRET) and the like of
# them; what ends otherwise (…_PASS_FILTER, …_PASSWORD_ATTR, …__FILE) says where or how.
_SECRET_NAME = re.compile(
    r"(PASSWORD|PASSWD|PASS|PW|SECRET|TOKEN|CREDENTIALS?|(API|ACCESS|PRIVATE|SECRET)_?KEY)$"
)
_SECRET_VALUE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^/\s:@]+:[^/\s@]+@")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule with its name and its reason, both for people."""

    name: str
    why: str
    check: Callable[[Resource, Asked], Iterator[str]]


def unprotected_mail(resource: Resource, asked: Asked) -> Iterator[str]:
    """Mail volumes carry `protect`; a stack may go without, never a production stack."""
    if resource.protected or not (asked.protect or asked.production):
        return
    docker_mail = resource.type == _VOLUME and any(
        name.endswith(("-mail", "-state")) for name in resource.texts("name")
    )
    if docker_mail or resource.type == _DATA_VOLUME:
        yield f"{resource.name} holds mail and is not protected: remove `mailstack:protect: false`"


def dmarc_none(resource: Resource, asked: Asked) -> Iterator[str]:
    """In production DMARC has to ask for something."""
    if not asked.production or resource.type not in _DNS_RECORDS:
        return
    if not any(name.startswith("_dmarc.") for name in resource.texts("name")):
        return
    for content in resource.texts("content", "records"):
        tags = dict(re.findall(r"\b(v|p)\s*=\s*(\w+)", content))
        if tags.get("v") == "DMARC1" and tags.get("p", "none").lower() == "none":
            yield f"{resource.name} says p=none, by which anybody may send in the domain's name"


def plaintext_credentials(resource: Resource, _asked: Asked) -> Iterator[str]:
    """`docker inspect` shows a container's environment to all who reach Docker."""
    if resource.type != _CONTAINER:
        return
    for variable in resource.texts("envs"):
        name, _, value = variable.partition("=")
        if value and (_SECRET_NAME.search(name.upper()) or _SECRET_VALUE.search(value)):
            yield (
                f"{resource.name} has a credential in its environment, in {name}: write it to a "
                f"file of `server.files` and name that in {name}__FILE"
            )


RULES = (
    Rule(
        name="mail-is-protected",
        why="Volumes that hold mail are protected from destroy and replacement.",
        check=unprotected_mail,
    ),
    Rule(
        name="only-asked-ports",
        why="Nothing listens beyond the services that the stack file asks for.",
        check=ports_beyond_the_settings,
    ),
    Rule(
        name="no-public-ssh",
        why="SSH, and with it Docker, is not open to everyone.",
        check=public_ssh,
    ),
    Rule(
        name="dmarc-in-production",
        why="DMARC asks receivers to act on forged mail.",
        check=dmarc_none,
    ),
    Rule(
        name="no-weak-keys",
        why="RSA keys have 2048 bits or more (RFC 8301, 3.2), and DSA is not used.",
        check=weak_keys,
    ),
    Rule(
        name="no-plaintext-credentials",
        why="No credential stands in a container's environment.",
        check=plaintext_credentials,
    ),
)
