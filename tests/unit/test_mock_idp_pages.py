"""The mock IdP as a website: who is asked, and what is answered."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import etree

from tests.idp import terms
from tests.idp.config import ConfigError, read_people
from tests.idp.misbehaviours import DRAWER
from tests.unit.mock_idp_site import (
    ANNA,
    SP,
    authn_request,
    fields,
    name_id,
    pick,
    sent,
    sp_metadata,
    sso,
    website,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FlaskClient]:
    """The IdP's website, knowing one service provider."""
    with website(tmp_path) as client:
        yield client


def test_somebody_is_asked_once(site: FlaskClient) -> None:
    """The first request shows the people, the second is answered by the IdP's own session."""
    page = site.get(sso(authn_request())).text
    assert "Mock identity provider" in page
    assert "for tests and the demo only" in page
    assert "Anna Larsen" in page
    assert "00417" in page
    posted = pick(site, page)
    assert f'action="{SP}/acs"' in posted
    assert fields(posted)["RelayState"] == "state-1"
    assert sent(posted).get("InResponseTo") == "_q1"
    assert name_id(sent(posted)) == ANNA
    again = site.get(sso(authn_request(request_id="_q2"))).text
    assert name_id(sent(again)) == ANNA
    assert sent(again).get("InResponseTo") == "_q2"


def test_the_answer_needs_no_javascript(site: FlaskClient) -> None:
    """The page that posts itself has a button that does the same."""
    posted = pick(site, site.get(sso(authn_request())).text)
    assert '<button class="primary" type="submit">Continue</button>' in posted
    script = re.search(r'<script src="([^"]+)" defer></script>', posted)
    assert script
    with site.get(script[1]) as served:
        assert b"submit()" in served.data


def test_any_name_id_can_be_typed(site: FlaskClient) -> None:
    """A NameID of nobody's list is sent to the letter, in the format that was chosen."""
    page = site.get(sso(authn_request())).text
    posted = pick(site, page, "other", name_id=" <Zoë> & Co ", name_id_format="persistent")
    (element,) = sent(posted).iter(f"{{{terms.SAML}}}NameID")
    assert element.text == " <Zoë> & Co "
    assert element.get("Format") == terms.PERSISTENT


def test_nobody_chosen_is_refused(site: FlaskClient) -> None:
    """An empty field for another NameID signs nobody in."""
    page = site.get(sso(authn_request())).text
    form = {"question": fields(page)["question"], "person": "other", "name_id": ""}
    assert site.post("/sso/person", data=form).status_code == 400
    assert "Who signs in?" in site.get(sso(authn_request())).text


def test_a_request_is_answered_once(site: FlaskClient) -> None:
    """The sign-in page sent a second time says that it was answered."""
    page = site.get(sso(authn_request())).text
    pick(site, page)
    form = {"question": fields(page)["question"], "person": "0"}
    assert site.post("/sso/person", data=form).status_code == 400


def test_force_authn_asks_again(site: FlaskClient) -> None:
    """ForceAuthn shows the people in spite of the session; the one who is there is offered."""
    pick(site, site.get(sso(authn_request())).text)
    page = site.get(sso(authn_request(' ForceAuthn="true"'))).text
    assert "Continue as Anna Larsen" in page
    assert name_id(sent(pick(site, page, "1"))) == "00417"


def test_is_passive_never_asks(site: FlaskClient) -> None:
    """IsPassive without a session is answered NoPassive, with a session as usual."""
    response = sent(site.get(sso(authn_request(' IsPassive="true"'))).text)
    codes = [one.get("Value") for one in response.iter(f"{{{terms.SAMLP}}}StatusCode")]
    assert codes == [terms.RESPONDER, terms.NO_PASSIVE]
    assert name_id(response) is None
    pick(site, site.get(sso(authn_request())).text)
    assert name_id(sent(site.get(sso(authn_request(' IsPassive="true"'))).text)) == ANNA


def test_the_idp_can_start(site: FlaskClient) -> None:
    """A sign-in can begin at the IdP: it answers no request and keeps the RelayState."""
    page = site.get(f"/start?sp={SP}/metadata&RelayState=/there").text
    assert f"{SP}/metadata" in page
    assert 'value="/there"' in page
    form = {"sp": f"{SP}/metadata", "RelayState": "/there", "person": "1"}
    posted = site.post("/start", data=form).text
    assert fields(posted)["RelayState"] == "/there"
    assert sent(posted).get("InResponseTo") is None
    assert name_id(sent(posted)) == "00417"


def test_the_drawer_is_for_the_next_response_or_all(site: FlaskClient) -> None:
    """What is taken from the drawer shows on the page, and in one response or in each."""
    pick(site, site.get(sso(authn_request())).text)

    def audiences() -> list[str | None]:
        response = sent(site.get(sso(authn_request())).text)
        return [one.text for one in response.iter(f"{{{terms.SAML}}}Audience")]

    site.post("/drawer", data={"misbehaviour": "wrong_audience", "for": "next"})
    assert "wrong_audience" in site.get("/").text
    assert audiences() == ["https://elsewhere.example/sp"]
    assert audiences() == [f"{SP}/metadata"]
    site.post("/drawer", data={"misbehaviour": "wrong_audience", "for": "all"})
    assert audiences() == audiences() == ["https://elsewhere.example/sp"]
    site.post("/drawer", data={"for": "none"})
    assert audiences() == [f"{SP}/metadata"]
    assert site.post("/drawer", data={"misbehaviour": "no_such"}).status_code == 400


def test_replayed_says_the_last_id_again(site: FlaskClient) -> None:
    """The drawer's `replayed` repeats the assertion ID of the response before it."""
    pick(site, site.get(sso(authn_request())).text)

    def assertion_id() -> str | None:
        (assertion,) = sent(site.get(sso(authn_request())).text).iter(f"{{{terms.SAML}}}Assertion")
        return assertion.get("ID")

    first = assertion_id()
    assert assertion_id() != first
    second = assertion_id()
    site.post("/drawer", data={"misbehaviour": "replayed", "for": "next"})
    assert assertion_id() == second


def test_every_misbehaviour_can_be_sent(site: FlaskClient) -> None:
    """The website can show and post each drawer entry."""
    page = site.get("/drawer").text
    pick(site, site.get(sso(authn_request())).text)
    for name in DRAWER:
        assert f'value="{name}"' in page
        site.post("/drawer", data={"misbehaviour": name, "for": "next"})
        posted = site.get(sso(authn_request()))
        assert posted.status_code == 200, name
        assert "SAMLResponse" in fields(posted.text), name


def test_encryption_needs_a_certificate(tmp_path: Path) -> None:
    """An encrypted response for an SP without a certificate is refused in plain words."""
    metadata = re.sub(
        rb'<md:KeyDescriptor use="encryption">.*?</md:KeyDescriptor>', b"", sp_metadata()
    )
    with website(tmp_path, metadata) as site:
        pick(site, site.get(sso(authn_request())).text)
        site.post("/drawer", data={"misbehaviour": "encrypted", "for": "next"})
        refused = site.get(sso(authn_request()))
        assert refused.status_code == 400
        assert "encryption certificate" in refused.text


def test_habits(site: FlaskClient) -> None:
    """The IdP can be told to ask every time, and to wait before it sends."""
    pick(site, site.get(sso(authn_request())).text)
    site.post("/habits", data={"ask_always": "on", "hold": "on"})
    page = site.get(sso(authn_request())).text
    assert "Continue as Anna Larsen" in page
    held = pick(site, page, "same")
    assert "<script" not in held
    assert name_id(sent(held)) == ANNA


def test_logout_ends_the_session(site: FlaskClient) -> None:
    """After a sign-out the IdP asks again."""
    pick(site, site.get(sso(authn_request())).text)
    assert "Signed out" in site.get("/logout").text
    assert "Who signs in?" in site.get(sso(authn_request())).text


def test_pages_that_are_not_there(site: FlaskClient) -> None:
    """An unknown page and a wrong method have a page of their own."""
    assert site.get("/nowhere").status_code == 404
    assert site.get("/sso/person").status_code == 405


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "Expecting"),
        ("{}", "not a list"),
        ("[1]", "person 1: not an object"),
        ('[{"name": "A"}]', "person 1: no name_id"),
        ('[{"name": "A", "name_id": "a", "password": "x"}]', "unknown field password"),
    ],
)
def test_bad_people_are_named(tmp_path: Path, text: str, words: str) -> None:
    """A file of people that cannot be used says where and why."""
    file = tmp_path / "people.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_people(file)


def test_the_command_serves_and_ends(tmp_path: Path) -> None:
    """`python -m tests.idp` says in one line that it listens, serves, and ends at SIGTERM."""
    people = tmp_path / "people.json"
    people.write_text(json.dumps([{"name": "Anna", "name_id": ANNA, "name_id_format": "email"}]))
    command = [sys.executable, "-m", "tests.idp", "--port", "0", "--people", str(people)]
    command += ["--keys", str(tmp_path / "keys"), "--entity-id", "https://idp.example/me"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.fullmatch(r"Mock IdP listening on (http://127\.0\.0\.1:\d+) .*\n", line)
            assert found, line
            with urllib.request.urlopen(f"{found[1]}/metadata", timeout=30) as response:
                metadata = response.read()
            assert etree.fromstring(metadata).get("entityID") == "https://idp.example/me"
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()


def test_the_command_refuses_bad_people(tmp_path: Path) -> None:
    """A configuration that cannot be used ends with status 2 and one line."""
    command = [sys.executable, "-m", "tests.idp", "--people", str(tmp_path / "none.json")]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
