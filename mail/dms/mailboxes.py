"""Accounts, aliases, quotas and masters as docker-mailserver's files."""

from mail.dms.inputs import ServerFiles
from mail.dms.quota import UNLIMITED
from mail.dms.text import SECRET_MODE, ConfigFile, lines_file


def mailbox_files(inputs: ServerFiles) -> dict[str, ConfigFile]:
    """Give the files that say who has a mailbox and where mail for whom goes."""
    return {
        "postfix-accounts.cf": _accounts(inputs),
        "postfix-virtual.cf": _virtual(inputs),
        "postfix-regexp.cf": _regexp(inputs),
        "dovecot-quotas.cf": _quotas(inputs),
        "dovecot-masters.cf": _masters(inputs),
    }


def _shortest_first(address: str) -> tuple[int, str]:
    # docker-mailserver greps for a login without anchors and takes the first hit, so that the line
    # of "xbob@…" must not come before that of "bob@…".
    return len(address), address


def _accounts(inputs: ServerFiles) -> ConfigFile:
    mailboxes = sorted(inputs.mailboxes, key=lambda mailbox: _shortest_first(mailbox.address))
    return lines_file(
        (f"{mailbox.address}|{mailbox.password_hash}" for mailbox in mailboxes), mode=SECRET_MODE
    )


def _virtual(inputs: ServerFiles) -> ConfigFile:
    table = {alias.address: alias.targets for alias in inputs.aliases}
    caught = {catch_all.domain for catch_all in inputs.catch_alls}
    for mailbox in inputs.mailboxes:
        # Postfix looks up aliases before mailboxes: without an entry of its own, an account of the
        # domain would lose its mail to the catch-all.
        if mailbox.address.rpartition("@")[2] in caught:
            table.setdefault(mailbox.address, (mailbox.address,))
    table |= {f"@{catch_all.domain}": (catch_all.target,) for catch_all in inputs.catch_alls}
    return lines_file(f"{address} {','.join(table[address])}" for address in sorted(table))


def _regexp(inputs: ServerFiles) -> ConfigFile:
    # The first match wins in Postfix, so the user's order stays.
    return lines_file(
        f"{alias.pattern} {','.join(alias.targets)}" for alias in inputs.regexp_aliases
    )


def _quotas(inputs: ServerFiles) -> ConfigFile:
    # A line for every account: with none of its own, an account would get the line of a longer
    # login that ends in its name.
    quotas = {mailbox.address: mailbox.quota or UNLIMITED for mailbox in inputs.mailboxes}
    return lines_file(
        f"{address}:{quotas[address]}" for address in sorted(quotas, key=_shortest_first)
    )


def _masters(inputs: ServerFiles) -> ConfigFile:
    masters = sorted(inputs.masters, key=lambda master: master.name)
    return lines_file(
        (f"{master.name}|{master.password_hash}" for master in masters), mode=SECRET_MODE
    )
