"""The server's certificate: pairs that the user brings, and what Let's Encrypt is asked for."""

from collections.abc import Iterator

from settings.checks.certificate import Pair
from settings.errors import Problem
from settings.paths import Loc, config_path, set_command
from settings.stack import Settings
from settings.tls import KeyPair, LetsEncryptTls, ManualTls

_TLS: Loc = ("server", "tls")
_ANSWERED_BY: frozenset[str] = frozenset({"cloudflare"})
"""The DNS providers where the ACME client can answer a challenge."""


def tls_problems(settings: Settings) -> Iterator[Problem]:
    """Refuse certificates that no client would take, and orders that cannot be met."""
    tls = settings.server.tls
    if isinstance(tls, ManualTls):
        first = _read(tls)
        yield from _pair_problems(_TLS, first, settings.server.hostname)
        if tls.fallback is not None:
            at: Loc = (*_TLS, "fallback")
            second = _read(tls.fallback)
            yield from _pair_problems(at, second, settings.server.hostname)
            if first.key_kind is not None and first.key_kind == second.key_kind:
                yield _certificate_problem(
                    at, f"has a key of the same kind as the first one ({first.key_kind})"
                )
    elif isinstance(tls, LetsEncryptTls):
        yield from _order_problems(settings, tls)


def _order_problems(settings: Settings, tls: LetsEncryptTls) -> Iterator[Problem]:
    hostname, provider = settings.server.hostname, settings.dns.provider
    if provider not in _ANSWERED_BY:
        yield Problem(
            path=config_path((*_TLS, "kind")),
            message="is letsencrypt, which the ACME client obtains through Cloudflare's DNS alone, "
            f"but dns.provider is {provider}",
            remedy=f"{set_command((*_TLS, 'kind'), 'manual')}, with a certificate that you bring, "
            "or traefik or caddy where one of them runs on the host",
        )
    zone, parent = settings.zones[hostname], hostname.partition(".")[2]
    if tls.wildcard and parent != zone and not parent.endswith(f".{zone}"):
        yield Problem(
            path=config_path((*_TLS, "wildcard")),
            message=f"*.{parent} is above the zone {zone}, where we cannot answer for it",
            remedy=set_command((*_TLS, "wildcard"), "false"),
        )


def _read(pair: KeyPair) -> Pair:
    return Pair(certificate=pair.certificate, key=pair.key.get_secret_value())


def _pair_problems(at: Loc, pair: Pair, hostname: str) -> Iterator[Problem]:
    if fault := pair.certificate_fault(hostname):
        yield _certificate_problem(at, fault)
    if fault := pair.key_fault():
        yield _key_problem(at, fault)


def _certificate_problem(at: Loc, message: str) -> Problem:
    loc = (*at, "certificate")
    remedy = set_command(loc, "").removesuffix("''") + "< fullchain.pem"
    return Problem(path=config_path(loc), message=message, remedy=remedy)


def _key_problem(at: Loc, message: str) -> Problem:
    loc = (*at, "key")
    remedy = set_command(loc, "", secret=True) + " < privkey.pem"
    return Problem(path=config_path(loc), message=message, remedy=remedy)
