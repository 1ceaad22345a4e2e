"""Sending through smarthosts: which way each sender's mail goes, Postfix's logins there, and TLS.

Neither RELAY_HOST nor DEFAULT_RELAY_HOST decides the way. The first turns into a map by sender
domain, which leaves out everything without one of our senders: bounces (empty sender) and forwarded
mail would go out directly, on port 25, which EC2 blocks. The second becomes Postfix's `relayhost`,
which takes all of them and which no sender can be exempted from. So Postfix's `default_transport`
names the server's relay, and `sender_dependent_default_transport_maps` the domains' own, or none
(postconf(5)). docker-mailserver's relay feature keeps the logins, and notices when they change.
"""

from collections.abc import Iterator, Mapping

from mail.dms.inputs import RelayAccess
from mail.dms.signing import VOLUME
from mail.dms.text import SECRET_MODE, ConfigFile, lines_file

LOGINS = "postfix-sasl-password.cf"
MAP = "postfix-relaymap.cf"
# Before MAP in the alphabet, the order in which files are written: when docker-mailserver notices
# the map's change and reloads Postfix, these are in place.
TLS = "postfix-relay-tls.cf"
TRANSPORTS = "postfix-relay-transports.cf"

_TLS_FROM_THE_START = frozenset({465, 2465})  # RFC 8314 3.3, and SES's alternative port
# Postfix's second SMTP client, which docker-mailserver leaves unused: TLS from the start is a
# setting of a client as a whole.
_PLAIN_CLIENT, _TLS_CLIENT = "smtp", "relay"
_DIRECTLY = f"{_PLAIN_CLIENT}:"  # with no next hop but the recipient's own server

Routes = Mapping[str, RelayAccess | None]
"""Domain → its own smarthost; None is to deliver directly. Domains without an entry follow the
server's relay."""


def relay_files(relay: RelayAccess | None, domains: Routes) -> dict[str, ConfigFile]:
    """Give the files that name the smarthosts and the logins there; none where there is none.

    The logins' mere presence makes docker-mailserver demand TLS and authentication of every server
    it sends to, so they must not exist when all mail goes out directly.
    Raises ValueError for a user or password that the file cannot carry.
    """
    smarthosts = _smarthosts(relay, domains)
    if not smarthosts:
        return {}
    return {
        LOGINS: lines_file(_logins(relay, domains), mode=SECRET_MODE),
        # docker-mailserver's own map of the same: what Postfix does follows TRANSPORTS, but this
        # is the file whose change it notices. A domain alone is its way to write "directly".
        MAP: lines_file(
            f"@{domain} {route.nexthop}" if route else f"@{domain}"
            for domain, route in sorted(domains.items())
        ),
        TRANSPORTS: lines_file(
            f"@{domain} {_transport(route) if route else _DIRECTLY}"
            for domain, route in sorted(domains.items())
        ),
        TLS: lines_file(f"{nexthop} secure" for nexthop in sorted({h.nexthop for h in smarthosts})),
    }


def relay_main_lines(relay: RelayAccess | None, domains: Routes) -> list[str]:
    """Give the lines that postfix-main.cf needs for the smarthosts.

    docker-mailserver asks only for *some* TLS on the way, of everyone. "secure" also checks the
    smarthost's certificate and name, so that nobody in between gets the password; and where mail
    also leaves directly, servers without TLS must still get theirs.
    """
    if not _smarthosts(relay, domains):
        return []
    policies = [f"texthash:{VOLUME}/{TLS}"]
    if relay is None or None in domains.values():
        policies.append("static:may")
    return [
        # Not a last, static table behind the domains': Postfix asks every table for a sender's full
        # address before it asks any for the domain.
        *([f"default_transport = {_transport(relay)}"] if relay else []),
        f"sender_dependent_default_transport_maps = texthash:{VOLUME}/{TRANSPORTS}",
        f"smtp_tls_policy_maps = {', '.join(policies)}",
    ]


def relay_master_lines(relay: RelayAccess | None, domains: Routes) -> list[str]:
    """Give the line that postfix-master.cf needs for smarthosts with TLS from the start."""
    if not any(host.port in _TLS_FROM_THE_START for host in _smarthosts(relay, domains)):
        return []
    return [f"{_TLS_CLIENT}/unix/smtp_tls_wrappermode=yes"]


def _smarthosts(relay: RelayAccess | None, domains: Routes) -> list[RelayAccess]:
    return [host for host in (relay, *domains.values()) if host is not None]


def _transport(host: RelayAccess) -> str:
    client = _TLS_CLIENT if host.port in _TLS_FROM_THE_START else _PLAIN_CLIENT
    return f"{client}:{host.nexthop}"


def _logins(relay: RelayAccess | None, domains: Routes) -> Iterator[str]:
    """Yield each login under its next hop, which alone gets to see it.

    Two logins at one next hop are told apart by the sender, who comes first in Postfix's search.
    """
    by_nexthop: dict[str, str] = {}
    if relay is not None:
        by_nexthop[relay.nexthop] = _login(relay)
        yield f"{relay.nexthop} {_login(relay)}"
    for domain, host in sorted(domains.items()):
        if host is None:
            continue
        login = _login(host)
        if host.nexthop not in by_nexthop:
            by_nexthop[host.nexthop] = login
            yield f"{host.nexthop} {login}"
        elif by_nexthop[host.nexthop] != login:
            yield f"@{domain} {login}"


def _login(host: RelayAccess) -> str:
    if not host.user or ":" in host.user or host.user.split() != [host.user]:
        raise ValueError("the relay's user may not be empty nor hold a colon or a blank")
    if not host.password or host.password != host.password.strip():
        raise ValueError("the relay's password may not be empty nor begin or end with a blank")
    return f"{host.user}:{host.password}"
