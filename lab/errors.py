"""The lab's error tree: every refusal a person can mend derives from LabError.

The command line prints `str(error)` and nothing else, so each message says what is wrong and
what to do, and never holds a secret.
"""


class LabError(Exception):
    """Anything the lab refuses or fails at, worded for the person at the keyboard."""
