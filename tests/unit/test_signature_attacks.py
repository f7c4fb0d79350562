"""Attacks on the reading of signatures: which element, which algorithm, which bytes."""

import re
from dataclasses import replace

import pytest

from saml.errors import Reason
from tests.idp import terms
from tests.idp.misbehaviours.misbehaviour import for_addressee
from tests.idp.misbehaviours.wrapping import cut, forged_assertion
from tests.idp.responses import assertion, assertion_text, build, response_around
from tests.idp.signing import sign, signing_with
from tests.unit.test_response_attacks import (
    KEYS,
    REPLY,
    outcome,
    refuses_or_reads_the_original,
    signed,
)
from tests.unit.test_vectors import IDP
from tests.vectors.build import NAME_ID


@pytest.mark.parametrize(
    "attribute",
    [
        ' saml:ID="_assertion-1"',
        ' xml:id="_assertion-1"',
        ' xml:id=" _assertion-1 "',
        ' Id="_assertion-1"',
        ' id="_assertion-1"',
        ' ID=" _assertion-1"',
        ' ID="&#9;_assertion-1&#10;"',
        ' ID="_ASSERTION-1"',
        ' ID="_assertion-1-other" xml:id="_assertion-1"',
    ],
)
@pytest.mark.parametrize("element", ["ds:KeyInfo", "ds:Signature", "saml:Assertion", "x:n"])
def test_no_second_id_leads_a_signature_to_another_element(attribute: str, element: str) -> None:
    """IDs by schema type, by xml:id, in other spellings or name spaces: none lets a forgery in."""
    bare, signature = cut(assertion(REPLY, KEYS).decode())
    forged = forged_assertion(REPLY).replace("</saml:Issuer>", f"</saml:Issuer>{signature}", 1)
    if element == "saml:Assertion" and attribute.startswith(" ID="):
        forged = re.sub(r' ID="[^"]*"', "", forged, count=1)
    forged = forged.replace(f"<{element}", f"<{element}{attribute}", 1)
    hidden = f'<x:n xmlns:x="urn:x">{bare}</x:n>'.replace(f"<{element}", f"<{element}{attribute}")
    for extension in ("", hidden, f'<x:n xmlns:x="urn:x"{attribute}/>'):
        extensions = f"<samlp:Extensions>{extension}</samlp:Extensions>" if extension else ""
        reply = replace(REPLY, sign="none", extensions_xml=extensions)
        assert outcome(response_around(forged, reply, KEYS)) in set(Reason)


def test_a_weak_key_verifies_nothing_even_where_it_is_configured() -> None:
    """RSA of 1024 bits: its certificate may be in the metadata, its signatures do not count."""
    weak = replace(IDP, signing_certificates=(KEYS.weak.certificate_pem.decode(),))
    document = build(replace(REPLY, signing=signing_with(KEYS.weak)), KEYS)
    assert outcome(document, {IDP.entity_id: weak}) == "SIGNATURE_INVALID"


@pytest.mark.parametrize(
    "algorithm",
    [
        terms.EXCLUSIVE_C14N + "WithComments",
        terms.INCLUSIVE_C14N,
        terms.INCLUSIVE_C14N + "#WithComments",
    ],
)
def test_a_signed_info_is_canonicalised_in_one_way(algorithm: str) -> None:
    """Genuine signatures, but over bytes that hold comments, or what stands around."""
    signing = replace(signing_with(KEYS.rsa), canonicalization_method=algorithm)
    document = build(replace(REPLY, sign="response", signing=signing), KEYS)
    assert outcome(document) == "SIGNATURE_PROFILE"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<ds:Reference ", f'<ds:Reference Type="{terms.DS}Object" '),
        ("<ds:Transforms>", '<ds:Transforms xmlns:x="urn:x">'),
        ("</ds:Transforms>", "<!-- --></ds:Transforms>"),
        ("</ds:SignedInfo>", "<!-- --></ds:SignedInfo>"),
        ("<ds:DigestMethod ", "<!-- --><ds:DigestMethod "),
    ],
)
def test_a_signed_oddity_of_a_signature_is_refused_or_harmless(old: str, new: str) -> None:
    """Signed by the IdP itself, of a form that nobody needs (core 5.4)."""
    text = assertion_text(REPLY, signing_with(KEYS.rsa))
    content = sign(text.replace(old, new, 1).encode(), signing_with(KEYS.rsa)).decode()
    found = outcome(response_around(content, replace(REPLY, sign="none"), KEYS))
    assert found == (NAME_ID if "xmlns:x" in new else "SIGNATURE_PROFILE")


@pytest.mark.parametrize("name", ["Object", "Manifest"])
def test_no_part_of_another_signature_lies_about(name: str) -> None:
    """An Object or a Manifest is where wrapping hides things: there is none in any message."""
    extensions = f'<samlp:Extensions xmlns:ds="{terms.DS}"><ds:{name}/></samlp:Extensions>'
    document = build(replace(REPLY, extensions_xml=extensions), KEYS)
    assert outcome(document) == "SIGNATURE_PROFILE"


@pytest.mark.parametrize("leaf", ["ds:DigestValue", "ds:SignatureValue", "xenc:CipherValue"])
@pytest.mark.parametrize("filler", ["<!-- -->", "<![CDATA[]]>", "\n", "&#32;", "<!---->A"])
def test_what_no_signature_covers_changes_no_value(leaf: str, filler: str) -> None:
    """Comments, CDATA and white space in what is compared or decrypted: refused or the same."""
    reply = replace(REPLY, sign="both", encrypt_assertion=for_addressee(REPLY))
    document = build(reply, KEYS).decode()
    tried = []
    for found in re.finditer(f"(?<=<{leaf}>)[^<]*", document):
        for at in (0, 4, 20, 64, len(found[0])):
            position = found.start() + min(at, len(found[0]))
            tried.append(document[:position] + filler + document[position:])
    assert tried
    refuses_or_reads_the_original(iter(tried))


@pytest.mark.parametrize(
    "algorithm",
    [
        terms.HMAC_SHA256,
        terms.RSA_SHA1,
        terms.ECDSA_SHA256,
        terms.RSA_SHA256.upper(),
        terms.RSA_SHA256 + " ",
        terms.SHA256,
        terms.ENVELOPED,
        "",
        "http://www.w3.org/2007/05/xmldsig-more#rsa-pss",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "none",
    ],
)
def test_no_other_algorithm_than_the_signed_one_verifies(algorithm: str) -> None:
    """The signer's choice of algorithm is part of what is signed, and the list is closed."""
    document = signed("assertion").replace(terms.RSA_SHA256, algorithm)
    assert outcome(document) in {"SIGNATURE_ALGORITHM", "SIGNATURE_INVALID", "SCHEMA"}
