"""What only the owner of a relay's account can set, with every value filled in.

The stack exports these (output `instructions`), and the doctor names the same ones.
"""

from collections.abc import Sequence

from mail.instructions import Instruction

_TRACKING = (
    "Turn off the tracking of clicks and of opened mail: it rewrites messages after the server "
    "has signed them, so their DKIM signatures fail"
)


def ses_sandbox_instruction(*, region: str, domains: Sequence[str]) -> Instruction:
    """Ask AWS to let SES out of the sandbox that each account starts in, region by region.

    Source: docs.aws.amazon.com/ses/latest/dg/request-production-access.html.
    """
    return Instruction(
        what=f"Ask AWS to let SES in {region} out of its sandbox, once for the account",
        why=f"Until then SES takes mail of {_listed(domains)} only to addresses that you have "
        "verified, 200 a day; everything else comes back with `554 Message rejected: Email "
        "address is not verified`.",
        how=f"aws sesv2 put-account-details --region {region} --production-access-enabled "
        f"--mail-type TRANSACTIONAL --website-url https://{domains[0]} "
        "(or SES, Account dashboard, Request production access). AWS answers within a day; see "
        f"it: aws sesv2 get-account --region {region} --query ProductionAccessEnabled",
    )


def sendgrid_instruction(*, domains: Sequence[str]) -> Instruction:
    """Have the sender domains authenticated at SendGrid, and its tracking turned off."""
    return Instruction(
        what=f"Authenticate {_listed(domains)} at SendGrid, and turn its tracking off",
        why="SendGrid refuses senders whom it does not know (`550 The from address does not match "
        "a verified Sender Identity`), and puts its own links into mail that is signed already.",
        how="SendGrid, Settings, Sender Authentication, Authenticate Your Domain: publish the "
        "CNAME records that it shows; they stand beside those of the stack (its `_dmarc` record "
        f"you have already). {_TRACKING}: Settings, Tracking.",
    )


def mailgun_instruction(*, domains: Sequence[str], region: str) -> Instruction:
    """Have the sender domains verified at Mailgun, and its tracking turned off."""
    return Instruction(
        what=f"Verify {_listed(domains)} at Mailgun ({region.upper()}), and turn its tracking off",
        why="Mailgun delivers for domains that it has verified, and puts its own links into mail "
        "that is signed already.",
        how=f"Mailgun, Send, Domains, Add new domain (region {region.upper()}): publish the "
        "records for sending that it shows, not the MX records; SPF and DMARC you have already. "
        f"{_TRACKING}: Domain settings, Tracking.",
    )


def gmail_instruction(*, account: str, domains: Sequence[str]) -> Instruction:
    """Have Gmail keep the senders' addresses, and make the password that it takes."""
    return Instruction(
        what=f"Let {account} send as each address in {_listed(domains)}",
        why=f"Gmail puts {account} in the place of every other sender. It sends 500 messages a "
        "day (Google Workspace: 2,000).",
        how="The password must be an app password (https://myaccount.google.com/apppasswords; it "
        "asks for 2-Step Verification first). Then, once the mailboxes receive: Gmail, Settings, "
        "Accounts and Import, Send mail as, Add another email address, for every address; the "
        "code that Gmail sends arrives there.",
    )


def smarthost_instruction(*, host: str, domains: Sequence[str], has_spf: bool) -> Instruction:
    """Have a smarthost take the domains' mail, and SPF tell who it is."""
    how = f"Tell the provider of {host} that you send as {_listed(domains)}."
    if not has_spf:
        how += (
            " Ask which name to include in SPF, and set it as `spfInclude` beside `host` in the "
            "relay's settings: without it receivers see mail of the domain from a stranger."
        )
    return Instruction(
        what=f"Let {host} send for {_listed(domains)}",
        why="Smarthosts refuse senders whom they do not know, or deliver them into spam folders.",
        how=how,
    )


def _listed(domains: Sequence[str]) -> str:
    """Name the domains, or some of many."""
    shown = 5
    if len(domains) > shown:
        return f"{', '.join(domains[:shown])} and {len(domains) - shown} more"
    *first, last = domains
    return f"{', '.join(first)} and {last}" if first else last
