"""The config volume of docker-mailserver as pure functions."""
