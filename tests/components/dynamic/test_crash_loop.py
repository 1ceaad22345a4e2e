"""What supervisord's log lines mean."""

from components.dynamic.crash_loop import crash_loop

ENDED = "2026-11-21 11:03:41,798 WARN exited: {} (exit status 89; not expected)"


def test_needed_program_that_ends_three_times_is_found() -> None:
    assert crash_loop([ENDED.format("dovecot")] * 3) == "dovecot"


def test_less_is_no_loop() -> None:
    assert crash_loop([ENDED.format("dovecot")] * 2 + [ENDED.format("postfix")] * 2) is None


def test_program_that_mail_does_not_need_may_end_as_it_likes() -> None:
    assert crash_loop([ENDED.format("fetchmail")] * 9) is None


def test_expected_end_does_not_count() -> None:
    assert crash_loop(["INFO exited: rspamd (exit status 0; expected)"] * 3) is None
