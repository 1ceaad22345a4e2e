"""Policies for `pulumi preview|up --policy-pack policy`, which stop what must not be deployed."""
