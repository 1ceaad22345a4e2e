"""The API token with which the ACME client answers for one zone, and can do nothing else."""

import json

import pulumi
import pulumi_cloudflare as cloudflare

from components.naming import prefix

# Permission groups of https://developers.cloudflare.com/fundamentals/api/reference/permissions/,
# sorted by id, as the API gives them back.
DNS_WRITE = "4755a26eedb94da69e1066d98aa820be"
ZONE_READ = "c8fed203ed3043cba015a93ad1616f1f"


def zone_token(name: str, zone: str) -> pulumi.Output[str]:
    """Make a Cloudflare token for the records of ``zone`` alone. Gives its secret value."""
    found = cloudflare.get_zone_output(
        filter=cloudflare.GetZoneFilterArgs(name=zone, match="all"),
    )
    token = cloudflare.ApiToken(
        name,
        name=f"{prefix()} certificate",
        policies=[
            cloudflare.ApiTokenPolicyArgs(
                effect="allow",
                permission_groups=[
                    cloudflare.ApiTokenPolicyPermissionGroupArgs(id=group)
                    for group in (DNS_WRITE, ZONE_READ)
                ],
                resources=found.id.apply(
                    lambda zone_id: json.dumps({f"com.cloudflare.api.account.zone.{zone_id}": "*"})
                ),
            )
        ],
    )
    return token.value
