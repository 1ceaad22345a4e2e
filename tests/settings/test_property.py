"""Thousands of stack files, from good ones over spoilt ones to mere noise.

Each is accepted, or refused with a path for everything that is wrong; nothing else is raised, and
no secret shows anywhere.
"""

import traceback
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mail.dms.variables import VARIABLES
from settings import SettingsError, load

Tree = Any
Place = tuple[Any, ...]

# Stands in every secret, and nowhere else: st.text() would have to guess it.
MARK = "pl4nted-s3cret"
# Each stands for a way to be nearly right.
WORDS = """
    ' - -all .. /x ../x rspamd a/b a//b postfix-main.cf alice Alice alice+x team nobody é 例え
    @ a@ @b a@@b alice@example.test x@example.org Zoe@elsewhere.test example.test EXAMPLE.test
    mail.example.test bücher.example xn--bcher-kva.example xn-- xn--a a..b co.uk localhost
    127.0.0.1 ::1 10.0.0.0/8 0 1 2G 2g 2X true none reject aws ses smtp manual
    {SHA512-CRYPT}$6$x {secure:x} /^x$/ $1@example.org
"""
NEAR_MISSES = [*WORDS.split(), *["", " ", "\n", "\0", "\ud800", "a b", "a" * 300, "a." * 130]]
NEAR_MISSES += ["9" * 5000, "ssh-ed25519 AAAA"]

noise = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(NEAR_MISSES),
    st.text(max_size=12),
)
keys = st.one_of(
    st.sampled_from(NEAR_MISSES),
    st.sampled_from(sorted(VARIABLES)),
    st.sampled_from(["accounts", "acounts", "aliases", "password", "quota", "kind", "hostname"]),
    st.text(max_size=8),
    st.integers(),
    st.none(),
)
trees = st.recursive(
    noise, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4)
)
secrets = st.text(max_size=6).map(lambda text: text + MARK + text[::-1])
people = st.sampled_from(["bob", "carol", "x-y", "a.b"])
lists = st.sampled_from(["team", "info", "sales", "bob"])
domains = st.sampled_from(["example.test", "example.org", "bücher.example", "mail.example.net"])
targets = st.just("alice") | st.sampled_from(["bob", "info", "alice@example.test", "far@else.test"])

accounts = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "password": secrets,
        "quota": st.sampled_from(["2G", "500M", "0"]),
        "aliases": st.sampled_from([[], ["postmaster"], ["info", "abuse@example.test"]]),
    },
)
some_accounts = st.dictionaries(people, accounts, max_size=3).map(lambda some: some | {"alice": {}})
mail_domains = st.fixed_dictionaries(
    {
        "accounts": st.dictionaries(people, accounts, max_size=3).map(
            lambda some: some | {"alice": {}}
        )
    },
    optional={
        "aliases": st.dictionaries(lists, targets | st.lists(targets, max_size=3), max_size=2),
        "catchAll": targets,
        "dmarc": st.fixed_dictionaries({"policy": st.sampled_from(["none", "reject"])}),
        "spf": st.fixed_dictionaries({"include": st.lists(domains, max_size=9)}),
        "tlsReports": targets.map(lambda target: target if "@" in target else f"{target}@x.test"),
    },
)
relays = st.sampled_from([{"kind": "none"}, {"kind": "ses"}, None]) | st.fixed_dictionaries(
    {
        "kind": st.just("smtp"),
        "host": st.just("smtp.example.net"),
        "user": st.just("u"),
        "password": secrets,
    }
)
any_environment = st.dictionaries(
    st.sampled_from(sorted(VARIABLES)),
    st.sampled_from(["0", "1", "none", 1, "", "x'y"]),
    max_size=3,
)
secret_environment = st.dictionaries(
    st.sampled_from(sorted(name for name, variable in VARIABLES.items() if variable.secret)),
    secrets,
    max_size=1,
)
good_environment = st.sampled_from([None, {"LOG_LEVEL": "info"}, {"ENABLE_CLAMAV": 1}])
manual_tls = {"kind": st.just("manual"), "certificate": st.text(), "key": secrets}
servers = st.fixed_dictionaries(
    {"hostname": st.sampled_from(["mail.example.test", "mx.example.org", "mail.example.net"])},
    optional={
        "environment": good_environment | good_environment | any_environment | secret_environment,
        "files": st.dictionaries(st.sampled_from(["postfix-main.cf", "a", "a/b"]), secrets),
        "masters": st.dictionaries(people, st.fixed_dictionaries({"password": secrets})),
        "signer": st.sampled_from(["rspamd", "opendkim"]),
        "tls": st.just({"kind": "selfSigned"}) | st.fixed_dictionaries(manual_tls),
        "regexpAliases": st.dictionaries(st.just("/^x/"), st.just("far@else.test")),
    },
)
hosts = st.sampled_from(
    [
        {"kind": "aws", "region": "eu-central-1", "sshFrom": ["198.51.100.0/24"]},
        {"kind": "local"},
    ]
)
stacks = st.fixed_dictionaries(
    {
        "host": hosts,
        "server": servers,
        "domains": st.dictionaries(domains, mail_domains, min_size=1, max_size=3),
    },
    optional={"relay": relays, "dns": st.just({"ttl": 60})},
)


def places(tree: Tree, here: Place = ()) -> list[Place]:
    """Every place of a tree, the root aside."""
    if isinstance(tree, dict):
        inner: list[tuple[Any, Tree]] = list(tree.items())
    else:
        inner = list(enumerate(tree)) if isinstance(tree, list) else []
    return [
        place for part, child in inner for place in ((*here, part), *places(child, (*here, part)))
    ]


@st.composite
def spoilt(draw: st.DrawFn) -> Tree:
    """A stack with up to three changes: a value replaced, a key renamed, added or removed."""
    stack = deepcopy(draw(stacks))
    for _ in range(draw(st.integers(1, 3))):
        found = places(stack)
        if not found:
            break
        *way, last = draw(st.sampled_from(found))
        parent: Tree = stack
        for part in way:
            parent = parent[part]
        change = draw(st.sampled_from(["replace", "replace", "rename", "add", "remove"]))
        if change == "replace":
            parent[last] = draw(trees)
        elif change == "remove":
            del parent[last]
        elif isinstance(parent, list):
            parent.append(draw(trees))
        elif change == "rename":
            parent[draw(keys)] = parent.pop(last)
        else:
            parent[draw(keys)] = draw(trees)
    return stack


def check(raw: Tree) -> bool:
    """Load it; return whether it was accepted."""
    before = repr(raw)
    try:
        loaded = load(raw)
    except SettingsError as refused:
        check_refusal(refused)
        return False
    finally:
        assert repr(raw) == before, "loading must not change what it reads"
    assert MARK not in repr(loaded) + str(loaded)
    use(loaded)
    return True


def check_refusal(error: SettingsError) -> None:
    assert error.problems
    for problem in error.problems:
        assert problem.path.startswith("mailstack:")
        assert problem.message
        assert problem.remedy
    shown = "".join(traceback.format_exception(error)) + repr(error) + repr(error.problems)
    assert MARK not in shown


def use(loaded: Any) -> None:
    """Whatever was accepted can be used: no helper raises."""
    assert loaded.zones.keys() == {*loaded.domains, loaded.server.hostname}
    assert loaded.postmaster.count("@") == 1
    assert all("@" in target for targets in loaded.aliases.values() for target in targets)
    for domain in loaded.domains:
        assert len(loaded.spf_includes(domain)) <= 10
        assert loaded.dkim_selector(domain)
    assert MARK not in repr(loaded.mailboxes)


many = settings(
    max_examples=800,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@given(raw=stacks)
@many
def test_stacks_of_good_parts(raw: Tree) -> None:
    check(raw)


@given(raw=spoilt())
@many
def test_spoilt_stacks(raw: Tree) -> None:
    check(raw)


@given(
    raw=st.dictionaries(st.sampled_from(["host", "server", "domains", "relay", "x"]), trees) | trees
)
@many
def test_noise(raw: Tree) -> None:
    assert not check(raw), "no noise is a stack"
