"""A whole mail cloud on a laptop: stand-ins for the clouds, and a small engine."""
