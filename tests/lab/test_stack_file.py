"""Stack files are read as the real CLI reads them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.engine import PassphraseSecrets, WrongPassphraseError
from lab.passphrase import DEV_PASSPHRASE, passphrase
from lab.stack_file import StackFileError, load_stack

Write = Callable[..., Path]

# Made by the real CLI: `pulumi config set --secret`, passphrase "x".
SALT = "v1:/BclJIldVzc=:v1:bWqXwTG8Xdaokkem:Hpe1zIOqMFRLfp61iolUvVklW8z25Q=="
SEALED = "v1:wyXF4kGDqT4QMXZT:hMR6iCuSzVoShiP4OnKFDTOx10odnQ=="


@pytest.fixture
def project(tmp_path: Path) -> Write:
    def write(stack: str, project: str = "name: mailstack\nruntime: python\n") -> Path:
        (tmp_path / "Pulumi.yaml").write_text(project)
        (tmp_path / "Pulumi.dev.yaml").write_text(stack)
        return tmp_path

    return write


def test_values_reach_the_program_as_the_real_cli_hands_them_over(
    project: Write,
) -> None:
    folder = project(f"""
encryptionsalt: {SALT}
config:
  mailstack:text: hello
  mailstack:number: 5
  mailstack:flag: true
  mailstack:word: yes
  mailstack:nothing:
  mailstack:secret: {{ secure: {SEALED} }}
  mailstack:deep:
    z: 1
    list: [{{ secure: {SEALED} }}, open]
    a: {{ 1: x }}
""")
    stack = load_stack(folder, "dev", "x")
    deep = stack.config.pop("mailstack:deep")
    assert stack.config == {
        "mailstack:text": "hello",
        "mailstack:number": "5",
        "mailstack:flag": "true",
        "mailstack:word": "yes",
        "mailstack:nothing": "",
        "mailstack:secret": "s3cret",
    }
    assert deep == '{"a":{"1":"x"},"list":["s3cret","open"],"z":1}'
    assert stack.secret_keys == {"mailstack:secret", "mailstack:deep"}
    assert stack.secret_values == {"s3cret"}
    assert (stack.project, stack.stack) == ("mailstack", "dev")
    assert "s3cret" not in repr(stack)


def test_defaults_of_the_project_fill_what_the_stack_leaves_open(
    project: Write,
) -> None:
    folder = project(
        "config:\n  mailstack:given: mine\n",
        """
name: mailstack
runtime: python
config:
  given: { type: string, default: theirs }
  dns: { type: object, default: { provider: cloudflare } }
  aws:region: { value: eu-central-1 }
  short: 3
  declared: { type: string }
""",
    )
    config = load_stack(folder, "dev", "x").config
    assert config.pop("mailstack:dns") == '{"provider":"cloudflare"}'
    assert config == {
        "mailstack:given": "mine",
        "aws:region": "eu-central-1",
        "mailstack:short": "3",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config:\n  mailstack:a: [1\n", r"Pulumi\.dev\.yaml:3: "),
        ("config:\n  mailstack:a: 1\n  mailstack:a: 2\n", r"Pulumi\.dev\.yaml:3: .*duplicate key"),
        ("config:\n\tmailstack:a: 1\n", r"Pulumi\.dev\.yaml:2: "),
        ("- a\n", "has to be a map"),
        ("config: [a]\n", "has to be a map of keys"),
        ("config:\n  host: a\n", "'host' needs a namespace: `mailstack:host`"),
    ],
)
def test_wrong_file_is_refused_with_its_line(project: Write, text: str, message: str) -> None:
    with pytest.raises(StackFileError, match=message):
        load_stack(project(text), "dev", "x")


def test_errors_never_quote_a_value(project: Write) -> None:
    with pytest.raises(StackFileError) as caught:
        load_stack(
            project("config:\n  mailstack:a: hunter22\n  mailstack:a: hunter33\n"), "dev", "x"
        )
    assert "hunter" not in str(caught.value)


def test_file_that_is_no_text(project: Write) -> None:
    folder = project("")
    (folder / "Pulumi.dev.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StackFileError, match="not a YAML text file"):
        load_stack(folder, "dev", "x")


def test_unknown_stack_names_those_that_are_there(project: Write) -> None:
    with pytest.raises(StackFileError, match=r"no stack 'prod'.*stacks here: dev"):
        load_stack(project(""), "prod", "x")


def test_missing_project(tmp_path: Path) -> None:
    with pytest.raises(StackFileError, match=r"cannot read .*Pulumi\.yaml"):
        load_stack(tmp_path, "dev", "x")


def test_wrong_passphrase_says_how_to_give_the_right_one(project: Write) -> None:
    folder = project(f"encryptionsalt: {SALT}\nconfig:\n  m:a: {{ secure: {SEALED} }}\n")
    with pytest.raises(WrongPassphraseError, match="PULUMI_CONFIG_PASSPHRASE"):
        load_stack(folder, "dev", "y")


def test_value_sealed_for_another_stack(project: Write) -> None:
    other = PassphraseSecrets("x")
    folder = project(
        f"encryptionsalt: {SALT}\nconfig:\n  m:a: {{ secure: '{other.encrypt('v')}' }}\n"
    )
    with pytest.raises(StackFileError, match=r"a secure value in m:a cannot be opened"):
        load_stack(folder, "dev", "x")


def test_stack_without_secrets_needs_no_passphrase(project: Write) -> None:
    folder = project(f"encryptionsalt: {SALT}\nconfig:\n  m:a: open\n")
    assert load_stack(folder, "dev", "wrong").config == {"m:a": "open"}


def test_object_values_are_json(project: Write) -> None:
    folder = project("config:\n  m:a: { day: 2026-01-02, text: 'ü' }\n")
    assert json.loads(load_stack(folder, "dev", "x").config["m:a"]) == {
        "day": "2026-01-02",
        "text": "ü",
    }


def test_passphrase_comes_from_the_real_clis_variables(tmp_path: Path) -> None:
    file = tmp_path / "phrase"
    file.write_text("from file\n")
    assert passphrase({"PULUMI_CONFIG_PASSPHRASE": "given"}) == "given"
    assert passphrase({"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}) == "from file"
    assert passphrase({}) == DEV_PASSPHRASE
    with pytest.raises(Exception, match="PULUMI_CONFIG_PASSPHRASE_FILE"):
        passphrase({"PULUMI_CONFIG_PASSPHRASE_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize("provider", ["awskms://alias/mailstack?region=eu-central-1", "default"])
def test_secrets_that_only_the_real_cli_can_open(project: Write, provider: str) -> None:
    stack = f"secretsprovider: {provider}\nencryptedkey: AQICAH\nconfig:\n"
    folder = project(f"{stack}  mailstack:secret: {{ secure: {SEALED} }}\n")
    with pytest.raises(StackFileError, match=provider.partition("://")[0]) as caught:
        load_stack(folder, "dev", "x")
    assert "pulumi preview" in str(caught.value)
    assert SEALED not in str(caught.value)
    # Without a secret there is nothing to open.
    assert load_stack(project(f"{stack}  mailstack:open: yes\n"), "dev", "x").secret_keys == set()
