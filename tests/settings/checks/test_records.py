import pytest

from settings import load
from tests.settings.conftest import Raw, Spoil

SPF = ("domains", "example.org", "spf")


def test_spf_over_ten_look_ups(good: Raw, problems_with: Spoil) -> None:
    # mx and the relay's include take two of the ten.
    eight = [f"spf{n}.example.net" for n in range(8)]
    good["domains"]["example.org"]["spf"] = {"include": eight}
    assert load(good).domains["example.org"].spf.include == tuple(eight)
    (problem,) = problems_with(*SPF, {"include": [*eight, "spf9.example.net"]})
    assert problem.path == 'mailstack:domains["example.org"].spf.include'
    assert "11 DNS look-ups" in problem.message


def test_spf_longer_than_a_txt_record(problems_with: Spoil) -> None:
    long = [f"{'x' * 63}.{'y' * 63}.{'z' * 63}.{n}{'w' * 50}.example.net" for n in range(8)]
    (problem,) = problems_with(*SPF, {"include": long})
    assert "limit of 2048" in problem.message


@pytest.mark.parametrize(("length", "refused"), [(40, False), (61, True)])
def test_names_beyond_the_limit_of_dns(
    good: Raw, problems_with: Spoil, length: int, refused: bool
) -> None:
    domain = f"{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * length}.test"
    if refused:
        (problem,) = problems_with("domains", domain, {"accounts": {"x": {}}})
        assert problem.path == f'mailstack:domains["{domain}"]'
        assert "DNS allows 253" in problem.message
    else:
        good["domains"][domain] = {"accounts": {"x": {}}}
        assert domain in load(good).domains


def test_an_automatic_ttl_is_cloudflare_s(good: Raw, problems_with: Spoil) -> None:
    good["dns"]["ttl"] = 1
    assert load(good).dns.ttl == 1
    for provider in ("route53", "zonefile"):
        (problem,) = problems_with("dns", {"provider": provider, "ttl": 1})
        assert problem.path == "mailstack:dns.ttl"
        assert problem.remedy == "pulumi config set --path mailstack:dns.ttl 300"


TXT = ("domains", "example.org", "txt")


def test_txt_strings(good: Raw) -> None:
    good["domains"]["example.org"]["txt"] = ["proof=1", "proof=2", "proof=1"]
    assert load(good).domains["example.org"].txt == ("proof=1", "proof=2")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("v=SPF1 -all", "spf.include"),
        ("", "empty"),
        ("ü", "printable ASCII"),
        ("x" * 2049, "limit of 2048"),
    ],
)
def test_txt_strings_that_cannot_be(problems_with: Spoil, text: str, words: str) -> None:
    (problem,) = problems_with(*TXT, ["proof=1", text])
    assert problem.path == 'mailstack:domains["example.org"].txt[1]'
    assert words in problem.message


def test_all_txt_strings_of_a_domain_have_a_limit(problems_with: Spoil) -> None:
    (problem,) = problems_with(*TXT, [letter * 1990 for letter in "abcd"])
    assert problem.path == 'mailstack:domains["example.org"].txt'
    assert "limit is 8192" in problem.message
    assert problem.remedy.endswith("txt[3]'")
