"""What only the owner of a machine or of an address can set, with every value filled in.

The stack exports these (output `instructions`), and the doctor names the same ones: what was asked
for and what is missing are told in the same words.
"""

import ipaddress
from collections.abc import Mapping

from mail.instructions import Instruction
from mail.records import reverse_name

_SMTP = 25
_AWS_FORM = (
    "https://aws-portal.amazon.com/gp/aws/html-forms-controller/contactus/"
    "ec2-email-limit-rdns-request"
)


def reverse_name_instruction(*, hostname: str, address: str) -> Instruction:
    """Ask the address's owner for its PTR. Raises ValueError for a bad address."""
    name = reverse_name(address)
    return Instruction(
        what=f"Set the reverse name (PTR) of {address} to {hostname}",
        why="Gmail, Outlook and many others refuse mail from an address whose name is missing or "
        "does not lead back; only the address's owner, your hosting provider, can set it.",
        how=f"In the provider's panel, give {address} the reverse name {hostname} "
        "(Hetzner: Primary IPs, Edit Reverse DNS; OVH: IP, Modify the reverse; elsewhere ask "
        f"support for `{name}. PTR {hostname}.`). Check it: dig +short -x {address}",
    )


def open_ports_instruction(*, address: str, ports: Mapping[str, int]) -> Instruction:
    """Ask for the firewall in front of a machine to let mail in; ``ports`` are by service."""
    by_port = sorted((port, service) for service, port in ports.items())
    listed = ", ".join(f"{port} ({service})" for port, service in by_port)
    anywhere = "::/0" if ":" in address else "0.0.0.0/0"
    how = (
        f"In the provider's firewall, and in a router that stands before the machine, allow "
        f"incoming TCP from anywhere ({anywhere}) to {address} on ports {listed}. Docker opens "
        "them in the machine's own firewall itself. Check it from another network: "
        "python -m doctor --only ports"
    )
    smtp = ports.get("smtp", _SMTP)
    if smtp != _SMTP:
        how += f". Other mail servers know port 25 alone: forward it to {smtp}"
    return Instruction(
        what=f"Let mail in to {address} on TCP {', '.join(str(port) for port, _ in by_port)}",
        why="A closed port looks from outside like a server that is down; this firewall is not "
        "the stack's, so it cannot open it.",
        how=how,
    )


def outgoing_port_instruction(*, address: str) -> Instruction:
    """Ask for outgoing port 25 at a machine that delivers its mail itself."""
    return Instruction(
        what=f"Have outgoing TCP port 25 allowed for {address}",
        why="Without a relay the server hands each mail over on the receiver's port 25, which "
        "many providers and nearly all home connections block.",
        how="Try it on the machine: nc -vz gmail-smtp-in.l.google.com 25. Where it is blocked, ask "
        "the provider's support to allow it, or send through a relay: "
        "pulumi config set --path mailstack:relay.kind smtp (docs/configuration.md)",
    )


def aws_port_instruction(*, region: str) -> Instruction:
    """Ask AWS to let mail out: EC2 blocks port 25 until one has asked."""
    return Instruction(
        what=f"Ask AWS to lift the block on outgoing port 25 in {region}",
        why="EC2 lets nothing out on port 25 by default, and without a relay the server hands each "
        "mail over on the receiver's port 25: until it is lifted, mail comes in but none goes out.",
        how='Fill in "Request to remove email sending limitations" '
        f"({_AWS_FORM}) for {region}, with the addresses of the outputs ipv4 and ipv6; the "
        "reverse name is set by the stack. Or send through SES: "
        "pulumi config set --path mailstack:relay.kind ses",
    )


def podman_instruction() -> Instruction:
    """Ask for the units that Podman needs where Docker has a daemon."""
    return Instruction(
        what="Let Podman answer and start its containers at boot",
        why="Podman has no daemon: systemd answers on its socket, and another unit starts the "
        "containers after the machine has booted. Without them nothing is reached, or no mail "
        "flows after a reboot.",
        how="On the machine, as root: systemctl enable --now podman.socket podman-restart.service. "
        "For access over SSH it also needs the package podman-docker.",
    )


def is_public(address: str) -> bool:
    """Whether mail from elsewhere can be meant for this address: not this machine's loopback."""
    return not ipaddress.ip_address(address).is_loopback
