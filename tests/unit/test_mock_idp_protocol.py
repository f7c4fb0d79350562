"""The mock IdP takes good requests and logouts, and refuses bad ones."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import etree

from tests.idp import redirect, terms
from tests.idp.client import answer, start
from tests.idp.keys import KeyPair, process_keys, rsa_key_pair
from tests.idp.logout import LogoutRequest, LogoutResponse, Principal, read_logout
from tests.idp.responses import encode
from tests.idp.signing import sign, signing_with, template_for
from tests.unit.mock_idp_site import (
    ANNA,
    IDP,
    NOW,
    SP,
    authn_request,
    name_id,
    pick,
    provider,
    sent,
    sp_keys,
    sp_metadata,
    sso,
    website,
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FlaskClient]:
    """The IdP's website, knowing one service provider."""
    with website(tmp_path) as client:
        yield client


def test_the_acs_must_be_in_the_metadata(site: FlaskClient) -> None:
    """A request may name an ACS of the metadata by URL or index, and no other."""
    pick(site, site.get(sso(authn_request())).text)
    for attribute in (
        f' AssertionConsumerServiceURL="{SP}/acs/second"',
        ' AssertionConsumerServiceIndex="1"',
    ):
        page = site.get(sso(authn_request(attribute))).text
        assert f'action="{SP}/acs/second"' in page
        assert sent(page).get("Destination") == f"{SP}/acs/second"
    for attribute in (
        ' AssertionConsumerServiceURL="https://elsewhere.example/acs"',
        ' AssertionConsumerServiceIndex="7"',
        ' AssertionConsumerServiceIndex="x"',
    ):
        refused = site.get(sso(authn_request(attribute)))
        assert refused.status_code == 400
        assert "SAMLResponse" not in refused.text


@pytest.mark.parametrize(
    "document",
    [
        b"<no",
        b"<!DOCTYPE x><x/>",
        b"<x/>",
        authn_request().replace(b"northwind", b"stranger"),
        authn_request().replace(IDP.sso_url.encode(), b"https://elsewhere.example/sso"),
        authn_request(f' ProtocolBinding="{terms.HTTP_REDIRECT}"'),
        authn_request().replace(b' ID="_q1"', b""),
    ],
)
def test_bad_requests_are_refused(site: FlaskClient, document: bytes) -> None:
    """What is no good AuthnRequest of a known SP ends on the IdP's own page."""
    refused = site.get(sso(document))
    assert refused.status_code == 400
    assert "Not possible" in refused.text


def test_an_inflate_bomb_is_refused() -> None:
    """A query that inflates to more than the cap is refused, at the cap."""
    bomb = zlib.compress(b" " * 50_000_000, wbits=-15)
    with pytest.raises(redirect.RequestRefusedError, match="larger than"):
        redirect.read("SAMLRequest=" + quote(b64encode(bomb).decode(), safe=""))


@pytest.mark.parametrize(
    "query", ["SAMLRequest=!!", "SAMLRequest=AAAA", "x=1", "SAMLRequest=a&SAMLRequest=b", ""]
)
def test_queries_that_carry_nothing_are_refused(site: FlaskClient, query: str) -> None:
    """A query without one whole deflated message is refused."""
    assert site.get(f"/sso?{query}").status_code == 400


def test_query_signatures_are_verified(site: FlaskClient) -> None:
    """A signed query must be signed by the SP's key, over just what was sent."""
    good = sso(authn_request(), key=sp_keys())
    assert site.get(good).status_code == 200
    stranger = sso(authn_request(), key=process_keys().rogue)
    assert site.get(stranger).status_code == 400
    assert site.get(good.replace("state-1", "state-2")).status_code == 400


def test_an_sp_that_signs_always_signs(tmp_path: Path) -> None:
    """Where the metadata says AuthnRequestsSigned an unsigned request is refused."""
    with website(tmp_path, sp_metadata(signs=True)) as site:
        assert site.get(sso(authn_request())).status_code == 400
        assert site.get(sso(authn_request(), key=sp_keys())).status_code == 200


def test_posted_requests_are_verified(site: FlaskClient) -> None:
    """The HTTP-POST binding takes unsigned requests, good signatures, and no bad ones."""

    def post(document: bytes) -> int:
        form = {"SAMLRequest": encode(document), "RelayState": "state-1"}
        return site.post("/sso", data=form).status_code

    def signed(key: KeyPair) -> bytes:
        signing = signing_with(key)
        template = template_for(signing, "_q1").encode()
        issuer = b"</saml:Issuer>"
        return sign(authn_request().replace(issuer, issuer + template), signing)

    assert post(authn_request()) == 200
    assert post(signed(sp_keys())) == 200
    assert post(signed(process_keys().rogue)) == 400
    assert post(signed(sp_keys()).replace(b'ID="_q1"', b'ID="_q2"')) == 400
    assert site.post("/sso", data={"SAMLRequest": "words, words"}).status_code == 400


def test_changed_keys_are_found(tmp_path: Path) -> None:
    """An SP that rolled its keys over is believed once its metadata says so."""
    with website(tmp_path) as site:
        new = rsa_key_pair("The next key")
        request = sso(authn_request(), key=new)
        assert site.get(request).status_code == 400
        old = sp_keys().certificate_base64
        text = sp_metadata().decode().replace(old, new.certificate_base64)
        (tmp_path / "sp.xml").write_text(text)
        assert site.get(request).status_code == 200


def test_the_sp_can_log_out(site: FlaskClient) -> None:
    """A signed LogoutRequest ends the IdP's session and is answered, signed, to the SP."""
    posted = pick(site, site.get(sso(authn_request())).text)
    (statement,) = sent(posted).iter(f"{{{terms.SAML}}}AuthnStatement")
    principal = Principal(ANNA, session_indexes=(statement.get("SessionIndex") or "",))
    request = LogoutRequest("_l1", f"{SP}/metadata", IDP.slo_url, NOW, principal)
    query = redirect.query("SAMLRequest", request.document(), relay_state="r", key=sp_keys())
    answered = site.get(f"/slo?{query}")
    assert answered.status_code == 303
    target = urlsplit(answered.location)
    assert f"{target.scheme}://{target.netloc}{target.path}" == f"{SP}/slo"
    message = redirect.read(target.query)
    redirect.verify(message, [process_keys().rsa.certificate_pem])
    response = read_logout(message.document)
    assert isinstance(response, LogoutResponse)
    assert response.in_response_to == "_l1"
    assert response.status == (terms.SUCCESS,)
    assert message.relay_state == "r"
    assert "Who signs in?" in site.get(sso(authn_request())).text


def test_the_idp_can_log_out_everywhere(site: FlaskClient) -> None:
    """A sign-out everywhere sends the SP the NameID and SessionIndex that it was told."""
    posted = pick(site, site.get(sso(authn_request())).text)
    (statement,) = sent(posted).iter(f"{{{terms.SAML}}}AuthnStatement")
    sent_away = site.get("/logout?everywhere=1")
    message = redirect.read(urlsplit(sent_away.location).query)
    redirect.verify(message, [process_keys().rsa.certificate_pem])
    request = read_logout(message.document)
    assert isinstance(request, LogoutRequest)
    assert request.principal.name_id == ANNA
    assert request.principal.format == terms.EMAIL
    assert request.principal.session_indexes == (statement.get("SessionIndex"),)
    done = LogoutResponse("_d1", f"{SP}/metadata", IDP.slo_url, NOW, request.id)
    query = redirect.query("SAMLResponse", done.document(), key=sp_keys())
    assert "Signed out" in site.get(f"/slo?{query}").text
    assert site.get(f"/slo?{query}").status_code == 400


def test_logout_by_a_stranger_is_refused(site: FlaskClient) -> None:
    """A LogoutRequest signed by another key ends nothing."""
    pick(site, site.get(sso(authn_request())).text)
    request = LogoutRequest("_l1", f"{SP}/metadata", IDP.slo_url, NOW, Principal(ANNA))
    query = redirect.query("SAMLRequest", request.document(), key=process_keys().rogue)
    assert site.get(f"/slo?{query}").status_code == 400
    assert name_id(sent(site.get(sso(authn_request())).text)) == ANNA


def test_the_client_answers_like_the_website() -> None:
    """Without a browser the same answer comes as form fields."""
    url = f"{IDP.sso_url}?{redirect.query('SAMLRequest', authn_request(), relay_state='s')}"
    form = answer(IDP, url, name_id=ANNA, now=NOW, provider=provider())
    response = etree.fromstring(b64decode(form["SAMLResponse"]))
    assert form["RelayState"] == "s"
    assert response.get("InResponseTo") == "_q1"
    assert response.get("Destination") == f"{SP}/acs"
    changed = answer(
        IDP, url, name_id=ANNA, now=NOW, provider=provider(), recipient="https://other.example/"
    )
    (data,) = etree.fromstring(b64decode(changed["SAMLResponse"])).iter(
        f"{{{terms.SAML}}}SubjectConfirmationData"
    )
    assert data.get("Recipient") == "https://other.example/"
    unsolicited = start(IDP, provider(), name_id=ANNA, now=NOW, relay_state="/x")
    assert unsolicited["RelayState"] == "/x"
    assert etree.fromstring(b64decode(unsolicited["SAMLResponse"])).get("InResponseTo") is None


def test_metadata_names_the_keys_and_places() -> None:
    """The metadata lists both signing certificates and both bindings, and any further key."""
    root = etree.fromstring(replace(IDP, further_keys=(process_keys().weak,)).metadata)
    assert root.get("entityID") == "https://login.northwind.example/metadata"
    assert [one.text for one in root.iter(f"{{{terms.DS}}}X509Certificate")] == [
        process_keys().rsa.certificate_base64,
        process_keys().ecdsa.certificate_base64,
        process_keys().weak.certificate_base64,
    ]
    places = [
        (one.get("Binding"), one.get("Location"))
        for one in root.iter(f"{{{terms.METADATA}}}SingleSignOnService")
    ]
    assert places == [(terms.HTTP_REDIRECT, IDP.sso_url), (terms.HTTP_POST, IDP.sso_url)]


def test_signed_queries_keep_their_parts() -> None:
    """A query that the IdP writes reads back as what went in."""
    message = redirect.read(
        redirect.query("SAMLResponse", b"<x/>", relay_state="a b&c", key=process_keys().ecdsa)
    )
    redirect.verify(message, [process_keys().ecdsa.certificate_pem])
    assert (message.document, message.relay_state) == (b"<x/>", "a b&c")
    assert parse_qs(message.signed_octets.decode())["SigAlg"] == [terms.ECDSA_SHA256]
