"""Two other readers on the same vectors: where they differ from ours, it is said why.

python3-saml (strict, the same certificates, the same clock) reads every vector; pysaml2, which
is slow, those that are accepted. The tables name each difference with its reason: a section of a
standard, or a weakness of the other that is known. A difference that is not listed fails, and
so does one that is listed and no longer there.
"""

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import time_machine
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client
from saml2.config import SPConfig

from saml.settings import Policy
from tests import machine
from tests.idp.keys import KeyPair
from tests.idp.metadata import identity_provider_metadata
from tests.unit.test_vectors import FILES, IDP, SP, Vector, load

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

REFUSED = "refused"
SSO_URL = "https://login.northwind.example/sso"

#: What python3-saml refuses and we accept.
STRICTER = {
    "encrypted_key_beside": "SAML core 2.2.4 and XML Encryption 3.5.1 allow the EncryptedKey there",
    "encrypted_own_prefixes": "lxml rewrites signed prefixes when it moves elements (php-saml#280)",
    "expired_within_skew": "its skew does not apply to SubjectConfirmationData",
}
_IGNORES_TRANSFORMS = "it runs whatever transform the message names (core 5.4.4 allows two)"
_NO_BOUNDS = "it has no bounds but those of libxml2"
_LENGTHS = "it has no bounds; core 8.3 and 3.2.1 name 256 characters for what it defines itself"
_RSA15 = "it decrypts RSA 1.5 (Bleichenbacher; XML Encryption 1.1 5.5.1)"
#: What python3-saml accepts and we refuse.
MORE_LENIENT = {
    "assertion_version_1_1": "it does not look at the Assertion's Version (core 2.3.3)",
    "audience_not_in_each": "it joins all restrictions; core 2.5.1.4 wants us in each",
    "blank_name_id": "white space is a NameID to it",
    "comment_in_digest": "it reads around comments; nothing is lost by it here",
    "comment_in_name_id": "it reads around comments (before CVE-2017-11427, up to them)",
    "comment_signed_in_name_id": "it reads around comments (before CVE-2017-11427, up to them)",
    "condition_of_known_type": "core 2.5.1.1: a Condition that is not understood is not valid",
    "deep": _NO_BOUNDS,
    "destination_longer": "it compares the beginning; bindings 3.5.5.2 wants the same URL",
    "encrypted_comment_in_cipher": "a comment hides what follows it from a reader of `.text`",
    "encrypted_inherited_namespaces": "it parses the plaintext within the outer document",
    "encrypted_name_id_rsa15": _RSA15,
    "encrypted_rsa15": _RSA15,
    "encrypted_tripledes": "it decrypts Triple DES (NIST SP 800-131A: disallowed since 2024)",
    "encrypted_two_assertions": "it counts before it decrypts, and reads the first",
    "field_with_rubbish": "its base64 skips what is not of the alphabet (RFC 4648 3.3)",
    "huge": _NO_BOUNDS,
    "in_response_to_unsigned": "profiles 4.1.4.2 wants InResponseTo in the confirmation too",
    "inclusive_c14n": _IGNORES_TRANSFORMS,
    "long_name_id_format": _LENGTHS,
    "long_name_id_value": _LENGTHS,
    "long_name_qualifier": _LENGTHS,
    "long_prefix_list": _LENGTHS,
    "long_session_index": _LENGTHS,
    "many_attributes": _NO_BOUNDS,
    "many_elements": _NO_BOUNDS,
    "many_namespaces": _NO_BOUNDS,
    "md5": "the algorithms it rejects are those with SHA-1 only",
    "no_audience": "profiles 4.1.4.2 wants an AudienceRestriction with us in it",
    "no_confirmation_expiry": "profiles 4.1.4.2 wants NotOnOrAfter",
    "no_destination": "bindings 3.5.5.2 wants it where the message is signed",
    "no_in_response_to": "it has no setting that refuses unsolicited responses",
    "no_recipient": "profiles 4.1.4.2 wants a Recipient",
    "object_in_signature": "core 5.4.2: a SAML signature has no Object",
    "processing_instruction": "instructions are no part of a value, nor of a SAML message",
    "recipient_contains": "it looks for our URL anywhere in the Recipient",
    "retrieval_method": "it ignores what it does not follow; core 5.4.5 leaves KeyInfo open",
    "stylesheet_instruction": "instructions are no part of a value, nor of a SAML message",
    "three_transforms": _IGNORES_TRANSFORMS,
    "utf16": "bytes are counted before they are parsed: only UTF-8 can be counted",
    "xpath_transform": _IGNORES_TRANSFORMS,
    "xslt_transform": _IGNORES_TRANSFORMS,
}
#: What pysaml2 refuses and we accept.
PYSAML2_STRICTER = {
    "encrypted_key_beside": STRICTER["encrypted_key_beside"],
}


def ours(vector: Vector) -> str:
    """The vector's own promise, which test_vectors holds us to."""
    return vector.header["name_id"] if vector.header["expect"] == "accepted" else REFUSED


def python3_saml(vector: Vector) -> str:
    """The NameID that python3-saml reads, or REFUSED whatever it raises."""
    policy = vector.policy
    settings = OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {
                "entityId": SP.entity_id,
                "assertionConsumerService": {"url": SP.acs_url},
                "x509cert": SP.keys[0].certificate,
                "privateKey": SP.keys[0].private_key,
            },
            "idp": {
                "entityId": IDP.entity_id,
                "singleSignOnService": {"url": SSO_URL},
                "x509certMulti": {"signing": list(IDP.signing_certificates), "encryption": []},
            },
            "security": {
                "wantAssertionsSigned": policy.want_signed in ("assertion", "both"),
                "wantMessagesSigned": policy.want_signed in ("response", "both"),
                "wantAssertionsEncrypted": policy.want_encrypted,
                "wantAttributeStatement": False,
                "allowRepeatAttributeName": True,
                "rejectDeprecatedAlgorithm": True,
                "requestedAuthnContext": [policy.authn_context] if policy.authn_context else False,
                "failOnAuthnContextMismatch": policy.authn_context is not None,
            },
        }
    )
    request = {
        "https": "on",
        "http_host": "northwind.example",
        "script_name": "/saml/acs",
        "get_data": {},
        "post_data": {},
    }
    try:
        response = OneLogin_Saml2_Response(settings, vector.field)
        response.is_valid(request, vector.request_id, raise_exceptions=True)
        return str(response.get_nameid())
    except Exception:  # it has no one kind of refusal
        return REFUSED


@cache
def pysaml2_client(policy: Policy, folder: Path) -> Saml2Client:
    metadata = folder / "idp.xml"
    metadata.write_bytes(
        identity_provider_metadata(
            entity_id=IDP.entity_id,
            sso_url=SSO_URL,
            slo_url=SSO_URL,
            signing=tuple(KeyPair(b"", pem.encode()) for pem in IDP.signing_certificates),
            want_authn_requests_signed=False,
        )
    )
    key, certificate = folder / "sp.key", folder / "sp.crt"
    key.write_text(SP.keys[0].private_key)
    certificate.write_text(SP.keys[0].certificate)
    pair = {"key_file": str(key), "cert_file": str(certificate)}
    service = {
        "endpoints": {"assertion_consumer_service": [(SP.acs_url, BINDING_HTTP_POST)]},
        "allow_unsolicited": policy.unsolicited == "accept",
        "want_response_signed": policy.want_signed in ("response", "both"),
        "want_assertions_signed": policy.want_signed in ("assertion", "both"),
        "want_assertions_or_response_signed": True,
    }
    config: dict[str, Any] = {
        "entityid": SP.entity_id,
        "xmlsec_binary": str(machine.require("xmlsec1")),
        "accepted_time_diff": policy.clock_skew,
        "metadata": {"local": [str(metadata)]},
        "encryption_keypairs": [pair],
        "service": {"sp": service},
        **pair,
    }
    return Saml2Client(SPConfig().load(config))


def pysaml2(vector: Vector, folder: Path) -> str:
    """The NameID that pysaml2 reads, or REFUSED whatever it raises."""
    client = pysaml2_client(vector.policy, folder)
    outstanding = {vector.request_id: "/"} if vector.request_id else {}
    try:
        response = client.parse_authn_request_response(
            vector.field, BINDING_HTTP_POST, outstanding=outstanding
        )
        return str(response.name_id.text)
    except Exception:  # it has no one kind of refusal
        return REFUSED


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    logging.disable(logging.CRITICAL)
    yield tmp_path_factory.mktemp("pysaml2")
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_python3_saml_agrees_or_the_difference_is_listed(path: Path) -> None:
    """Its verdict and the NameID it reads are ours, but for what the tables explain."""
    vector = load(path)
    with time_machine.travel(vector.now, tick=False):
        theirs = python3_saml(vector)
    listed = STRICTER if ours(vector) != REFUSED else MORE_LENIENT
    assert (theirs != ours(vector)) == (path.stem in listed), theirs[:300]


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.parent.name == "accepted"], ids=lambda path: path.stem
)
def test_pysaml2_accepts_what_we_accept(path: Path, folder: Path) -> None:
    """Its verdict and the NameID it reads are ours, but for what the table explains."""
    vector = load(path)
    with time_machine.travel(vector.now, tick=False):
        theirs = pysaml2(vector, folder)
    assert theirs == (REFUSED if path.stem in PYSAML2_STRICTER else ours(vector))


def test_the_tables_speak_of_vectors_that_exist() -> None:
    """No reason outlives its vector."""
    names = {path.stem for path in FILES}
    for table in (STRICTER, MORE_LENIENT, PYSAML2_STRICTER):
        assert set(table) <= names
        assert all(len(reason) > 20 for reason in table.values())
