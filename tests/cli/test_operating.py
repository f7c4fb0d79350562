"""What an operator does first and in need: tenants, administrators, keys, single sign-on."""

import json
import stat

import pytest
from lxml import etree

from tests.cli.command_line import CommandLine
from tests.idp.mock_idp import MockIdp

PASSWORD = "a password long enough"
CREATE = ("admin", "create", "--username", "boss", "--email", "boss@acme.example")


@pytest.fixture
def acme(doorward: CommandLine) -> CommandLine:
    doorward.ok("tenant", "create", "acme", "--name", "Acme", "--url", "https://acme.example")
    return doorward


def test_the_schema_is_made_and_made_again(acme: CommandLine) -> None:
    """`db upgrade` makes the tables; a second one changes nothing and loses nothing."""
    assert "up to date" in acme.ok("db", "upgrade")
    assert "acme" in acme.ok("tenant", "list")


@pytest.mark.parametrize(
    ("slug", "url", "words"),
    [
        ("Acme!", "https://other.example", "slug"),
        ("other", "ftp://other.example", "base URL"),
        ("other", "https://other.example/path", "base URL"),
        ("other", "https://acme.example", "There is a tenant"),
        ("acme", "https://other.example", "There is a tenant"),
    ],
)
def test_a_tenant_that_cannot_be(acme: CommandLine, slug: str, url: str, words: str) -> None:
    """A bad or taken slug or address is one line; there is still the one tenant."""
    assert words in acme("tenant", "create", slug, "--name", "Other", "--url", url).error
    assert len(acme.ok("tenant", "list").splitlines()) == 1


def test_of_several_tenants_one_has_to_be_named(acme: CommandLine) -> None:
    """Without --tenant a command serves the only tenant, and never guesses among two."""
    acme.ok("sso", "status")
    acme.ok("tenant", "create", "other", "--name", "Other", "--url", "https://other.example")
    assert "--tenant" in acme("sso", "status").error
    assert "other.example" in acme.ok("sso", "status", "--tenant", "other")
    assert "'nobody'" in acme("sso", "status", "--tenant", "nobody").error


def test_an_administrator_is_made_once(acme: CommandLine) -> None:
    """The password comes from standard input; a taken name and a short password are refused."""
    assert "boss" in acme.ok(*CREATE, "--password-stdin", "--emergency", stdin=f"{PASSWORD}\n")
    again = acme(*CREATE, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert "username" in again.error or "primaryEmail" in again.error
    short = acme(*CREATE[:-3], "next", "--email", "n@acme.example", "--password-stdin", stdin="x\n")
    assert "password" in short.error.lower()
    assert acme(*CREATE).status == 2


def test_key_pairs_roll_over(acme: CommandLine) -> None:
    """The oldest signs until it is retired; the last one stays; private keys are mode 600."""
    assert acme("keys", "list").out == ""
    for name in ("2026", "2027"):
        acme.ok("keys", "new", name)
    first, second = (line.split("\t") for line in acme.ok("keys", "list").splitlines())
    assert (first[0], first[3]) == ("2026", "signs and decrypts")
    assert (second[0], second[3]) == ("2027", "decrypts, announced")
    assert len(certificates(acme)) == 4
    for path in acme.certs.glob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    acme.ok("keys", "retire", "2026")
    (only,) = acme.ok("keys", "list").splitlines()
    assert only.split("\t")[:4:3] == ["2027", "signs and decrypts"]
    assert len(certificates(acme)) == 2
    assert "only key pair" in acme("keys", "retire", "2027").error
    assert "'2026'" in acme("keys", "retire", "2026").error
    assert "sort behind" in acme("keys", "new", "2025").error


def certificates(doorward: CommandLine) -> list[str]:
    """The certificates that the metadata publishes."""
    document = etree.fromstring(doorward.ok("metadata").encode())
    assert document.get("entityID") == "https://acme.example/saml/metadata"
    return [str(text) for text in document.xpath("//*[local-name()='X509Certificate']/text()")]


def test_sso_goes_on_through_its_gates_and_off_without(acme: CommandLine) -> None:
    """`on` names the first gate that does not hold; --force passes, but for a missing IdP."""
    assert "identity provider" in acme("sso", "on").error
    assert "identity provider" in acme("sso", "on", "--force").error
    (acme.folder / "idp.xml").write_bytes(MockIdp().metadata)
    acme.ok("idp", "import", "idp.xml")
    acme.ok(*CREATE, "--password-stdin", "--emergency", stdin=f"{PASSWORD}\n")
    assert "emergency administrator" in acme("sso", "on").error
    states = []
    for command in (("on", "--force"), ("on", "--force"), ("off",), ("off",)):
        acme.ok("sso", *command)
        states.append(json.loads(acme.ok("sso", "status", "--json"))["ssoEnabled"])
    assert states == [True, True, False, False]


def test_every_command_explains_itself(doorward: CommandLine) -> None:
    """Each command of the list, and each of its own commands, has a help text."""
    listing = doorward.ok("--help").partition("Commands:")[2]
    names = [line.split()[0] for line in listing.splitlines() if line.strip()]
    assert {"demo", "serve", "idp", "doctor", "sso", "readiness"} <= set(names)
    for name in names:
        told = doorward.ok(name, "--help")
        assert f"doorward {name}" in told
        for sub in told.partition("Commands:")[2].splitlines():
            if sub.startswith("  ") and sub[2:3].strip():
                words = doorward.ok(name, sub.split()[0], "--help").splitlines()
                assert words[2].strip()


def test_a_folder_that_cannot_be_written(doorward: CommandLine) -> None:
    """A file where a folder should be is one line that names it."""
    (doorward.folder / "certs").write_text("not a folder")
    assert "certs" in doorward("keys", "new").error
    assert "certs" in doorward("keys", "list", DOORWARD_INSTANCE=str(doorward.certs)).error
