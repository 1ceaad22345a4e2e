"""The records, at whichever provider."""
