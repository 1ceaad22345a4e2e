"""The signers' tables name every key of every domain, and only keys that they can use."""

from dataclasses import replace

import pytest

from mail import dkim
from mail.dms.files import config_files
from mail.dms.inputs import ServerFiles
from mail.dms.signing import signing_files


def test_rspamd_reads_each_key_from_where_it_lies(server: ServerFiles) -> None:
    rendered = signing_files(server)
    config = rendered["rspamd/override.d/dkim_signing.conf"].content
    keys = [path for path in rendered if path.startswith("rspamd/dkim/")]
    assert len(keys) == 4
    for path in keys:
        assert f'path = "/tmp/docker-mailserver/{path}";' in config
    assert config.count('selector = "mail-ed25519";') == 2


def test_each_key_file_holds_its_own_key(
    server: ServerFiles, rsa_key: str, ed25519_key: str
) -> None:
    rendered = signing_files(server)
    assert rendered["rspamd/dkim/example.test.mail.key"].content == rsa_key
    seed = dkim.private_key_for_rspamd(ed25519_key)
    assert rendered["rspamd/dkim/example.test.mail-ed25519.key"].content == seed


def test_only_what_a_logged_in_user_sends_is_signed(server: ServerFiles) -> None:
    config = signing_files(server)["rspamd/override.d/dkim_signing.conf"].content
    assert "sign_authenticated = true;" in config
    assert "sign_local = false;" in config


def test_opendkim_gets_no_ed25519_key(ed25519_key: str) -> None:
    with pytest.raises(ValueError, match="RSA keys only"):
        dkim.private_key_for("opendkim", ed25519_key)


@pytest.mark.parametrize("signer", ["rspamd", "opendkim"])
def test_mail_waits_while_the_signer_restarts(server: ServerFiles, signer: dkim.Signer) -> None:
    main = config_files(replace(server, signer=signer))["postfix-main.cf"].content
    assert "milter_default_action = tempfail" in main.splitlines()
