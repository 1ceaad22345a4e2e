"""What we know of mail: pure functions over plain values, without Pulumi."""
