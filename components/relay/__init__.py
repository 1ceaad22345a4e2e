"""The ways out for mail."""
