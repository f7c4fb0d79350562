"""`doorward idp`: metadata in, policies changed, and what weakens them asked about."""

import json
import os
import pty
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.cli.command_line import Answer, CommandLine
from tests.idp.mock_idp import MockIdp

IDP = "https://login.northwind.example/metadata"


@pytest.fixture
def acme(doorward: CommandLine) -> CommandLine:
    """The command line with a tenant, and the mock IdP's metadata in idp.xml."""
    doorward.ok("tenant", "create", "acme", "--name", "Acme", "--url", "https://acme.example")
    (doorward.folder / "idp.xml").write_bytes(MockIdp().metadata)
    return doorward


@pytest.fixture
def with_idp(acme: CommandLine) -> CommandLine:
    acme.ok("idp", "import", "idp.xml", "--name", "Northwind login")
    return acme


def policy(doorward: CommandLine) -> dict[str, Any]:
    (found,) = json.loads(doorward.ok("idp", "list", "--json"))
    told: dict[str, Any] = found["policy"]
    return told


def test_a_file_is_imported(acme: CommandLine) -> None:
    """Entity ID, endpoints and certificates come from the metadata, and are shown."""
    told = acme.ok("idp", "import", "idp.xml", "--tenant", "acme", "--name", "Northwind login")
    assert f"Northwind login {IDP} is set up for acme" in told
    assert "https://login.northwind.example/sso" in told
    assert "SHA-256" in told
    (found,) = json.loads(acme.ok("idp", "list", "--json"))
    assert (found["tenant"], found["entityId"], found["name"]) == ("acme", IDP, "Northwind login")
    assert len(found["certificates"]) == 2
    assert found["policy"]["wantSigned"] == "any"
    assert IDP in acme.ok("idp", "list")


def test_a_second_import_renews_and_keeps_the_policy(with_idp: CommandLine) -> None:
    """New certificates come in, gone ones go, and are named; policy and name stay."""
    with_idp.ok("idp", "set", "--want-signed", "both", "--yes")
    assert "is as it was" in with_idp.ok("idp", "import", "idp.xml")
    metadata = MockIdp().metadata.replace(b"/sso", b"/saml/sso").split(b"<md:KeyDescriptor", 2)
    without_the_first = metadata[0] + b"<md:KeyDescriptor" + metadata[2]
    (with_idp.folder / "new.xml").write_bytes(without_the_first)
    told = with_idp.ok("idp", "import", "new.xml")
    assert "is renewed" in told
    assert "(was https://login.northwind.example/sso)" in told
    assert "removed" in told
    (found,) = json.loads(with_idp.ok("idp", "list", "--json"))
    assert len(found["certificates"]) == 1
    assert (found["name"], found["policy"]["wantSigned"]) == ("Northwind login", "both")


@contextmanager
def served(document: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(document)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/metadata"
        finally:
            server.shutdown()
            thread.join()


def test_an_address_is_fetched(acme: CommandLine) -> None:
    """An operator may name an address of this machine; a name that leads there takes a flag."""
    with served(MockIdp().metadata) as url:
        assert f"{IDP} is set up" in acme.ok("idp", "import", url)
        by_name = url.replace("127.0.0.1", "127.1")
        assert "not a public address" in acme("idp", "import", by_name).error
        assert "is as it was" in acme.ok("idp", "import", by_name, "--allow-private")


def test_standard_input_is_read(acme: CommandLine) -> None:
    """A dash stands for what is piped in."""
    told = acme.ok("idp", "import", "-", stdin=MockIdp().metadata.decode())
    assert f"{IDP} is set up" in told


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("absent.xml", "No such file"),
        (".", "Is a directory"),
        ("empty.xml", "empty"),
        ("words.txt", "not XML"),
        ("sp.xml", "our own metadata"),
        ("https://no-such-host.invalid/metadata", "no host"),
        ("http://user@login.example/", "must be like"),
    ],
)
def test_what_cannot_be_imported_is_explained(acme: CommandLine, source: str, words: str) -> None:
    """Each mistake is one line that says what it was; nothing is set up."""
    (acme.folder / "empty.xml").touch()
    (acme.folder / "words.txt").write_text("My IdP is Okta.")
    (acme.folder / "sp.xml").write_text(acme.ok("metadata"))
    assert words in acme("idp", "import", source).error
    assert json.loads(acme.ok("idp", "list", "--json")) == []


def test_of_several_one_has_to_be_named(acme: CommandLine) -> None:
    """A document with two IdPs lists them; --entity-id chooses, and must be one of them."""
    other = MockIdp(base_url="https://other.example")
    both = b"".join(idp.metadata.partition(b"?>")[2] or idp.metadata for idp in (MockIdp(), other))
    (acme.folder / "both.xml").write_bytes(
        b'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">'
        + both
        + b"</md:EntitiesDescriptor>"
    )
    error = acme("idp", "import", "both.xml").error
    assert "--entity-id" in error
    assert IDP in error
    assert other.entity_id in error
    assert "nobody" in acme("idp", "import", "both.xml", "--entity-id", "nobody").error
    assert other.entity_id in acme.ok("idp", "import", "both.xml", "--entity-id", other.entity_id)


#: Options that make the policy stricter or are no matter of strictness, and what comes of them.
HARMLESS = [
    (("--unsolicited", "refuse"), "unsolicited", "refuse"),
    (("--clock-skew", "30"), "clockSkew", 30),
    (("--want-signed", "both"), "wantSigned", "both"),
    (("--nameid-format", "email"), "nameidFormat", "email"),
    (("--authn-context", "urn:example:mfa"), "authnContext", "urn:example:mfa"),
    (("--signed-logout", "on"), "signedLogout", True),
]
WEAKENING = [
    (("--unsolicited", "accept"), "unsolicited", "accept", "nobody asked for"),
    (("--clock-skew", "300"), "clockSkew", 300, "300 seconds rather than 120"),
    (("--signed-logout", "off"), "signedLogout", False, "Unsigned logout messages"),
]


@pytest.mark.parametrize(("option", "field", "value"), HARMLESS)
def test_a_setting_is_set(
    with_idp: CommandLine, option: tuple[str, str], field: str, value: Any
) -> None:
    """What does not weaken the policy is done without a question; the one IdP need not be named."""
    with_idp.ok("idp", "set", *option)
    assert policy(with_idp)[field] == value


@pytest.mark.parametrize(("option", "field", "value", "words"), WEAKENING)
def test_a_weakening_has_to_be_meant(
    with_idp: CommandLine, option: tuple[str, str], field: str, value: Any, words: str
) -> None:
    """Without a terminal it takes --yes; the warning is said in both cases."""
    before = policy(with_idp)
    error = with_idp("idp", "set", *option).error
    assert words in error
    assert "--yes" in error
    assert policy(with_idp) == before
    answer = with_idp("idp", "set", *option, "--yes")
    assert answer.status == 0
    assert words in answer.err
    assert policy(with_idp) == {**before, field: value}


@pytest.mark.parametrize(("reply", "status", "skew"), [("y\n", 0, 300), ("n\n", 1, 120)])
def test_at_a_terminal_it_asks(with_idp: CommandLine, reply: str, status: int, skew: int) -> None:
    """Somebody at a terminal is asked, and a no changes nothing."""
    assert at_terminal(with_idp, reply, "idp", "set", "--clock-skew", "300").status == status
    assert policy(with_idp)["clockSkew"] == skew


def at_terminal(doorward: CommandLine, reply: str, *arguments: str) -> Answer:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, reply.encode())
        return doorward.fresh(*arguments, stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)


def test_what_needs_a_key_pair_takes_one(with_idp: CommandLine) -> None:
    """Signed requests and encrypted assertions need our keys: else the next sign-in would fail."""
    for option in ("--sign-requests", "--want-encrypted"):
        assert "doorward keys new" in with_idp("idp", "set", option, "on").error
    with_idp.ok("keys", "new")
    with_idp.ok("idp", "set", "--sign-requests", "on", "--want-encrypted", "on")
    found = policy(with_idp)
    assert (found["signRequests"], found["wantEncrypted"]) == (True, True)


@pytest.mark.parametrize(
    "option",
    [
        (),
        ("--unsolicited", "sometimes"),
        ("--clock-skew", "-1"),
        ("--clock-skew", "86400"),
        ("--clock-skew", "soon"),
        ("--want-encrypted", "yes"),
        ("--no-such-setting", "on"),
    ],
)
def test_bad_usage_has_status_2(with_idp: CommandLine, option: tuple[str, ...]) -> None:
    """What cannot be a setting is one line with the status of bad usage."""
    answer = with_idp("idp", "set", *option)
    assert (answer.status, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 1


def test_an_unknown_idp_is_named(with_idp: CommandLine) -> None:
    """Another entity ID than the one there is, and a context that is no URI, are refused."""
    assert "'nobody'" in with_idp("idp", "set", "--idp", "nobody", "--clock-skew", "1").error
    assert "URI" in with_idp("idp", "set", "--authn-context", "password").error


def test_an_idp_is_removed(with_idp: CommandLine) -> None:
    """With --yes it is forgotten; the last one is kept while single sign-on is on."""
    with_idp.ok("sso", "on", "--force")
    assert "turn single sign-on off" in with_idp("idp", "remove", IDP, "--yes").error
    with_idp.ok("sso", "off")
    assert "--yes" in with_idp("idp", "remove", IDP).error
    assert with_idp("idp", "remove", IDP, "--yes").status == 0
    assert json.loads(with_idp.ok("idp", "list", "--json")) == []
