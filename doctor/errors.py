"""The doctor's error tree. Messages never hold a secret: they may be printed anywhere."""


class DoctorError(Exception):
    """The doctor cannot start: no outputs, outputs of another shape, a bad option."""


class DnsError(Exception):
    """A DNS server gave no usable answer (as opposed to: there is no such record)."""
