"""mailstack: from one stack file to a working mail service, as one plan.

Settings → components → outputs. What each part creates stands in its own file.
"""

import gc

import pulumi

from components import outputs
from components.dkim import make_dkim
from components.dns import Dns
from components.hosts import make_host
from components.mail_files import all_files
from components.mail_records import all_records
from components.mail_server import MailServer, MailServerArgs
from components.mailboxes import Mailboxes
from components.placeholders import Placeholders
from components.relay import make_relay
from components.reverse_name import ReverseName
from components.stack_config import stack_config
from components.tls import server_certificate
from settings import load, sections

# The SDKs' modules stay: each search for garbage among them would take a fifth of a second.
gc.freeze()

settings = load(sections(stack_config(), pulumi.get_project()))
hostname = settings.server.hostname
placeholders = Placeholders()

host = make_host("host", settings)
dkim = make_dkim(settings)
relay = make_relay("relay", settings, dkim=dkim)
mailboxes = Mailboxes("mailboxes", settings=settings)
certificate = server_certificate("certificate", settings)

records = all_records(settings, host=host, dkim=dkim, placeholders=placeholders)
dns = Dns("dns", records=records, placeholders=placeholders)
if host.elastic_ip is not None:
    ReverseName(
        "reverse-name",
        address=host.elastic_ip,
        hostname=hostname,
        forward=dns.resources[f"{hostname}/a"],
    )

files = all_files(
    settings,
    mailboxes=mailboxes,
    dkim=dkim,
    relay=relay,
    certificate=certificate,
    placeholders=placeholders,
)
mail_server = MailServer(
    "mail",
    MailServerArgs(
        settings=settings,
        host=host,
        relay=relay,
        certificate=certificate,
        files=files,
        placeholders=placeholders,
    ),
)

outputs.export(
    settings,
    host=host,
    dns=dns,
    dkim=dkim,
    mailboxes=mailboxes,
    relay=relay,
    mail_server=mail_server,
)
