"""DMARC values hold what was asked for and nothing that could end a tag early."""

import pytest

from mail.dmarc import DmarcPolicy, dmarc


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (DmarcPolicy(), "v=DMARC1; p=quarantine"),
        (DmarcPolicy(policy="reject", subdomain_policy="none"), "v=DMARC1; p=reject; sp=none"),
        (
            DmarcPolicy(reports="dmarc@example.org"),
            "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.org",
        ),
        (
            DmarcPolicy(failure_reports="f@example.org"),
            "v=DMARC1; p=quarantine; ruf=mailto:f@example.org; fo=1",
        ),
        (
            DmarcPolicy(reports="a!b+c@example.org"),
            "v=DMARC1; p=quarantine; rua=mailto:a%21b+c@example.org",
        ),
    ],
)
def test_the_value(policy: DmarcPolicy, expected: str) -> None:
    assert dmarc(policy) == expected


def test_report_domains_are_named_once() -> None:
    policy = DmarcPolicy(reports="a@x.test", failure_reports="b@x.test")
    assert policy.report_domains() == ["x.test"]
