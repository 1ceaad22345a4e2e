"""What no single value can tell: settings that contradict each other or the world.

Each module holds one kind of check: a function from `Settings` to the problems that it finds.
"""

from collections.abc import Callable, Iterator

from settings.checks.addresses import address_problems
from settings.checks.environment import environment_problems
from settings.checks.files import file_problems
from settings.checks.mailboxes import mailbox_problems
from settings.checks.names import name_problems
from settings.checks.records import record_problems
from settings.checks.relay import relay_problems
from settings.checks.targets import target_problems
from settings.checks.tls import tls_problems
from settings.errors import Problem
from settings.stack import Settings

Check = Callable[[Settings], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    name_problems,
    environment_problems,
    file_problems,
    tls_problems,
    relay_problems,
    address_problems,
    record_problems,
)
# These ask what is *not* there, so they are only true of a file whose addresses could all be read.
CHECKS_OF_ALL_ADDRESSES: tuple[Check, ...] = (mailbox_problems, target_problems)
