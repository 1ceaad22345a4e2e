"""Every environment variable of docker-mailserver 15.1: its kind, its choices and its default.

Source: docker-mailserver's docs/content/config/environment.md and
target/scripts/startup/variables-stack.sh. An empty value means the default nearly everywhere (the
image assigns with `:=`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["flag", "number", "decimal", "choice", "duration", "size", "zone", "text"]


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One variable. `choices` are the values that a "choice" may have."""

    name: str
    kind: Kind
    default: str = ""
    choices: tuple[str, ...] = ()
    secret: bool = False


# The names by kind, with their defaults. A flag is 0 or 1.
_FLAGS_ON = (
    "ENABLE_AMAVIS ENABLE_IMAP ENABLE_OPENDKIM ENABLE_OPENDMARC ENABLE_POLICYD_SPF ENABLE_QUOTAS "
    "ENABLE_UPDATE_CHECK MOVE_SPAM_TO_JUNK RSPAMD_HFILTER SPAMASSASSIN_SPAM_TO_INBOX"
)
_FLAGS_OFF = (
    "ENABLE_CLAMAV ENABLE_DNSBL ENABLE_FAIL2BAN ENABLE_FETCHMAIL ENABLE_GETMAIL "
    "ENABLE_MANAGESIEVE ENABLE_MTA_STS ENABLE_OAUTH2 ENABLE_POP3 ENABLE_POSTGREY ENABLE_RSPAMD "
    "ENABLE_SASLAUTHD ENABLE_SPAMASSASSIN ENABLE_SPAMASSASSIN_KAM ENABLE_SRS FETCHMAIL_PARALLEL "
    "MARK_SPAM_AS_READ POSTFIX_REJECT_UNKNOWN_CLIENT_HOSTNAME RSPAMD_CHECK_AUTHENTICATED "
    "RSPAMD_GREYLISTING RSPAMD_LEARN RSPAMD_NEURAL SA_SHORTCIRCUIT_BAYES_HAM "
    "SA_SHORTCIRCUIT_BAYES_SPAM SMTP_ONLY SPOOF_PROTECTION"
)
_NUMBERS = {
    "DMS_CONFIG_POLL": "2",
    "DMS_VMAIL_GID": "5000",
    "DMS_VMAIL_UID": "5000",
    "FETCHMAIL_POLL": "300",
    "GETMAIL_POLL": "5",
    "LOGROTATE_COUNT": "4",
    "POSTFIX_MAILBOX_SIZE_LIMIT": "0",
    "POSTFIX_MESSAGE_SIZE_LIMIT": "10240000",
    "POSTGREY_AUTO_WHITELIST_CLIENTS": "5",
    "POSTGREY_DELAY": "300",
    "POSTGREY_MAX_AGE": "35",
    "RELAY_PORT": "25",
    "RSPAMD_HFILTER_HOSTNAME_UNKNOWN_SCORE": "6",
    "VIRUSMAILS_DELETE_DELAY": "7",
}
_DECIMALS = {"SA_KILL": "10.0", "SA_TAG": "2.0", "SA_TAG2": "6.31"}
_YES_NO = (
    "DOVECOT_AUTH_BIND DOVECOT_TLS LDAP_START_TLS SASLAUTHD_LDAP_START_TLS "
    "SASLAUTHD_LDAP_TLS_CHECK_PEER"
)
# The first choice is the default.
_CHOICES = {
    "ACCOUNT_PROVISIONER": "FILE LDAP",
    "AMAVIS_LOGLEVEL": "0 -3 -2 -1 1 2 3 4 5",
    "DOVECOT_INET_PROTOCOLS": "all ipv4 ipv6",
    "DOVECOT_LDAP_VERSION": "3 2",
    "DOVECOT_MAILBOX_FORMAT": "maildir sdbox mdbox",
    "FAIL2BAN_BLOCKTYPE": "drop reject",
    "LOGROTATE_INTERVAL": "weekly daily monthly",
    "LOGWATCH_INTERVAL": "none daily weekly",
    "LOG_LEVEL": "info error warn debug trace",
    "PERMIT_DOCKER": "none container host network connected-networks",
    "PFLOGSUMM_TRIGGER": "none daily_cron logrotate",
    "POSTFIX_INET_PROTOCOLS": "all ipv4 ipv6",
    "POSTSCREEN_ACTION": "enforce drop ignore",
    "SASLAUTHD_LDAP_AUTH_METHOD": "bind fastbind custom",
    "SASLAUTHD_MECHANISMS": "ldap rimap",
    "SRS_SENDER_CLASSES": "envelope_sender header_sender envelope_sender,header_sender",
    "SUPERVISOR_LOGLEVEL": "warn critical error info debug",
    "TLS_LEVEL": "modern intermediate",
}
_TEXTS = (
    "DEFAULT_RELAY_HOST DOVECOT_BASE DOVECOT_DEFAULT_PASS_SCHEME DOVECOT_DN DOVECOT_PASS_ATTRS "
    "DOVECOT_PASS_FILTER DOVECOT_URIS DOVECOT_USER_ATTRS DOVECOT_USER_FILTER LDAP_BIND_DN "
    "LDAP_QUERY_FILTER_ALIAS LDAP_QUERY_FILTER_DOMAIN LDAP_QUERY_FILTER_GROUP "
    "LDAP_QUERY_FILTER_SENDERS LDAP_QUERY_FILTER_USER LDAP_SEARCH_BASE LDAP_SERVER_HOST "
    "LOGWATCH_RECIPIENT LOGWATCH_SENDER OAUTH2_INTROSPECTION_URL OVERRIDE_HOSTNAME "
    "PFLOGSUMM_RECIPIENT PFLOGSUMM_SENDER POSTFIX_DAGENT POSTGREY_TEXT POSTMASTER_ADDRESS "
    "RELAY_HOST RELAY_USER REPORT_RECIPIENT REPORT_SENDER SASLAUTHD_LDAP_BIND_DN "
    "SASLAUTHD_LDAP_FILTER SASLAUTHD_LDAP_MECH SASLAUTHD_LDAP_PASSWORD_ATTR "
    "SASLAUTHD_LDAP_SEARCH_BASE SASLAUTHD_LDAP_SERVER SASLAUTHD_LDAP_TLS_CACERT_DIR "
    "SASLAUTHD_LDAP_TLS_CACERT_FILE SASLAUTHD_MECH_OPTIONS SPAM_SUBJECT SRS_DOMAINNAME "
    "SRS_EXCLUDE_DOMAINS SSL_ALT_CERT_PATH SSL_ALT_KEY_PATH SSL_CERT_PATH SSL_DOMAIN SSL_KEY_PATH"
)
_SECRETS = "DOVECOT_DNPASS LDAP_BIND_PW RELAY_PASSWORD SASLAUTHD_LDAP_PASSWORD SRS_SECRET"


def _table() -> dict[str, Variable]:
    found = [
        *(Variable(name=name, kind="flag", default="1") for name in _FLAGS_ON.split()),
        *(Variable(name=name, kind="flag", default="0") for name in _FLAGS_OFF.split()),
        Variable(name="ENABLE_RSPAMD_REDIS", kind="flag"),  # follows ENABLE_RSPAMD when not set
        *(Variable(name=name, kind="number", default=value) for name, value in _NUMBERS.items()),
        *(Variable(name=name, kind="decimal", default=value) for name, value in _DECIMALS.items()),
        *(
            Variable(name=name, kind="choice", default="no", choices=("no", "yes"))
            for name in _YES_NO.split()
        ),
        *(
            Variable(name=name, kind="choice", default=text.split()[0], choices=tuple(text.split()))
            for name, text in _CHOICES.items()
        ),
        # Its default is the empty value, which switches TLS off.
        Variable(
            name="SSL_TYPE",
            kind="choice",
            choices=("letsencrypt", "manual", "custom", "self-signed"),
        ),
        Variable(name="UPDATE_CHECK_INTERVAL", kind="duration", default="1d"),
        Variable(name="CLAMAV_MESSAGE_SIZE_LIMIT", kind="size", default="25M"),
        Variable(name="TZ", kind="zone"),
        Variable(name="NETWORK_INTERFACE", kind="text", default="eth0"),
        *(Variable(name=name, kind="text") for name in _TEXTS.split()),
        *(Variable(name=name, kind="text", secret=True) for name in _SECRETS.split()),
    ]
    return {variable.name: variable for variable in sorted(found, key=lambda one: one.name)}


VARIABLES: Mapping[str, Variable] = MappingProxyType(_table())
"""Every variable that the image knows, by name."""
