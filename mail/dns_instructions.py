"""What a person has to do about the DNS, where no provider of ours does it."""

from collections.abc import Iterable

from mail.instructions import Instruction


def dns_instructions(
    *, provider: str, zones: Iterable[str], hostname: str, aws_region: str | None
) -> list[Instruction]:
    """List it for a stack whose records are published from a file; empty with a provider.

    `aws_region`: where the server's address comes from, if it is AWS's: its reverse name is
    refused before the A record is published, which is after the `up`.
    """
    if provider != "zonefile":
        return []
    found = [
        Instruction(
            what=f"Load the records of the zone {zone}",
            why="Without them no mail arrives, and none that is sent is trusted.",
            how=f"pulumi stack output zonefile --json | jq -r '.\"{zone}\"' > {zone}.zone, then "
            "import that file at the zone's provider, or $INCLUDE it in the zone; again after "
            "each change of the output. Remove records that contradict it.",
        )
        for zone in sorted(set(zones))
    ]
    if aws_region is not None:
        address = (
            f"aws ec2 describe-addresses --region {aws_region} "
            '--public-ips "$(pulumi stack output ipv4)" '
            "--query 'Addresses[0].AllocationId' --output text"
        )
        found.append(
            Instruction(
                what=f"Give the server's address the reverse name {hostname}",
                why="Receivers refuse a server whose address has no name that leads back; AWS "
                "sets it only once the A record is published.",
                how=f"allocation=$({address}); aws ec2 modify-address-attribute "
                f'--region {aws_region} --domain-name {hostname} --allocation-id "$allocation"',
            )
        )
    return found
