"""Faults of single values: each has its path, what is wrong, and what mends it."""

from typing import Any

import pytest

from settings import SettingsError, load
from tests.settings.conftest import Raw, Spoil

ALICE = ("domains", "example.test", "accounts", "alice")
AT_ALICE = 'mailstack:domains["example.test"].accounts.alice'
SSH = {"kind": "ssh", "address": "192.0.2.1", "hostKey": "ssh-ed25519 AAAA"}


@pytest.mark.parametrize(
    ("spoilt", "path", "message", "remedy"),
    [
        ((*ALICE, "quota", "2X"), f"{AT_ALICE}.quota", "'2X' is not a quota", "quota' 2G"),
        ((*ALICE, "quota", 2), f"{AT_ALICE}.quota", "'2' is not a quota; write a", "quota' 2G"),
        ((*ALICE, "quota", True), f"{AT_ALICE}.quota", "text, not true or", "quota' 2G"),
        (("dns", "zones", [5]), "mailstack:dns.zones[0]", "--type string", "mail.example.com"),
        ((*ALICE, "qota", "2G"), f"{AT_ALICE}.qota", "nearest right one is `quota`", "rm --path"),
        ((*ALICE, "zzz", "2G"), f"{AT_ALICE}.zzz", "known here: password, quota", "rm --path"),
        ((*ALICE, []), AT_ALICE, "must be a map, not a list", "`alice: {}`"),
        ((*ALICE, "aliases", "x"), f"{AT_ALICE}.aliases", "must be a list, not text", "aliases: ["),
        (
            (*ALICE, "aliases", ["a b"]),
            f"{AT_ALICE}.aliases[0]",
            "'a b' is not a mailbox",
            "postmaster",
        ),
        ((*ALICE, "password", 5), f"{AT_ALICE}.password", "must be text, not a number", "--secret"),
        ((*ALICE, "password", ""), f"{AT_ALICE}.password", "is empty", "--secret"),
        ((*ALICE[:3], "Bob", {}), f"{AT_ALICE[:-5]}Bob", "capital letters", "write it right"),
        ((*ALICE[:3], ["bob"]), AT_ALICE[:-6], "must be a map, not a list", "accounts: {"),
        (("domains", ["example.test"]), "mailstack:domains", "must be a map, not a list", "{"),
        (("domains", {}), "mailstack:domains", "must not be empty", 'domains: {"example.com"'),
        (("domains", "nodot", {}), "mailstack:domains.nodot", "has no dot", "rm --path"),
        (("domains", "a..b", {}), 'mailstack:domains["a..b"]', "not a domain name", "rm --path"),
        (("domains", 7, {}), "mailstack:domains[7]", "a key must be text", "rm --path"),
        (("server", "hostname", "mail"), "mailstack:server.hostname", "no dot", "mail.example.com"),
        (("server", "hostname", None), "mailstack:server.hostname", "is required", "mail.example"),
        (("server", "services", []), "mailstack:server.services", "not be empty", "services: ["),
        (("server", "services", ["smpt"]), "mailstack:server.services[0]", "must be 's", " smtp"),
        (("server", "postmaster", "x"), "mailstack:server.postmaster", "not an address", "alice@"),
        (("server", "files", {"a": 1}), "mailstack:server.files.a", "must be text", "--secret"),
        (("server", "dkimSelector", "A b"), "mailstack:server.dkimSelector", "selector", "s2026"),
        (("server", "environment", {"ENABLE_POP3": True}), None, "true and false mean", " 1"),
        (("dns", "ttl", 5), "mailstack:dns.ttl", "between 60 and 86400", "ttl 3600"),
        (("dns", "ttl", "soon"), "mailstack:dns.ttl", "whole number, not text", "ttl 3600"),
        (("dns", "provider", "x"), "mailstack:dns.provider", "'cloudflare'", "cloudflare"),
        (("dns", "zones", ["-"]), "mailstack:dns.zones[0]", "not a domain name", "example.com"),
        (("host", None), "mailstack:host", "is required", "host: {"),
        (("host", "aws"), "mailstack:host", "must be a map", "host: {"),
        (("host", {"kind": "gcp"}), "mailstack:host.kind", "aws, local, ssh", "host.kind aws"),
        (("host", {}), "mailstack:host.kind", "is required", "host.kind aws"),
        (
            ("host", {"kind": "aws", "sshFrom": ["::/0"]}),
            "mailstack:host.region",
            "is required",
            "eu-central-1",
        ),
        (("host", "sshFrom", []), "mailstack:host.sshFrom", "must not be empty", "198.51"),
        (("host", "sshFrom", ["all"]), "mailstack:host.sshFrom[0]", "IPv4 or IPv6", "198.51"),
        (("host", "dataVolumeSize", 0), "mailstack:host.dataVolumeSize", "greater than", "40"),
        (("host", SSH), "mailstack:host.hostKey", "not an OpenSSH public key", "ssh-ed25519"),
        (("relay", {"kind": "smtp"}), "mailstack:relay.password", "is required", "--secret"),
        (("relay", {"kind": "smtp"}), "mailstack:relay.user", "is required", "relay.user"),
        (("host", "region", "Europe"), "mailstack:host.region", "not an AWS region", "eu-c"),
        (("host", SSH | {"user": "-x y"}), "mailstack:host.user", "not a user's name", "root"),
        (("host", SSH | {"address": "::1"}), "mailstack:host.address", "must be a name", "192.0.2"),
        ((*ALICE, "password", "{PLAIN}x"), f"{AT_ALICE}.password", "known scheme", "--secret"),
        (("sever", {}), "mailstack:sever", "nearest right one is `server`", "rm --path"),
    ],
)
def test_refused(
    problems_with: Spoil, spoilt: tuple[Any, ...], path: str | None, message: str, remedy: str
) -> None:
    expected = path or "mailstack:server.environment.ENABLE_POP3"
    found = {problem.path: problem for problem in problems_with(*spoilt)}
    assert expected in found
    assert message in found[expected].message
    assert remedy in found[expected].remedy


def test_one_fault_is_one_problem(problems_with: Spoil) -> None:
    assert len(problems_with("server", "services", ["smpt"])) == 1


def test_a_key_of_python_is_not_one_of_the_file(problems_with: Spoil) -> None:
    (problem,) = problems_with("host", "instance_type", "t4g.small")
    assert "`instanceType`" in problem.message


def test_a_lone_alias_target_has_no_index_in_its_path(problems_with: Spoil) -> None:
    (problem,) = problems_with("domains", "example.test", "aliases", "x", "not good")
    assert problem.path == 'mailstack:domains["example.test"].aliases.x'


def test_an_ssh_host_by_name_needs_its_address(problems_with: Spoil) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJJCsqrGVGIKOS4tGrVRZNgmPSPRVBsUHfCIQBnhqBrh"
    host = {"kind": "ssh", "address": "box.example.net", "hostKey": key}
    (problem,) = problems_with("host", host)
    assert problem.path == "mailstack:host.ipv4"
    assert load_with_host(host | {"ipv4": "192.0.2.7"}) == "192.0.2.7"
    assert load_with_host(host | {"address": "192.0.2.8"}) == "192.0.2.8"


def load_with_host(host: Raw) -> str | None:
    from settings.host import SshHost
    from tests.settings.conftest import GOOD

    relay = {"kind": "none"}
    loaded = load(GOOD | {"host": host, "relay": relay}).host
    assert isinstance(loaded, SshHost)
    return loaded.public_ipv4


def test_everything_at_once(good: Raw) -> None:
    good["server"]["hostnam"] = "x"
    good["domains"]["example.test"]["accounts"]["bob"] = {"quota": "lots"}
    good["domains"]["example.test"]["catchAll"] = "nobody"
    good["domains"]["example.org"]["spf"] = {"include": [f"s{n}.example.net" for n in range(11)]}
    with pytest.raises(SettingsError) as caught:
        load(good)
    assert [problem.path for problem in caught.value.problems] == [
        "mailstack:server.hostnam",
        'mailstack:domains["example.test"].accounts.bob.quota',
        'mailstack:domains["example.org"].spf.include',
        'mailstack:domains["example.test"].catchAll',
    ]
    text = str(caught.value)
    assert text.startswith("the stack file has 4 problems; nothing was created or changed")
    assert all(str(problem) in text for problem in caught.value.problems)


def test_what_is_unreadable_makes_no_false_alarm_elsewhere(problems_with: Spoil) -> None:
    # The accounts cannot be read, so nobody can say that the catch-all's does not exist.
    (problem,) = problems_with("domains", "example.test", "accounts", ["alice"])
    assert problem.path == 'mailstack:domains["example.test"].accounts'


def test_a_faulty_item_does_not_shift_the_paths_of_others(good: Raw) -> None:
    good["domains"]["example.org"]["accounts"]["carol"] = {"aliases": ["a b", "x@elsewhere.test"]}
    good["domains"]["example.test"]["accounts"]["bob"] = {"aliases": ["x", "y@elsewhere.test"]}
    with pytest.raises(SettingsError) as caught:
        load(good)
    assert [problem.path for problem in caught.value.problems] == [
        'mailstack:domains["example.org"].accounts.carol.aliases[0]',
        'mailstack:domains["example.test"].accounts.bob.aliases[1]',
    ]


def test_not_even_a_map() -> None:
    with pytest.raises(SettingsError) as caught:
        load([])  # type: ignore[arg-type]
    assert caught.value.problems[0].path == "mailstack:"
