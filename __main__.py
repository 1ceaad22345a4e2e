"""mailstack: from one stack file to a working mail service, as one plan.

Settings → components → outputs. What each part creates stands in its own file.
"""

import pulumi

from components import outputs
from components.dkim import Dkim
from components.dns import Dns
from components.hosts import make_host
from components.mail_files import all_files
from components.mail_records import all_records, mail_from
from components.mail_server import MailServer, MailServerArgs
from components.mailboxes import Login, Mailboxes
from components.placeholders import Placeholders
from components.relay import make_relay
from components.reverse_name import ReverseName
from components.tls import server_certificate
from mail.dkim import key_names
from mail.dms.environment import environment
from settings import load

SECTIONS = ("host", "server", "dns", "relay", "domains")

config = pulumi.Config("mailstack")
settings = load({section: config.get_object(section) for section in SECTIONS})
server = settings.server
placeholders = Placeholders()

host = make_host("host", settings)
dkim = {
    domain: Dkim(
        domain,
        keys=key_names(
            domain=domain, selector=settings.dkim_selector(domain), signer=server.signer
        ),
    )
    for domain in settings.domains
}
relay = make_relay("relay", settings, dkim=dkim, mail_from=mail_from(settings))
logins = Mailboxes(
    "mailboxes",
    logins=[
        *(Login(name=box.address, password=box.password) for box in settings.mailboxes),
        *(Login(name=name, password=master.password) for name, master in server.masters.items()),
    ],
)
certificate = server_certificate("certificate", hostname=server.hostname, tls=server.tls)

dns = Dns(
    "dns",
    records=all_records(settings, host=host, dkim=dkim, placeholders=placeholders),
    placeholders=placeholders,
)
if host.allocation_id is not None:
    ReverseName(
        "reverse-name",
        allocation_id=host.allocation_id,
        hostname=server.hostname,
        forward=dns.resources[f"{server.hostname}/a"],
    )
mail_server = MailServer(
    "mail",
    MailServerArgs(
        host=host,
        hostname=server.hostname,
        image=server.image,
        services=server.services,
        environment=environment(
            hostname=server.hostname,
            postmaster=settings.postmaster,
            services=server.services,
            signer=server.signer,
            relay_nexthop=relay.nexthop if relay else None,
            user=server.environment,
        ),
        files=all_files(
            settings,
            logins=logins,
            dkim=dkim,
            relay=relay,
            certificate=certificate,
            placeholders=placeholders,
        ),
        placeholders=placeholders,
    ),
)
outputs.export(
    settings,
    host=host,
    dns=dns,
    dkim=dkim,
    logins=logins,
    relay=relay,
    certificate=certificate,
    mail_server=mail_server,
)
