"""Signatures that are missing, broken, by the wrong key, or of a form that SAML forbids."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tests.idp import terms
from tests.idp.keys import Keys
from tests.idp.misbehaviours.misbehaviour import (
    Build,
    Misbehaviour,
    afterwards,
    replace_once,
    saying,
)
from tests.idp.misbehaviours.wrapping import FORGED_NAME_ID, cut
from tests.idp.reply import Reply
from tests.idp.responses import assertion, build, response_around
from tests.idp.signing import Signing, signing_with

# Copies everything, slowly: what matters is that nobody should run it.
STYLESHEET: Final = (
    '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">'
    '<xsl:template match="@*|node()"><xsl:copy><xsl:apply-templates select="@*|node()"/>'
    "</xsl:copy></xsl:template></xsl:stylesheet>"
)


def _signed(make: Callable[[Keys], Signing]) -> Build:
    return lambda reply, keys: build(replace(reply, signing=make(keys)), keys)


def _transform(algorithm: str, inside: str = "") -> Build:
    text = f'<ds:Transform Algorithm="{algorithm}">{inside}</ds:Transform>'
    return _signed(lambda keys: replace(signing_with(keys.rsa), extra_transform=text))


def _inclusive_c14n(reply: Reply, keys: Keys) -> bytes:
    # Signed in its place: inclusive canonicalisation takes the namespaces around along.
    signing = replace(signing_with(keys.rsa), transforms=(terms.ENVELOPED, terms.INCLUSIVE_C14N))
    return build(replace(reply, sign="response", signing=signing), keys)


def _strip(document: bytes) -> bytes:
    return cut(document.decode("utf-8"))[0].encode("utf-8")


def _forge_name_id(document: bytes) -> bytes:
    changed, count = re.subn(
        rb"(<saml:NameID[^>]*>)[^<]*", rb"\g<1>" + FORGED_NAME_ID.encode(), document, count=1
    )
    if not count:
        raise ValueError("no NameID to tamper with")
    return changed


def _in_signature(old: bytes, new: bytes) -> Build:
    return afterwards(lambda document: replace_once(document, old, new))


def _tampered_response(reply: Reply, keys: Keys) -> bytes:
    return _forge_name_id(build(replace(reply, sign="response"), keys))


def _broken_response_signature(reply: Reply, keys: Keys) -> bytes:
    rogue = replace(signing_with(keys.rogue), key_info=keys.rsa.certificate_pem)
    return build(replace(reply, sign="both", response_signing=rogue), keys)


def _broken_assertion_signature(reply: Reply, keys: Keys) -> bytes:
    rogue = replace(signing_with(keys.rogue), key_info=keys.rsa.certificate_pem)
    both = replace(reply, sign="both", signing=rogue, response_signing=signing_with(keys.rsa))
    return build(both, keys)


def _reference(uri: Callable[[Reply], str]) -> Build:
    def changed(reply: Reply, keys: Keys) -> bytes:
        old = f'URI="#{reply.assertion_id}"'.encode()
        return replace_once(build(reply, keys), old, f'URI="{uri(reply)}"'.encode())

    return changed


def _signature_of_child(reply: Reply, keys: Keys) -> bytes:
    """The Response bears the signature, but what it covers is the Assertion."""
    bare, signature = cut(assertion(reply, keys).decode("utf-8"))
    text = response_around(bare, replace(reply, sign="none"), keys).decode("utf-8")
    return text.replace("</saml:Issuer>", f"</saml:Issuer>{signature}", 1).encode("utf-8")


def _signature_elsewhere(reply: Reply, keys: Keys) -> bytes:
    """The signature over the Assertion stands in the Response's Extensions."""
    bare, signature = cut(assertion(reply, keys).decode("utf-8"))
    extensions = f"<samlp:Extensions>{signature}</samlp:Extensions>"
    return response_around(bare, replace(reply, sign="none", extensions_xml=extensions), keys)


def _twice(pattern: bytes) -> Callable[[bytes], bytes]:
    def doubled(document: bytes) -> bytes:
        found = re.search(pattern, document, re.DOTALL)
        if found is None:
            raise ValueError(f"not in the document: {pattern!r}")
        return document[: found.end()] + found[0] + document[found.end() :]

    return doubled


def _comment_in_digest(document: bytes) -> bytes:
    return replace_once(document, b"<ds:DigestValue>", b"<ds:DigestValue><!--AAAA-->")


def _empty_signature_value(document: bytes) -> bytes:
    return re.sub(rb"(<ds:SignatureValue>)[^<]*(</ds:SignatureValue>)", rb"\1\2", document, count=1)


MISSING: Final[dict[str, Misbehaviour]] = {
    "unsigned": Misbehaviour(
        "nothing is signed",
        "SIGNATURE_MISSING",
        saying(lambda reply: replace(reply, sign="none")),
    ),
    "signature_stripped": Misbehaviour(
        "signed, and the signature taken out again", "SIGNATURE_MISSING", afterwards(_strip)
    ),
}

BROKEN: Final[dict[str, Misbehaviour]] = {
    "tampered_name_id": Misbehaviour(
        "another NameID in the signed Assertion", "SIGNATURE_INVALID", afterwards(_forge_name_id)
    ),
    "tampered_response": Misbehaviour(
        "another NameID in the signed Response", "SIGNATURE_INVALID", _tampered_response
    ),
    "wrong_key": Misbehaviour(
        "signed by a stranger who offers the IdP's certificate",
        "SIGNATURE_INVALID",
        _signed(lambda keys: replace(signing_with(keys.rogue), key_info=keys.rsa.certificate_pem)),
    ),
    "key_in_message": Misbehaviour(
        "signed by a stranger who offers a certificate of their own",
        "SIGNATURE_INVALID",
        _signed(lambda keys: signing_with(keys.rogue)),
    ),
    "weak_rsa_1024": Misbehaviour(
        "signed by an RSA key of 1024 bits",
        "SIGNATURE_INVALID",
        _signed(lambda keys: signing_with(keys.weak)),
    ),
    "broken_response_signature": Misbehaviour(
        "Assertion signed well, the Response around it by a stranger",
        "SIGNATURE_INVALID",
        _broken_response_signature,
    ),
    "broken_assertion_signature": Misbehaviour(
        "Response signed well, the Assertion in it by a stranger",
        "SIGNATURE_INVALID",
        _broken_assertion_signature,
    ),
    "empty_signature_value": Misbehaviour(
        "the SignatureValue is empty", "SIGNATURE_INVALID", afterwards(_empty_signature_value)
    ),
    "sha1": Misbehaviour(
        "RSA with SHA-1",
        "SIGNATURE_ALGORITHM",
        _signed(
            lambda keys: Signing(
                keys.rsa, signature_method=terms.RSA_SHA1, digest_method=terms.SHA1
            )
        ),
    ),
    "sha1_digest": Misbehaviour(
        "RSA with SHA-256, but the digest is SHA-1",
        "SIGNATURE_ALGORITHM",
        _signed(lambda keys: Signing(keys.rsa, digest_method=terms.SHA1)),
    ),
    "md5": Misbehaviour(
        "RSA with MD5",
        "SIGNATURE_ALGORITHM",
        _signed(
            lambda keys: Signing(keys.rsa, signature_method=terms.RSA_MD5, digest_method=terms.MD5)
        ),
    ),
    "hmac": Misbehaviour(
        "HMAC-SHA256 whose secret is the IdP's public certificate",
        "SIGNATURE_ALGORITHM",
        _signed(
            lambda keys: Signing(
                keys.rsa,
                signature_method=terms.HMAC_SHA256,
                hmac_secret=keys.rsa.certificate_pem,
            )
        ),
    ),
    "unknown_algorithm": Misbehaviour(
        "a signature method that nobody knows",
        "SIGNATURE_ALGORITHM",
        _in_signature(terms.RSA_SHA256.encode(), b"https://elsewhere.example/trust-me"),
    ),
}

PROFILE: Final[dict[str, Misbehaviour]] = {
    "xslt_transform": Misbehaviour(
        "an XSLT transform", "SIGNATURE_PROFILE", _transform(terms.XSLT, STYLESHEET)
    ),
    "xpath_transform": Misbehaviour(
        "an XPath transform that leaves the Subject out of the signature",
        "SIGNATURE_PROFILE",
        _transform(
            terms.XPATH,
            f'<ds:XPath xmlns:saml="{terms.SAML}">not(ancestor-or-self::saml:Subject)</ds:XPath>',
        ),
    ),
    "inclusive_c14n": Misbehaviour(
        "inclusive canonicalisation as a transform", "SIGNATURE_PROFILE", _inclusive_c14n
    ),
    "three_transforms": Misbehaviour(
        "the canonicalisation twice", "SIGNATURE_PROFILE", _transform(terms.EXCLUSIVE_C14N)
    ),
    "long_prefix_list": Misbehaviour(
        "a PrefixList of more names than anybody needs",
        "SIGNATURE_PROFILE",
        _signed(
            lambda keys: replace(signing_with(keys.rsa), inclusive_prefixes="a b c d e f g h i j k")
        ),
    ),
    "external_reference": Misbehaviour(
        "the Reference is the URL of a page",
        "SIGNATURE_PROFILE",
        _reference(lambda reply: "https://elsewhere.example/assertion.xml"),
    ),
    "file_reference": Misbehaviour(
        "the Reference is a file",
        "SIGNATURE_PROFILE",
        _reference(lambda reply: "file:///etc/hostname"),
    ),
    "xpointer_reference": Misbehaviour(
        "the Reference is an XPointer",
        "SIGNATURE_PROFILE",
        _reference(lambda reply: f"#xpointer(id('{reply.assertion_id}'))"),
    ),
    "empty_reference": Misbehaviour(
        "the Reference is empty: the whole document",
        "SIGNATURE_PROFILE",
        _reference(lambda reply: ""),
    ),
    "two_references": Misbehaviour(
        "a signature with two References",
        "SIGNATURE_PROFILE",
        afterwards(_twice(rb"<ds:Reference .*?</ds:Reference>")),
    ),
    "two_signed_infos": Misbehaviour(
        "a signature with two SignedInfos",
        "SIGNATURE_PROFILE",
        afterwards(_twice(rb"<ds:SignedInfo>.*?</ds:SignedInfo>")),
    ),
    "two_signatures": Misbehaviour(
        "the same signature twice in one Assertion",
        "SIGNATURE_PROFILE",
        afterwards(_twice(rb"<ds:Signature .*?</ds:Signature>")),
    ),
    "comment_in_digest": Misbehaviour(
        "a comment in the DigestValue",
        "SIGNATURE_INVALID",
        afterwards(_comment_in_digest),
    ),
    "object_in_signature": Misbehaviour(
        "an Object in the signature",
        "SIGNATURE_PROFILE",
        _in_signature(b"</ds:Signature>", b"<ds:Object>anything</ds:Object></ds:Signature>"),
    ),
    "retrieval_method": Misbehaviour(
        "the KeyInfo says where to fetch the key",
        "SIGNATURE_PROFILE",
        _in_signature(
            b"<ds:KeyInfo>",
            b'<ds:KeyInfo><ds:RetrievalMethod URI="https://elsewhere.example/key.xml"/>',
        ),
    ),
    "signature_of_child": Misbehaviour(
        "the Response bears a signature over the Assertion only",
        "SIGNATURE_PROFILE",
        _signature_of_child,
    ),
    "signature_elsewhere": Misbehaviour(
        "the signature over the Assertion stands in the Extensions",
        "SIGNATURE_PROFILE",
        _signature_elsewhere,
    ),
}

SIGNATURES: Final = {**MISSING, **BROKEN, **PROFILE}
