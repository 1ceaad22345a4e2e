"""The docker-mailserver container and what it stands on."""
