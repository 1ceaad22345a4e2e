"""One server with a bit of everything, for the tests of its files."""

import pytest

from mail import dkim
from mail.dms import inputs

HASH = "{SHA512-CRYPT}$6$rounds=100000$saltsaltsaltsalt$" + "h" * 86


@pytest.fixture(scope="session")
def rsa_key() -> str:
    return dkim.generate_key("rsa")


@pytest.fixture(scope="session")
def ed25519_key() -> str:
    return dkim.generate_key("ed25519")


@pytest.fixture(scope="session")
def server(rsa_key: str, ed25519_key: str) -> inputs.ServerFiles:
    domains = ("example.test", "xn--bcher-kva.example")
    keys = [("mail", rsa_key), ("mail-ed25519", ed25519_key)]
    return inputs.ServerFiles(
        mailboxes=(
            inputs.Mailbox(address="xbob@example.test", password_hash=HASH, quota="500M"),
            inputs.Mailbox(address="bob@example.test", password_hash=HASH),
            inputs.Mailbox(address="alice@example.test", password_hash=HASH, quota="2G"),
            inputs.Mailbox(address="carol@xn--bcher-kva.example", password_hash=HASH, quota="0"),
        ),
        aliases=(
            inputs.Alias(address="postmaster@example.test", targets=("alice@example.test",)),
            inputs.Alias(
                address="team@example.test",
                targets=("alice@example.test", "Bob+mail@elsewhere.test"),
            ),
        ),
        catch_alls=(inputs.CatchAll(domain="example.test", target="alice@example.test"),),
        regexp_aliases=(
            inputs.RegexpAlias(
                pattern="/^sales-(.+)@example\\.test$/i", targets=("$1@elsewhere.test",)
            ),
            inputs.RegexpAlias(pattern="/^sales/", targets=("alice@example.test",)),
        ),
        masters=(inputs.Master(name="root", password_hash=HASH),),
        relay=inputs.RelayAccess(
            host="email-smtp.eu-central-1.amazonaws.com", port=587, user="AKIA", password="p:a ss"
        ),
        dkim_keys=tuple(
            inputs.SigningKey(
                domain=domain, selector=selector, private_key=dkim.private_key_for_rspamd(key)
            )
            for domain in domains
            for selector, key in keys
        ),
        certificate=inputs.Certificate(chain="CERT\nCHAIN", key="KEY\n"),
        user_files={
            "postfix-main.cf": "message_size_limit = 52428800\r\n",
            "postfix-aliases.cf": "devnull: /dev/null",
            "rspamd/custom-commands.conf": "set-option-for-module dkim_signing sign_local true",
            "user-patches.sh": "#!/bin/bash\ntrue\n",
        },
    )
