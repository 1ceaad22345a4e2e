"""The table of variables is whole and consistent."""

from mail.dms.variables import VARIABLES


def test_it_holds_every_variable_of_the_image() -> None:
    # 129 in environment.md, the four SSL_*_PATH of mailserver.env, and SSL_DOMAIN.
    assert len(VARIABLES) == 134


def test_every_choice_has_its_default_among_its_values() -> None:
    for variable in VARIABLES.values():
        if variable.kind == "choice" and variable.default:
            assert variable.default in variable.choices, variable.name


def test_every_flag_is_on_off_or_follows_another() -> None:
    defaults = {
        variable.name: variable.default
        for variable in VARIABLES.values()
        if variable.kind == "flag"
    }
    assert set(defaults.values()) == {"0", "1", ""}
    assert [name for name, default in defaults.items() if default == ""] == ["ENABLE_RSPAMD_REDIS"]
