"""What a user may write in a stack file: models, checks, and errors that say what to do."""

from settings.addresses import Alias, Mailbox
from settings.errors import MailstackError, Problem, SettingsError
from settings.load import load, section_names, sections
from settings.stack import Settings

__all__ = [
    "Alias",
    "Mailbox",
    "MailstackError",
    "Problem",
    "Settings",
    "SettingsError",
    "load",
    "section_names",
    "sections",
]
