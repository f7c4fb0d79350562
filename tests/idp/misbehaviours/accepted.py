"""What a service provider has to take: the many shapes of a good response."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from tests.idp import terms
from tests.idp.keys import Keys
from tests.idp.misbehaviours.misbehaviour import (
    Misbehaviour,
    afterwards,
    for_addressee,
    later,
    replace_once,
    saying,
    shifted,
)
from tests.idp.reply import Attribute, Reply
from tests.idp.responses import assertion_text, build, response_around
from tests.idp.signing import Signing, sign, signing_with

LONG_NAME_ID: Final = "é" * 128 + "x" * 128
ATTRIBUTES: Final = (
    Attribute("urn:oid:0.9.2342.19200300.100.1.3", ("anna.larsen@northwind.example",)),
    Attribute("groups", ("Payroll", "Everybody & all", "")),
    Attribute("groups", ("a second attribute of the same name",), friendly_name="mail"),
    Attribute("nothing", ()),
    Attribute("nil", (None,)),
    Attribute("untyped", ("as Lasso writes it",), value_type=""),
)


def _ecdsa(reply: Reply, keys: Keys) -> bytes:
    return build(replace(reply, signing=signing_with(keys.ecdsa)), keys)


def _signed_by(signature_method: str, digest_method: str, *, ecdsa: bool = False) -> Misbehaviour:
    def with_method(reply: Reply, keys: Keys) -> bytes:
        key = keys.ecdsa if ecdsa else keys.rsa
        signing = Signing(key, signature_method=signature_method, digest_method=digest_method)
        return build(replace(reply, signing=signing), keys)

    name = signature_method.split("#")[1]
    return Misbehaviour(f"signed by {name}", "accepted", with_method)


def _inclusive_prefixes(reply: Reply, keys: Keys) -> bytes:
    signing = replace(signing_with(keys.rsa), inclusive_prefixes="xs xsi")
    return build(replace(reply, attributes=ATTRIBUTES, signing=signing), keys)


def _default_prefix(reply: Reply, keys: Keys) -> bytes:
    # Signed in its place: the default namespace is the Response's.
    signing = replace(signing_with(keys.rsa), inclusive_prefixes="#default")
    unsigned = response_around(assertion_text(reply, signing), replace(reply, sign="none"), keys)
    declared = replace_once(unsigned, b"<samlp:Response", b'<samlp:Response xmlns="urn:default"')
    return sign(declared, signing)


def _no_key_info(reply: Reply, keys: Keys) -> bytes:
    return build(replace(reply, signing=replace(signing_with(keys.rsa), key_info=b"")), keys)


def _other_certificate_in_key_info(reply: Reply, keys: Keys) -> bytes:
    signing = replace(signing_with(keys.rsa), key_info=keys.rogue.certificate_pem)
    return build(replace(reply, signing=signing), keys)


def _encrypted(reply: Reply, **how: Any) -> Reply:
    return replace(reply, encrypt_assertion=for_addressee(reply, **how))


def _own_prefixes(reply: Reply) -> Reply:
    return replace(_encrypted(reply), assertion_prefix="encas2", signature_prefix="encas3")


def _character_references(document: bytes) -> bytes:
    start = document.index(b"<saml:NameID")
    at = document.index(b">", start) + 1
    return document[:at] + b"&#x%x;" % document[at] + document[at + 1 :]


def _cdata(document: bytes) -> bytes:
    start = document.index(b">", document.index(b"<saml:NameID")) + 1
    end = document.index(b"</saml:NameID>")
    return document[:start] + b"<![CDATA[" + document[start:end] + b"]]>" + document[end:]


ACCEPTED: Final[dict[str, Misbehaviour]] = {
    "ordinary": Misbehaviour("signed assertion, everything in order", "accepted", build),
    "response_signed_only": Misbehaviour(
        "the Response is signed, the Assertion in it is not",
        "accepted",
        saying(lambda reply: replace(reply, sign="response")),
    ),
    "both_signed": Misbehaviour(
        "Assertion and Response signed",
        "accepted",
        saying(lambda reply: replace(reply, sign="both")),
    ),
    "both_signed_as_asked": Misbehaviour(
        "Assertion and Response signed, where both are asked for",
        "accepted",
        saying(lambda reply: replace(reply, sign="both")),
        policy={"want_signed": "both"},
    ),
    "ecdsa": Misbehaviour(
        "signed by the other key of the metadata, ECDSA P-256", "accepted", _ecdsa
    ),
    "ecdsa_sha512": _signed_by(terms.ECDSA_SHA512, terms.SHA512, ecdsa=True),
    "rsa_sha384": _signed_by(terms.RSA_SHA384, terms.SHA384),
    "rsa_sha512": _signed_by(terms.RSA_SHA512, terms.SHA512),
    "inclusive_prefixes": Misbehaviour(
        "exclusive C14N with a PrefixList, as OpenSAML writes it", "accepted", _inclusive_prefixes
    ),
    "default_prefix": Misbehaviour(
        "exclusive C14N with #default in its PrefixList, and a default namespace from outside",
        "accepted",
        _default_prefix,
    ),
    "no_key_info": Misbehaviour(
        "the signature names no key: the metadata does", "accepted", _no_key_info
    ),
    "other_certificate_in_key_info": Misbehaviour(
        "KeyInfo offers a certificate that did not sign: what it says does not count",
        "accepted",
        _other_certificate_in_key_info,
    ),
    "encrypted": Misbehaviour(
        "signed, then encrypted: AES-256-GCM, RSA-OAEP", "accepted", saying(_encrypted)
    ),
    "encrypted_aes128_gcm": Misbehaviour(
        "AES-128-GCM",
        "accepted",
        saying(lambda reply: _encrypted(reply, data_method=terms.AES128_GCM)),
    ),
    "encrypted_aes128_cbc": Misbehaviour(
        "AES-128-CBC, as SimpleSAMLphp and Lasso send it",
        "accepted",
        saying(lambda reply: _encrypted(reply, data_method=terms.AES128_CBC)),
    ),
    "encrypted_aes256_cbc": Misbehaviour(
        "AES-256-CBC",
        "accepted",
        saying(lambda reply: _encrypted(reply, data_method=terms.AES256_CBC)),
    ),
    "encrypted_oaep_digest": Misbehaviour(
        "RSA-OAEP that names its digest, SHA-1, as OpenSAML does",
        "accepted",
        saying(lambda reply: _encrypted(reply, oaep_digest=terms.SHA1)),
    ),
    "encrypted_key_beside": Misbehaviour(
        "the EncryptedKey stands beside the EncryptedData",
        "accepted",
        saying(lambda reply: _encrypted(reply, key_placement="beside")),
    ),
    "encrypted_own_prefixes": Misbehaviour(
        "the encrypted Assertion brings its own prefixes, as pysaml2 writes it",
        "accepted",
        saying(_own_prefixes),
    ),
    "encrypted_response_signed": Misbehaviour(
        "the Response is signed around an encrypted, unsigned Assertion",
        "accepted",
        saying(lambda reply: replace(_encrypted(reply), sign="response")),
    ),
    "encrypted_both_signed": Misbehaviour(
        "Assertion signed and encrypted, Response signed around it",
        "accepted",
        saying(lambda reply: replace(_encrypted(reply), sign="both")),
    ),
    "encrypted_as_asked": Misbehaviour(
        "encrypted, where encryption is asked for",
        "accepted",
        saying(_encrypted),
        policy={"want_encrypted": "True"},
    ),
    "encrypted_name_id": Misbehaviour(
        "only the NameID is encrypted",
        "accepted",
        saying(lambda reply: replace(reply, encrypt_name_id=for_addressee(reply))),
    ),
    "encrypted_name_id_and_assertion": Misbehaviour(
        "the NameID is encrypted, and the Assertion around it",
        "accepted",
        saying(lambda reply: replace(_encrypted(reply), encrypt_name_id=for_addressee(reply))),
    ),
    "attributes": Misbehaviour(
        "attributes: a repeated name, no value, nil, no type",
        "accepted",
        saying(lambda reply: replace(reply, attributes=ATTRIBUTES)),
    ),
    "several_audiences": Misbehaviour(
        "one AudienceRestriction with several audiences, we are one",
        "accepted",
        saying(
            lambda reply: replace(
                reply, audiences=(("https://other.example/sp", reply.addressee.entity_id),)
            )
        ),
    ),
    "several_restrictions": Misbehaviour(
        "two AudienceRestrictions, both name us",
        "accepted",
        saying(lambda reply: replace(reply, audiences=reply.audiences * 2)),
    ),
    "one_time_use": Misbehaviour(
        "the condition OneTimeUse, which a service provider with a ledger keeps anyway",
        "accepted",
        saying(lambda reply: replace(reply, conditions_xml="<saml:OneTimeUse/>")),
    ),
    "proxy_restriction": Misbehaviour(
        "the condition ProxyRestriction, which binds IdPs only",
        "accepted",
        saying(lambda reply: replace(reply, conditions_xml='<saml:ProxyRestriction Count="0"/>')),
    ),
    "clock_ahead_within_skew": Misbehaviour(
        "the IdP's clock is 90 seconds ahead",
        "accepted",
        saying(lambda reply: shifted(reply, timedelta(seconds=90))),
    ),
    "expired_within_skew": Misbehaviour(
        "over for 30 seconds, which the clock skew forgives",
        "accepted",
        saying(lambda reply: shifted(reply, -timedelta(minutes=5, seconds=30))),
    ),
    "fractions": Misbehaviour(
        "instants with fractions of one, three and seven digits",
        "accepted",
        saying(
            lambda reply: replace(
                reply,
                issue_instant=_with_fraction(reply, ".1"),
                assertion_issue_instant=_with_fraction(reply, ".123"),
                authn_instant=_with_fraction(reply, ".1234567"),
                not_before=_with_fraction(reply, ".123456789"),
            )
        ),
    ),
    "session_limit": Misbehaviour(
        "SessionNotOnOrAfter in eight hours",
        "accepted",
        saying(
            lambda reply: replace(reply, session_not_on_or_after=later(reply, timedelta(hours=8)))
        ),
    ),
    "no_session_index": Misbehaviour(
        "no SessionIndex",
        "accepted",
        saying(lambda reply: replace(reply, session_index=None)),
    ),
    "authn_context_as_asked": Misbehaviour(
        "signed in by the method that was asked for",
        "accepted",
        saying(lambda reply: reply),
        policy={"authn_context": terms.PASSWORD_PROTECTED_TRANSPORT},
    ),
    "email_format": Misbehaviour(
        "NameID of the format emailAddress",
        "accepted",
        saying(lambda reply: replace(reply, name_id_format=terms.EMAIL)),
        policy={"nameid_format": "email"},
    ),
    "no_name_id_format": Misbehaviour(
        "NameID without a Format",
        "accepted",
        saying(lambda reply: replace(reply, name_id_format=None)),
    ),
    "qualified_name_id": Misbehaviour(
        "persistent NameID with both qualifiers",
        "accepted",
        saying(
            lambda reply: replace(
                reply,
                name_id_format=terms.PERSISTENT,
                name_qualifier=reply.issuer,
                sp_name_qualifier=reply.addressee.entity_id,
            )
        ),
    ),
    "long_name_id": Misbehaviour(
        "NameID of 256 characters, not all of them ASCII",
        "accepted",
        saying(lambda reply: replace(reply, name_id=LONG_NAME_ID)),
        name_id=LONG_NAME_ID,
    ),
    "character_reference_in_name_id": Misbehaviour(
        "one letter of the NameID is written as a character reference",
        "accepted",
        afterwards(_character_references),
    ),
    "cdata_in_name_id": Misbehaviour(
        "the NameID is written as CDATA, which is text", "accepted", afterwards(_cdata)
    ),
    "xml_declaration": Misbehaviour(
        "begins with an XML declaration",
        "accepted",
        afterwards(lambda document: b'<?xml version="1.0" encoding="UTF-8"?>\n' + document),
    ),
    "other_prefixes": Misbehaviour(
        "other prefixes than the usual ones",
        "accepted",
        saying(
            lambda reply: replace(
                reply, protocol_prefix="p", assertion_prefix="saml2", signature_prefix="sig"
            )
        ),
    ),
    "unsolicited_accepted": Misbehaviour(
        "answers no request, where that is allowed",
        "accepted",
        saying(lambda reply: replace(reply, in_response_to=None, confirmation_in_response_to=None)),
        policy={"unsolicited": "accept"},
    ),
}


def _with_fraction(reply: Reply, fraction: str) -> str:
    return later(reply, timedelta()).strftime(f"%Y-%m-%dT%H:%M:%S{fraction}Z")
