"""The one place where the names of physical things are made.

The stack's name is in each, so that two stacks share an AWS account, a Docker Engine or a
Cloudflare zone without meeting.
"""

import hashlib
import ipaddress

import pulumi

from settings import MailstackError

# IAM takes names of 64 characters: ours are `mailstack-<stack>-<role>`, with roles of up to 12.
LONGEST_STACK_NAME = 40


def prefix() -> str:
    """``mailstack-<stack>``: the start of every physical name of this stack."""
    return f"{pulumi.get_project()}-{pulumi.get_stack()}"


def check_stack_name() -> None:
    """Refuse a name that AWS would refuse half-way through the first deployment.

    Raises MailstackError.
    """
    stack = pulumi.get_stack()
    if len(stack) > LONGEST_STACK_NAME:
        raise MailstackError(
            f"the stack's name {stack!r} is too long: it is part of names at AWS, so at most "
            f"{LONGEST_STACK_NAME} characters; nothing was created or changed\n"
            "    fix: pulumi stack rename SHORTER"
        )


def tags(role: str) -> dict[str, str]:
    """AWS tags that say which stack owns a thing and what it is for."""
    return {
        "Name": f"{prefix()}-{role}",
        "mailstack:project": pulumi.get_project(),
        "mailstack:stack": pulumi.get_stack(),
    }


def private_ipv6() -> str:
    """Give the stack's own /64 of IPv6 for its containers, for ever the same.

    A unique local one (RFC 4193, 3.2): its 40 bits come from the names instead of from chance.
    """
    digest = hashlib.sha256(prefix().encode()).digest()
    return str(ipaddress.IPv6Network((bytes([0xFD]) + digest[:5] + bytes(10), 64)))
