"""The AuthnRequest: what it asks, how it is signed, how it travels."""

import base64
import subprocess
import zlib
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import xmlsec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree
from onelogin.saml2.authn_request import OneLogin_Saml2_Authn_Request
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from saml2.samlp import authn_request_from_string
from saml2.sigver import RSACrypto, verify_redirect_signature

from saml import authn_request, keys, schema, signature
from saml.authn_request import PostForm, Redirect
from saml.errors import KeyUnusable
from saml.parsing import parse
from saml.settings import IdentityProvider, NameIDFormat, Policy, ServiceProvider
from saml.terms import BINDING_POST, DS, NAMEID_FORMATS, RSA_SHA256, SAML, SAMLP
from tests.machine import require
from tests.unit.certificates import NOW, base64_of, key_pair

KEY = key_pair("RSA 2048")
SP = ServiceProvider(
    entity_id="https://northwind.example/saml/metadata",
    acs_url="https://northwind.example/saml/acs",
    slo_url="https://northwind.example/saml/slo",
    keys=(KEY, key_pair("RSA 3072")),
)
SSO = "https://login.example/sso"
IDP = IdentityProvider("https://login.example/metadata", (), sso_redirect_url=SSO)
REQUEST_ID = "_0123456789abcdef"
PLAIN = Policy()
SIGNED = Policy(sign_requests=True)
ID_OF_REQUEST = ("--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:AuthnRequest")


def build(policy: Policy = PLAIN, *, force: bool = False, passive: bool = False) -> etree._Element:
    xml = authn_request.build(
        SP,
        replace(IDP, policy=policy),
        request_id=REQUEST_ID,
        now=NOW,
        destination=SSO,
        force_authn=force,
        is_passive=passive,
    )
    root = parse(xml)
    schema.check_protocol(root)
    return root


def start(idp: IdentityProvider, relay_state: str | None = "tab-1") -> Redirect | PostForm:
    return authn_request.start(SP, idp, request_id=REQUEST_ID, relay_state=relay_state, now=NOW)


def redirect(policy: Policy = PLAIN, *, location: str = SSO, relay_state: str | None = "t") -> str:
    message = start(replace(IDP, sso_redirect_url=location, policy=policy), relay_state)
    assert isinstance(message, Redirect)
    return message.url


def posted(policy: Policy = PLAIN) -> tuple[PostForm, etree._Element]:
    form = start(replace(IDP, sso_redirect_url=None, sso_post_url=SSO, policy=policy))
    assert isinstance(form, PostForm)
    return form, parse(base64.b64decode(form.fields["SAMLRequest"], validate=True))


def inflated(url: str) -> bytes:
    fields = dict(parse_qsl(urlsplit(url).query))
    return zlib.decompress(base64.b64decode(fields["SAMLRequest"]), wbits=-15)


def test_an_id_cannot_be_guessed_and_is_an_xs_id() -> None:
    """Core 1.3.4: an ID has 160 random bits and begins as an xs:ID must."""
    ids = {authn_request.new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(new) == 41 and new[0] == "_" and int(new[1:], 16) >= 0 for new in ids)


def test_a_request_asks_for_a_response_at_our_acs_and_nothing_else() -> None:
    """By default neither a NameID format nor an authentication context is asked for."""
    root = build()
    assert dict(root.attrib) == {
        "ID": REQUEST_ID,
        "Version": "2.0",
        "IssueInstant": "2026-01-01T00:00:00Z",
        "Destination": SSO,
        "ProtocolBinding": BINDING_POST,
        "AssertionConsumerServiceURL": SP.acs_url,
    }
    assert [(child.tag, child.text) for child in root] == [(f"{SAML}Issuer", SP.entity_id)]


@pytest.mark.parametrize(
    ("wanted", "allow_create"),
    [("email", "true"), ("persistent", "true"), ("unspecified", "true"), ("transient", None)],
)
def test_a_nameid_format_is_asked_for_where_the_policy_names_one(
    wanted: NameIDFormat, allow_create: str | None
) -> None:
    """NameIDPolicy holds the policy's format; AllowCreate never goes with transient (E14)."""
    policy = build(Policy(nameid_format=wanted)).find(f"{SAMLP}NameIDPolicy")
    assert policy is not None
    assert policy.get("Format") == NAMEID_FORMATS[wanted]
    assert policy.get("AllowCreate") == allow_create


def test_an_authentication_context_is_asked_for_exactly() -> None:
    """RequestedAuthnContext holds the policy's class, to be met exactly."""
    wanted = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
    context = build(Policy(authn_context=wanted)).find(f"{SAMLP}RequestedAuthnContext")
    assert context is not None
    assert context.get("Comparison") == "exact"
    assert [child.text for child in context] == [wanted]


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("passive", [True, False])
def test_force_and_passive_are_said_only_when_meant(force: bool, passive: bool) -> None:
    """ForceAuthn and IsPassive are absent unless true."""
    root = build(force=force, passive=passive)
    assert root.get("ForceAuthn") == ("true" if force else None)
    assert root.get("IsPassive") == ("true" if passive else None)


def test_the_issue_instant_is_in_utc() -> None:
    """An instant of another time zone is written in UTC, to the second."""
    elsewhere = datetime(2026, 7, 1, 1, 30, 15, 999, tzinfo=timezone(timedelta(hours=2)))
    xml = authn_request.build(SP, IDP, request_id="_1", now=elsewhere, destination=SSO)
    assert parse(xml).get("IssueInstant") == "2026-06-30T23:30:15Z"


def test_configured_values_cannot_break_out_of_the_xml() -> None:
    """Whatever a setting holds arrives as that value and adds no element."""
    hostile = "https://x.example/?a=1&b=\"'><Evil/>&amp;é"
    sp = replace(SP, entity_id=hostile, acs_url=hostile)
    idp = replace(IDP, policy=Policy(authn_context=hostile))
    root = parse(authn_request.build(sp, idp, request_id="_1", now=NOW, destination=hostile))
    assert root.get("Destination") == root.get("AssertionConsumerServiceURL") == hostile
    assert root.findtext(f"{SAML}Issuer") == hostile
    assert root.findtext(f".//{SAML}AuthnContextClassRef") == hostile


def test_redirect_carries_the_deflated_request_and_the_relay_state() -> None:
    """Bindings 3.4.4.1: raw deflate, base64, percent-encoding; RelayState beside it."""
    url = redirect(relay_state="a b+c/é")
    assert url.startswith(f"{SSO}?SAMLRequest=")
    fields = dict(parse_qsl(urlsplit(url).query))
    assert fields.keys() == {"SAMLRequest", "RelayState"}
    assert fields["RelayState"] == "a b+c/é"
    assert parse(inflated(url)).get("ID") == REQUEST_ID
    assert dict(parse_qsl(urlsplit(redirect(relay_state=None)).query)).keys() == {"SAMLRequest"}


@pytest.mark.parametrize(
    ("location", "begins"),
    [
        (
            "https://i.example/sso?idpid=C0&x=%20",
            "https://i.example/sso?idpid=C0&x=%20&SAMLRequest=",
        ),
        ("https://i.example/sso?", "https://i.example/sso?SAMLRequest="),
        ("https://i.example/sso?a=1&", "https://i.example/sso?a=1&SAMLRequest="),
        ("https://i.example/sso#top", "https://i.example/sso?SAMLRequest="),
    ],
)
def test_a_query_of_the_endpoint_is_kept(location: str, begins: str) -> None:
    """The IdP's own query stays in front, letter for letter; a fragment goes."""
    url = redirect(location=location)
    assert url.startswith(begins)
    assert parse(inflated(url)).get("Destination") == location


def test_a_signed_redirect_is_signed_over_its_exact_octets() -> None:
    """SAMLRequest, RelayState and SigAlg as sent are signed: one changed octet, and it fails."""
    url = redirect(SIGNED, location=f"{SSO}?idpid=C0", relay_state="a b")
    query = urlsplit(url).query.removeprefix("idpid=C0&")
    octets = query.partition("&Signature=")[0]
    names = [name for name, _ in parse_qsl(query)]
    assert names == ["SAMLRequest", "RelayState", "SigAlg", "Signature"]
    fields = dict(parse_qsl(query))
    assert fields["SigAlg"] == RSA_SHA256
    signed = base64.b64decode(fields["Signature"], validate=True)
    public = x509.load_pem_x509_certificate(KEY.certificate.encode()).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    public.verify(signed, octets.encode(), padding.PKCS1v15(), hashes.SHA256())
    for changed in (octets.replace("a%20b", "a%20c"), octets + "&", octets.replace("%20", "+")):
        with pytest.raises(InvalidSignature):
            public.verify(signed, changed.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert b"Signature" not in inflated(url)


def test_other_readers_accept_a_signed_redirect() -> None:
    """python3-saml and pysaml2 verify the signature, and pysaml2 reads the request."""
    query = urlsplit(redirect(SIGNED, relay_state="tab-1")).query
    fields = dict(parse_qsl(query))
    assert OneLogin_Saml2_Utils.validate_binary_sign(
        query.partition("&Signature=")[0],
        base64.b64decode(fields["Signature"]),
        KEY.certificate,
        RSA_SHA256,
    )
    certificate = base64_of(KEY.certificate)
    assert verify_redirect_signature(fields, RSACrypto(None), cert=certificate)
    assert not verify_redirect_signature(
        {**fields, "RelayState": "tab-2"}, RSACrypto(None), cert=certificate
    )
    request = authn_request_from_string(inflated(redirect(SIGNED)))
    assert request.verify()
    assert request.issuer.text == SP.entity_id
    assert request.assertion_consumer_service_url == SP.acs_url


def test_python3_saml_builds_the_same_request() -> None:
    """Set up alike, python3-saml's AuthnRequest has our attributes and our elements."""
    settings = {
        "strict": True,
        "sp": {
            "entityId": SP.entity_id,
            "assertionConsumerService": {"url": SP.acs_url, "binding": BINDING_POST},
            "NameIDFormat": NAMEID_FORMATS["email"],
        },
        "idp": {
            "entityId": IDP.entity_id,
            "singleSignOnService": {"url": SSO},
            "x509cert": base64_of(KEY.certificate),
        },
        "security": {"requestedAuthnContext": ["urn:x"]},
    }
    theirs = etree.fromstring(
        OneLogin_Saml2_Authn_Request(
            OneLogin_Saml2_Settings(settings), force_authn=True, is_passive=True
        ).get_xml()
    )
    ours = build(Policy(nameid_format="email", authn_context="urn:x"), force=True, passive=True)

    def shape(root: etree._Element) -> list[tuple[object, ...]]:
        unlike = ("ID", "IssueInstant")
        return [
            (e.tag, {k: v for k, v in e.attrib.items() if k not in unlike}, (e.text or "").strip())
            for e in root.iter()
        ]

    assert shape(ours) == shape(theirs)


def test_a_form_carries_the_request_in_base64() -> None:
    """HTTP-POST: the endpoint as action, the request and the RelayState as fields."""
    form, root = posted()
    assert form.action == SSO
    assert form.fields.keys() == {"SAMLRequest", "RelayState"}
    assert form.fields["RelayState"] == "tab-1"
    assert root.get("ID") == REQUEST_ID
    assert root.find(f"{DS}Signature") is None


def test_a_signed_form_has_its_signature_after_the_issuer() -> None:
    """HTTP-POST: an enveloped signature of SAML's profile, which our own reader verifies."""
    _, root = posted(SIGNED)
    schema.check_protocol(root)
    assert [child.tag for child in root] == [f"{SAML}Issuer", f"{DS}Signature"]
    found = signature.signature_of(root)
    assert found is not None
    signature.verify(found, [KEY.certificate])
    assert parse(signature.signed_bytes(found)).get("AssertionConsumerServiceURL") == SP.acs_url


def test_other_readers_accept_a_signed_form(tmp_path: Path) -> None:
    """python3-saml and the xmlsec1 program verify the signature, and notice a change."""
    xmlsec1 = require("xmlsec1")
    form, _ = posted(SIGNED)
    document = base64.b64decode(form.fields["SAMLRequest"])
    changed = document.replace(SP.acs_url.encode(), b"https://evil.example/saml/acs")
    certificate = tmp_path / "sp.pem"
    certificate.write_text(KEY.certificate)
    for xml, accepted in ((document, True), (changed, False)):
        message = tmp_path / "request.xml"
        message.write_bytes(xml)
        told = subprocess.run(
            [xmlsec1, "--verify", "--pubkey-cert-pem", certificate, *ID_OF_REQUEST, message],
            capture_output=True,
            check=False,
        )
        assert (told.returncode == 0) is accepted, told.stderr
        root = etree.fromstring(xml)
        xmlsec.tree.add_ids(root, ["ID"])
        node = root.find(f"{DS}Signature")
        verified = OneLogin_Saml2_Utils.validate_node_sign(node, root, cert=KEY.certificate)
        assert bool(verified) is accepted


def test_redirect_is_preferred() -> None:
    """With both endpoints the browser is redirected; with the POST one alone it posts."""
    both = replace(IDP, sso_post_url="https://login.example/post")
    preferred = start(both)
    assert isinstance(preferred, Redirect)
    assert preferred.url.startswith(f"{SSO}?")
    assert parse(inflated(preferred.url)).get("Destination") == SSO
    only_post = start(replace(both, sso_redirect_url=None))
    assert isinstance(only_post, PostForm)
    assert only_post.action == "https://login.example/post"
    with pytest.raises(ValueError, match="no SSO endpoint"):
        start(replace(IDP, sso_redirect_url=None))


def test_only_the_policy_has_a_request_signed() -> None:
    """A key alone signs nothing: an IdP that does not know it would refuse."""
    assert "Signature" not in redirect(PLAIN)
    assert "&Signature=" in redirect(SIGNED)


@pytest.mark.parametrize("sso", ["sso_redirect_url", "sso_post_url"])
def test_a_request_that_must_be_signed_is_never_sent_unsigned(sso: str) -> None:
    """Without a key, or with one that is not RSA, starting fails with a sentence."""
    idp = IdentityProvider(IDP.entity_id, (), **{sso: SSO}, policy=SIGNED)
    broken = replace(KEY, private_key="-----BEGIN PRIVATE KEY-----\nAAAA\n")
    for pairs in ((), (key_pair("secp256r1"),), (broken,)):
        with pytest.raises(KeyUnusable) as refusal:
            authn_request.start(
                replace(SP, keys=pairs), idp, request_id="_1", relay_state=None, now=NOW
            )
        assert str(refusal.value).endswith(".")


def test_a_relay_state_has_at_most_80_bytes() -> None:
    """Bindings 3.4.3: 80 bytes pass, 81 are an error of ours."""
    assert "RelayState=" + "%C3%A9" * 40 in redirect(relay_state="é" * 40)
    with pytest.raises(ValueError, match="80 bytes"):
        redirect(relay_state="é" * 40 + "x")


def test_private_keys_are_loaded_once() -> None:
    """The same PEM gives the same loaded key: parsing it at every sign-in would cost."""
    assert keys.private_key(KEY.private_key) is keys.private_key(str(KEY.private_key))
