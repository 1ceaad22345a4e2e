"""SES's names and passwords, by Amazon's own algorithm."""

import pytest

from mail.ses import smtp_host, smtp_password


@pytest.mark.parametrize(
    ("region", "secret", "password"),
    [
        # Those with which terraform-provider-aws tests its own (internal/service/iam).
        ("eu-central-1", "some+secret+key", "BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2"),
        ("eu-central-1", "another+secret+key", "BBbphbrQmrKMx42d1N6+C7VINYEBGI5v9VsZeTxwskfh"),
        ("us-west-1", "some+secret+key", "BH+jbMzper5WwlwUar9E1ySBqHa9whi0GPo+sJ0mVYJj"),
    ],
)
def test_the_password_is_the_one_that_aws_computes(region: str, secret: str, password: str) -> None:
    assert smtp_password(secret, region) == password


def test_the_endpoint_is_the_regions() -> None:
    assert smtp_host("eu-central-1") == "email-smtp.eu-central-1.amazonaws.com"
