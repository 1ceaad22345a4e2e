"""The stand-in for Cloudflare: DNS records in zones that the lab seeded, and API tokens."""

import re

from pulumi.provider.experimental.provider import CheckFailure, CheckRequest, CheckResponse

from lab.cloud.cloudflare_record import DNS_RECORD, DnsRecord
from lab.cloud.cloudflare_token import ApiToken
from lab.cloud.errors import CloudError
from lab.cloud.provider import CloudProvider
from lab.cloud.resource import Call
from lab.cloud.values import Plain, is_unknown, to_plain
from lab.world import ZONE, World

NAME_SERVERS = ("ada.ns.cloudflare.com", "bob.ns.cloudflare.com")
_MOST = 1000  # records that the real plugin lists when it is not told how many
_TOKEN = re.compile(r"[0-9A-Za-z\-_]{40,80}")


class CloudflareProvider(CloudProvider):
    """Package `cloudflare`. No token is needed; one of the wrong form is refused as for real."""

    def __init__(self, world: World) -> None:
        functions = {
            "cloudflare:index/getDnsRecords:getDnsRecords": get_dns_records,
            "cloudflare:index/getZone:getZone": get_zone,
        }
        super().__init__(
            "cloudflare", world, resources=[DnsRecord(), ApiToken()], functions=functions
        )

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """Refuse an API token that cannot be one."""
        token = to_plain(request.new_inputs).get("apiToken")
        failures = []
        if token is not None and not is_unknown(token) and not _TOKEN.fullmatch(token):
            reason = "API tokens must be 40 to 80 characters of a-z, A-Z, 0-9, hyphens, underscores"
            failures.append(CheckFailure("apiToken", reason))
        return CheckResponse(inputs=request.new_inputs, failures=failures)


def get_zone(call: Call, arguments: Plain) -> Plain:
    """Look a zone up by `zoneId` or by `filter.name`; raises CloudError when there is none."""
    wanted = arguments.get("zoneId")
    name = arguments.get("filter", {}).get("name")
    if (wanted is None) == (name is None):
        raise CloudError(7003, 'getZone needs exactly one of "zoneId" and "filter.name"')
    for zone_id, zone in call.world.find(ZONE).items():
        if wanted == zone_id or name == zone["name"]:
            return _result(zone_id, zone["name"], arguments)
    names = sorted(zone["name"] for zone in call.world.find(ZONE).values())
    message = (
        f'no zone "{name or wanted}" in this Cloudflare account (the lab has: '
        f"{', '.join(names) or 'none'}): add the domain there, or name its zone in dns.zones"
    )
    raise CloudError("zone not found", message)


def get_dns_records(call: Call, arguments: Plain) -> Plain:
    """List a zone's records; raises CloudError for a filter that the lab does not have."""
    unknown = arguments.keys() - {"zoneId", "maxItems", "match", "direction", "order"}
    if unknown:
        raise CloudError("not in the lab", f"getDnsRecords by {', '.join(sorted(unknown))}")
    found = [
        {"id": record_id} | record
        for record_id, record in call.world.find(DNS_RECORD).items()
        if record["zoneId"] == arguments["zoneId"]
    ]
    return arguments | {"results": found[: int(arguments.get("maxItems", _MOST))]}


def _result(zone_id: str, name: str, arguments: Plain) -> Plain:
    result: Plain = {
        "id": zone_id,
        "zoneId": zone_id,
        "name": name,
        "status": "active",
        "type": "full",
        "paused": False,
        "nameServers": list(NAME_SERVERS),
        "account": {"id": "0" * 32, "name": "lab"},
    }
    if "filter" in arguments:
        result["filter"] = {"match": "all"} | arguments["filter"]
    return result
