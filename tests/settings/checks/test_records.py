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
