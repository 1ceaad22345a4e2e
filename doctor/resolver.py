"""The DNS as the doctor asks it: through one server, or the system's."""

import ipaddress
from urllib.parse import urlsplit

import dns.exception
import dns.name
import dns.rdata
import dns.rdtypes.txtbase
import dns.resolver

from doctor.errors import DnsError, DoctorError

_DNS_PORT = 53
_LIFETIME = 5.0  # seconds for one question, all retries included


class Resolver:
    """Asks the DNS. Safe to share between threads: nothing is cached."""

    def __init__(self, server: str | None = None, *, lifetime: float = _LIFETIME) -> None:
        """Ask `server` ("HOST:PORT", "HOST" or "[IPv6]:PORT"), or the system's servers if None.

        `lifetime` bounds one question, in seconds. Raises DoctorError for a bad `server`, or when
        the system has none.
        """
        if server is None:
            try:
                self.engine = dns.resolver.Resolver()
            except dns.resolver.NoResolverConfiguration:
                raise DoctorError(
                    "this machine has no DNS server configured: name one with --dns HOST:PORT"
                ) from None
            self.server = "the system's DNS servers"
        else:
            host, port = _host_and_port(server)
            self.engine = dns.resolver.Resolver(configure=False)
            self.engine.nameservers = [host]
            self.engine.port = port
            self.server = f"the DNS server {server}"
        self.engine.lifetime = lifetime
        self.engine.timeout = lifetime / 2  # so that one lost packet is asked for again

    def look_up(self, name: str, kind: str) -> list[dns.rdata.Rdata]:
        """Give every record of that type (such as "TXT") at that name, CNAMEs followed.

        Empty when there is none. Raises DnsError when no server gave an answer.
        """
        try:
            answer = self.engine.resolve(dns.name.from_text(name), kind)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.resolver.NoNameservers, dns.exception.Timeout) as error:
            reason = "timed out" if isinstance(error, dns.exception.Timeout) else "refused"
            raise DnsError(f"{self.server} gave no answer for {name} {kind}: {reason}") from None
        return list(answer)

    def texts(self, name: str) -> list[str]:
        """Give the TXT values at a name, each joined from its parts. Raises DnsError."""
        return [
            b"".join(rdata.strings).decode("utf-8", "backslashreplace")
            for rdata in self.look_up(name, "TXT")
            if isinstance(rdata, dns.rdtypes.txtbase.TXTBase)
        ]

    def addresses(self, name: str) -> set[str]:
        """Give the IPv4 and IPv6 addresses of a name. Raises DnsError."""
        return {rdata.to_text() for kind in ("A", "AAAA") for rdata in self.look_up(name, kind)}


def _host_and_port(server: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{server}")
        host, port = ipaddress.ip_address(parts.hostname or ""), parts.port
    except ValueError:
        raise DoctorError(
            f"{server!r} is not a DNS server: give its address, as in 127.0.0.1:5353"
        ) from None
    return str(host), port or _DNS_PORT
