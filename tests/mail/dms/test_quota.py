"""Quotas are brought into docker-mailserver's form or refused."""

import pytest

from mail.dms.quota import check_quota


@pytest.mark.parametrize(
    ("given_quota", "expected"),
    [
        ("2G", "2G"),
        ("2g", "2G"),
        ("500m", "500M"),
        ("10K", "10k"),
        ("1T", "1T"),
        ("9b", "9B"),
        ("0", "0"),
        ("0M", "0"),
        (" 1G ", "1G"),
    ],
)
def test_a_quota_has_one_form(given_quota: str, expected: str) -> None:
    assert check_quota(given_quota) == expected


@pytest.mark.parametrize("quota", ["", "G", "2", "2GB", "-1G", "1.5G", "2 G", "02G", "2G\n2G", "∞"])
def test_another_form_is_refused(quota: str) -> None:
    with pytest.raises(ValueError, match="not a quota"):
        check_quota(quota)
