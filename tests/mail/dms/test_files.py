"""The config volume as a whole: its files, and which change asks for what."""

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from mail.dms import files
from mail.dms.inputs import ServerFiles
from mail.dms.text import ConfigFile

ALWAYS = {
    "dovecot-masters.cf",
    "dovecot-quotas.cf",
    "postfix-accounts.cf",
    "postfix-aliases.cf",
    "postfix-main.cf",
    "postfix-regexp.cf",
    "postfix-virtual.cf",
    "rspamd/override.d/dkim_signing.conf",
}


def _text(rendered: dict[str, ConfigFile]) -> str:
    """Everything but the keys, which are made anew for every test run."""
    parts = []
    for path, file in rendered.items():
        key = "dkim/" in path or "/keys/" in path
        content = "(a key)\n" if key else file.content
        parts.append(f"--- {path} {file.mode:04o} {file.owner or 'root'}\n{content}")
    return "".join(parts)


def test_every_file_for_rspamd(server: ServerFiles, snapshot: SnapshotAssertion) -> None:
    assert _text(files.config_files(server)) == snapshot


def test_every_file_for_opendkim(server: ServerFiles, snapshot: SnapshotAssertion) -> None:
    rsa = tuple(key for key in server.dkim_keys if key.selector == "mail")
    rendered = files.config_files(replace(server, signer="opendkim", dkim_keys=rsa))
    assert _text(rendered) == snapshot


def test_the_least_server_still_has_every_watched_file() -> None:
    rendered = files.config_files(ServerFiles(mailboxes=()))
    assert set(rendered) == ALWAYS
    assert all(file.content.startswith("#") for file in rendered.values())


def test_every_file_ends_with_one_line_end_and_has_unix_lines(server: ServerFiles) -> None:
    for path, file in files.config_files(server).items():
        assert file.content.endswith("\n"), path
        assert "\r" not in file.content, path


def test_the_users_lines_come_after_ours_so_that_they_win(server: ServerFiles) -> None:
    lines = files.config_files(server)["postfix-main.cf"].content.splitlines()
    assert lines[-1] == "message_size_limit = 52428800"
    assert lines[-2].startswith("smtp_tls_policy_maps")


def test_what_holds_a_secret_is_for_root_or_rspamd_alone(server: ServerFiles) -> None:
    rendered = files.config_files(server)
    secret = {path for path, file in rendered.items() if file.mode == 0o600}
    assert secret == {
        "dovecot-masters.cf",
        "postfix-accounts.cf",
        "postfix-sasl-password.cf",
        "ssl/key.pem",
        *(path for path in rendered if path.startswith("rspamd/dkim/")),
    }
    owners = {file.owner for path, file in rendered.items() if path.startswith("rspamd/dkim/")}
    assert owners == {"_rspamd"}


@pytest.mark.parametrize("path", ["secrets/oauth", "getmail/a.cf", "fetchmail.cf"])
def test_a_users_secret_is_for_root_alone(server: ServerFiles, path: str) -> None:
    rendered = files.config_files(replace(server, user_files={path: "s"}))
    assert rendered[path].mode == 0o600


def test_no_secret_shows_in_a_repr(server: ServerFiles) -> None:
    shown = repr(server) + repr(files.config_files(server))
    for secret in ("PRIVATE KEY", "$6$", "p:a ss", "KEY\\n"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("path", "watched"),
    [
        ("postfix-accounts.cf", True),
        ("dovecot-quotas.cf", True),
        ("rspamd/dkim/example.test.mail.key", True),
        ("rspamd/override.d/dkim_signing.conf", True),
        ("ssl/cert.pem", True),
        ("postfix-relaymap.cf", True),
        ("postfix-relay-transports.cf", True),
        ("postfix-main.cf", False),
        ("opendkim/KeyTable", False),
        ("user-patches.sh", False),
        ("alice@example.test.dovecot.sieve", False),
    ],
)
def test_what_is_taken_up_live(path: str, watched: bool) -> None:
    assert files.is_watched(path) is watched


def test_an_account_asks_for_no_new_container(server: ServerFiles) -> None:
    fewer = replace(server, mailboxes=server.mailboxes[:1], aliases=(), catch_alls=(), masters=())
    assert files.start_only(files.config_files(server)) == files.start_only(
        files.config_files(fewer)
    )


def test_a_relay_of_another_domain_asks_for_no_new_container(server: ServerFiles) -> None:
    one = {"a.test": server.relay}
    started = files.start_only(files.config_files(replace(server, domain_relays=one)))
    two = replace(server, domain_relays={**one, "b.test": server.relay})
    assert files.start_only(files.config_files(two)) == started
    direct = replace(server, domain_relays={**one, "b.test": None})
    assert files.start_only(files.config_files(direct)) != started


def test_what_postfix_reads_is_written_before_what_has_it_read_again(server: ServerFiles) -> None:
    paths = [path for path in files.config_files(server) if path.startswith("postfix-relay")]
    assert paths[-1] == "postfix-relaymap.cf"
    assert len(paths) == 3


def test_a_domain_asks_for_no_new_container_with_rspamd(server: ServerFiles) -> None:
    server = replace(server, user_files={})
    fewer = replace(server, dkim_keys=server.dkim_keys[:2])
    assert files.start_only(files.config_files(server)) == files.start_only(
        files.config_files(fewer)
    )


def test_custom_commands_make_rspamds_overrides_start_only(server: ServerFiles) -> None:
    chosen = files.start_only(files.config_files(server))
    assert "rspamd/custom-commands.conf" in chosen
    assert "rspamd/override.d/dkim_signing.conf" in chosen


def test_what_is_read_at_start_asks_for_a_new_container(server: ServerFiles) -> None:
    before = files.start_only(files.config_files(server))
    assert set(before) >= {"postfix-main.cf", "user-patches.sh"}
    changed = replace(server, user_files={**server.user_files, "postfix-main.cf": "x = y"})
    assert files.start_only(files.config_files(changed)) != before


def test_a_relay_asks_for_a_new_container_but_its_new_password_does_not(
    server: ServerFiles,
) -> None:
    assert server.relay is not None
    before = files.start_only(files.config_files(server))
    rotated = replace(server, relay=replace(server.relay, password="new"))
    assert files.start_only(files.config_files(rotated)) == before
    without = replace(server, relay=None)
    assert files.start_only(files.config_files(without)) != before


def test_a_vanished_override_is_emptied_and_anything_else_deleted() -> None:
    emptied = files.removed("rspamd/override.d/greylist.conf")
    assert emptied is not None
    assert emptied.content.startswith("#")
    assert files.removed("rspamd/dkim/example.test.mail.key") is None
    assert files.removed("user-patches.sh") is None


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/etc/passwd", "inside the config volume"),
        ("../x", "inside the config volume"),
        ("a/../../x", "inside the config volume"),
        ("a\nb", "inside the config volume"),
        ("", "plainly"),
        (".", "plainly"),
        ("./x", "plainly"),
        ("a//b", "plainly"),
        ("postfix-accounts.cf", "mailstack itself"),
        ("rspamd/dkim/example.test.mail.key", "mailstack itself"),
        ("opendkim/KeyTable", "mailstack itself"),
    ],
)
def test_a_users_path_that_cannot_be_is_refused(path: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        files.config_files(ServerFiles(mailboxes=(), user_files={path: "x"}))


@pytest.mark.parametrize("path", ["sieve-pipe/x.sh", "sieve-filter/y", "user-patches.sh"])
def test_programs_are_executable(path: str) -> None:
    assert files.config_files(ServerFiles(mailboxes=(), user_files={path: "x"}))[path].mode == 0o755


@pytest.mark.parametrize("ipv6", [False, True])
def test_mail_leaves_over_ipv4_where_there_are_both(server: ServerFiles, ipv6: bool) -> None:
    main = files.config_files(replace(server, ipv6=ipv6))["postfix-main.cf"].content
    assert ("smtp_address_preference = ipv4\n" in main) is ipv6
