"""mailstack: from one stack file to a working mail service, as one plan.

Settings → components → outputs. What each part creates stands in its own file.
"""

import gc

import pulumi

from components import outputs
from components.dkim import make_dkim
from components.dns.dns import Dns
from components.dns.mail_records import all_records
from components.hosts.hosts import make_host
from components.hosts.reverse_name import ReverseName
from components.mailboxes import Mailboxes
from components.naming import check_stack_name
from components.placeholders import Placeholders
from components.relay.relay import make_relays
from components.server.mail_files import all_files
from components.server.mail_server import MailServer, MailServerArgs
from components.stack_config import secret_keys, stack_config
from components.tls.tls import server_certificate
from settings import load, section_names, sections

# The SDKs' modules stay: each search for garbage among them would take a fifth of a second.
gc.freeze()

check_stack_name()
project, config = pulumi.get_project(), stack_config()
sealed = section_names(secret_keys(config), project)
settings = load(sections(config, project), sealed=sealed)
hostname = settings.server.hostname
placeholders = Placeholders()

host = make_host("host", settings)
dkim = make_dkim(settings)
relays = make_relays("relay", settings, dkim=dkim)
mailboxes = Mailboxes("mailboxes", settings=settings)
certificate = server_certificate("certificate", settings)

records = all_records(settings, host=host, dkim=dkim, placeholders=placeholders)
dns = Dns("dns", provider=settings.dns.provider, records=records, placeholders=placeholders)
forward = dns.resources.get(f"{hostname}/a")
if host.elastic_ip is not None and forward is not None:
    ReverseName("reverse-name", address=host.elastic_ip, hostname=hostname, forward=forward)

files = all_files(
    settings,
    mailboxes=mailboxes,
    dkim=dkim,
    relays=relays,
    certificate=certificate,
    ipv6=host.has_ipv6,
    placeholders=placeholders,
)
mail_server = MailServer(
    "mail",
    MailServerArgs(
        settings=settings,
        host=host,
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
    relays=relays,
    mail_server=mail_server,
)
