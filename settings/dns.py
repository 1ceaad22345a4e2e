"""Where the DNS records go."""

from typing import Literal

from pydantic import Field, field_validator

from settings.base import Model
from settings.types import Domain, refuse

AUTOMATIC_TTL = 1
SHORTEST_TTL = 60
LONGEST_TTL = 86400


class Dns(Model):
    """Where the DNS records go."""

    provider: Literal["cloudflare", "route53", "zonefile"] = Field(
        "cloudflare",
        description="Who serves the zones: `cloudflare`; `route53` (with `aws:region` set, to any "
        "region); `zonefile` for everybody else: the output `zonefile` holds a file for each zone, "
        "which you load there.",
        examples=["route53"],
    )
    zones: tuple[Domain, ...] = Field(
        (),
        description="Zones that exist at the provider. Needed only where a zone is not simply the "
        "registrable domain, such as `mail.example.com` delegated on its own.",
        examples=[["mail.example.com"]],
    )
    ttl: int = Field(
        300,
        description="Time to live of every record, in seconds: 60 to 86400, or 1 for the "
        "choice of Cloudflare.",
        examples=[3600],
    )

    @field_validator("ttl")
    @classmethod
    def _ttl_of_cloudflare(cls, ttl: int) -> int:
        if ttl != AUTOMATIC_TTL and not SHORTEST_TTL <= ttl <= LONGEST_TTL:
            raise refuse("must be between 60 and 86400 seconds, or 1 (automatic)", example="300")
        return ttl
