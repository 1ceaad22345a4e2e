"""Sending through a smarthost: Postfix's credentials and TLS settings.

Why DEFAULT_RELAY_HOST and not RELAY_HOST: docker-mailserver turns RELAY_HOST into a map by sender
domain, which leaves out everything without one of our senders. Bounces (empty sender) and forwarded
mail would then go out directly, on port 25, which EC2 blocks: they would sit in the queue for days.
DEFAULT_RELAY_HOST becomes Postfix's own `relayhost` and takes all of them.
"""

from mail.dms.inputs import RelayAccess
from mail.dms.text import SECRET_MODE, ConfigFile, lines_file

_TLS_FROM_THE_START = frozenset({465, 2465})  # RFC 8314 3.3, and SES's alternative port


def relay_files(relay: RelayAccess | None) -> dict[str, ConfigFile]:
    """Give the credentials file, or nothing without a relay.

    The file's mere presence makes docker-mailserver demand TLS and authentication of every server
    it sends to, so it must not exist when mail goes out directly.
    Raises ValueError for a user or password that the file cannot carry.
    """
    if relay is None:
        return {}
    if not relay.user or ":" in relay.user or relay.user.split() != [relay.user]:
        raise ValueError("the relay's user may not be empty nor hold a colon or a blank")
    if not relay.password or relay.password != relay.password.strip():
        raise ValueError("the relay's password may not be empty nor begin or end with a blank")
    entry = f"{relay.nexthop} {relay.user}:{relay.password}"
    return {"postfix-sasl-password.cf": lines_file([entry], mode=SECRET_MODE)}


def relay_main_lines(relay: RelayAccess | None) -> list[str]:
    """Give the lines that postfix-main.cf needs for a relay.

    docker-mailserver asks only for *some* TLS on the way to the relay; "secure" also checks its
    certificate and name, so that nobody in between gets the password.
    """
    if relay is None:
        return []
    lines = [f"smtp_tls_policy_maps = inline:{{ {{ {relay.nexthop} = secure }} }}"]
    if relay.port in _TLS_FROM_THE_START:
        lines.append("smtp_tls_wrappermode = yes")
    return lines
