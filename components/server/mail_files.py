"""From the settings to the config volume's files, with stand-ins for the secrets."""

from collections.abc import Mapping

from components.dkim import Dkim
from components.mailboxes import Mailboxes
from components.placeholders import Placeholders
from components.relay.relay import Relays
from components.relay.smarthost import Smarthost
from components.tls.tls import CertificatePair, ServerCertificate
from mail.dkim import private_key_for
from mail.dms.files import ConfigFile, config_files
from mail.dms.inputs import (
    Alias,
    CatchAll,
    Certificate,
    Mailbox,
    Master,
    RegexpAlias,
    RelayAccess,
    ServerFiles,
    SigningKey,
)
from settings import Settings


def all_files(
    settings: Settings,
    *,
    mailboxes: Mailboxes,
    dkim: Mapping[str, Dkim],
    relays: Relays,
    certificate: ServerCertificate,
    ipv6: bool,
    placeholders: Placeholders,
) -> dict[str, ConfigFile]:
    """Render every file of the config volume; secrets are stand-ins in the texts."""
    hashes = {login: placeholders.text(value) for login, value in mailboxes.hashes.items()}
    signer = settings.server.signer
    return config_files(
        ServerFiles(
            mailboxes=tuple(
                Mailbox(address=box.address, password_hash=hashes[box.address], quota=box.quota)
                for box in settings.mailboxes
            ),
            aliases=tuple(
                Alias(address=alias, targets=targets) for alias, targets in settings.aliases.items()
            ),
            catch_alls=tuple(
                CatchAll(domain=domain, target=target)
                for domain, target in settings.catch_alls.items()
            ),
            regexp_aliases=tuple(
                RegexpAlias(pattern=pattern, targets=targets)
                for pattern, targets in settings.server.regexp_aliases.items()
            ),
            masters=tuple(
                Master(name=name, password_hash=hashes[name]) for name in settings.server.masters
            ),
            relay=_access(relays.default, placeholders),
            domain_relays={
                domain: _access(smarthost, placeholders)
                for domain, smarthost in relays.domains.items()
            },
            signer=signer,
            dkim_keys=tuple(
                SigningKey(
                    domain=key.name.domain,
                    selector=key.name.selector,
                    private_key=placeholders.text(
                        key.private_key.apply(lambda pem: private_key_for(signer, pem))
                    ),
                )
                for pair in dkim.values()
                for key in pair.pairs
            ),
            certificate=_pair(certificate.pair, placeholders),
            fallback=_pair(certificate.fallback, placeholders),
            ipv6=ipv6,
            user_files={
                path: content.get_secret_value() for path, content in settings.server.files.items()
            },
        )
    )


def _access(smarthost: Smarthost | None, placeholders: Placeholders) -> RelayAccess | None:
    if smarthost is None:
        return None
    return RelayAccess(
        host=smarthost.host,
        port=smarthost.port,
        user=placeholders.text(smarthost.user),
        password=placeholders.text(smarthost.password),
    )


def _pair(pair: CertificatePair | None, placeholders: Placeholders) -> Certificate | None:
    if pair is None:
        return None
    return Certificate(chain=placeholders.text(pair.chain), key=placeholders.text(pair.key))
