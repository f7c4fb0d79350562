"""Writes a Reply as XML text, signs it, encrypts it.

Everything is text until it is signed, and stays bytes afterwards: a signed Assertion is never
moved from one tree to another, so what was signed is what is sent.
"""

import base64
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from tests.idp import terms
from tests.idp.encryption import encrypt
from tests.idp.keys import Keys
from tests.idp.reply import Attribute, Instant, Reply
from tests.idp.signing import Signing, sign, signing_with, template_for


def build(reply: Reply, keys: Keys) -> bytes:
    """Return the Response as it goes over the wire, before base64."""
    if reply.status[0] != terms.SUCCESS:
        return response_around("", reply, keys)
    return response_around(assertion_in_its_envelope(reply, keys), reply, keys)


def encode(document: bytes) -> str:
    """Return the document as the form field SAMLResponse carries it."""
    return base64.b64encode(document).decode("ascii")


def assertion_in_its_envelope(reply: Reply, keys: Keys) -> str:
    """The Assertion, or the EncryptedAssertion that holds it, as text."""
    document = assertion(reply, keys)
    if reply.encrypt_assertion is None:
        return document.decode("utf-8")
    return encrypted_assertion(document, reply)


def encrypted_assertion(plaintext: bytes, reply: Reply) -> str:
    """The EncryptedAssertion that holds this plaintext."""
    if reply.encrypt_assertion is None:
        raise ValueError("the reply does not say how to encrypt")
    encrypted = encrypt(plaintext, reply.encrypt_assertion)
    return f"<saml:EncryptedAssertion>{encrypted}</saml:EncryptedAssertion>"


def assertion(reply: Reply, keys: Keys) -> bytes:
    """The Assertion as a document of its own, signed where the reply says so."""
    signing = _signing(reply, keys) if reply.sign in ("assertion", "both") else None
    document = assertion_text(reply, signing).encode("utf-8")
    return sign(document, signing) if signing else document


def assertion_text(reply: Reply, signing: Signing | None) -> str:
    """The Assertion as text, with an empty signature where it is to be signed."""
    saml = reply.assertion_prefix
    parts = [
        f"<{saml}:Issuer>{escape(reply.issuer)}</{saml}:Issuer>"
        if reply.issuer is not None
        else "",
        template_for(signing, reply.assertion_id) if signing else "",
        _subject(reply),
        _conditions(reply),
        _authn_statement(reply),
        _attribute_statement(reply),
    ]
    attributes = _attributes(
        ("ID", reply.assertion_id),
        ("Version", reply.assertion_version),
        ("IssueInstant", instant(reply.assertion_issue_instant)),
    )
    namespaces = f'xmlns:{saml}="{terms.SAML}"'
    if reply.attributes:
        namespaces += f' xmlns:xs="{terms.XS}" xmlns:xsi="{terms.XSI}"'
    return _element(f"{saml}:Assertion", f" {namespaces}{attributes}", parts)


def response_around(content: str, reply: Reply, keys: Keys) -> bytes:
    """The Response with that content after its Status, signed where the reply says so."""
    signing = None
    if reply.sign in ("response", "both"):
        signing = reply.response_signing or _signing(reply, keys)
    samlp = reply.protocol_prefix
    parts = [
        _issuer("saml", reply.response_issuer),
        template_for(signing, reply.response_id) if signing else "",
        reply.extensions_xml,
        _status(reply),
        content,
    ]
    attributes = _attributes(
        ("ID", reply.response_id),
        ("Version", reply.version),
        ("IssueInstant", instant(reply.issue_instant)),
        ("Destination", reply.destination),
        ("InResponseTo", reply.in_response_to),
    )
    namespaces = f'xmlns:{samlp}="{terms.SAMLP}" xmlns:saml="{terms.SAML}"'
    text = _element(f"{samlp}:Response", f" {namespaces}{attributes}", parts)
    document = text.encode("utf-8")
    return sign(document, signing) if signing else document


def instant(value: Instant | None) -> str | None:
    """An instant as SAML writes it: UTC with a Z; fractions only where there are any."""
    if value is None or isinstance(value, str):
        return value
    return instant_text(value)


def instant_text(value: datetime) -> str:
    """`2026-01-01T00:00:00Z`, with a fraction where the instant has one."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def name_id_text(reply: Reply) -> str:
    """The NameID as text, or nothing."""
    saml = reply.assertion_prefix
    if reply.name_id is None and reply.name_id_xml is None:
        return ""
    content = reply.name_id_xml if reply.name_id_xml is not None else escape(reply.name_id or "")
    attributes = _attributes(
        ("NameQualifier", reply.name_qualifier),
        ("SPNameQualifier", reply.sp_name_qualifier),
        ("Format", reply.name_id_format),
    )
    return f"<{saml}:NameID{attributes}>{content}</{saml}:NameID>"


def _issuer(saml: str, name: str | None) -> str:
    return "" if name is None else f"<{saml}:Issuer>{escape(name)}</{saml}:Issuer>"


def _subject(reply: Reply) -> str:
    saml = reply.assertion_prefix
    name_id = name_id_text(reply)
    if name_id and reply.encrypt_name_id is not None:
        alone = name_id.replace(f"<{saml}:NameID", f'<{saml}:NameID xmlns:{saml}="{terms.SAML}"', 1)
        encrypted = encrypt(alone.encode("utf-8"), reply.encrypt_name_id)
        name_id = f"<{saml}:EncryptedID>{encrypted}</{saml}:EncryptedID>"
    confirmation = ""
    if reply.confirmation_method is not None:
        data = _attributes(
            ("InResponseTo", reply.confirmation_in_response_to),
            ("NotBefore", instant(reply.confirmation_not_before)),
            ("NotOnOrAfter", instant(reply.confirmation_not_on_or_after)),
            ("Recipient", reply.recipient),
        )
        confirmation = (
            f'<{saml}:SubjectConfirmation Method="{reply.confirmation_method}">'
            f"<{saml}:SubjectConfirmationData{data}/></{saml}:SubjectConfirmation>"
        )
    if not name_id and not confirmation:
        return ""
    return _element(f"{saml}:Subject", "", [name_id, confirmation])


def _conditions(reply: Reply) -> str:
    if not reply.conditions:
        return ""
    saml = reply.assertion_prefix
    restrictions = [
        f"<{saml}:AudienceRestriction>"
        + "".join(f"<{saml}:Audience>{escape(name)}</{saml}:Audience>" for name in audiences)
        + f"</{saml}:AudienceRestriction>"
        for audiences in reply.audiences
    ]
    attributes = _attributes(
        ("NotBefore", instant(reply.not_before)),
        ("NotOnOrAfter", instant(reply.not_on_or_after)),
    )
    return _element(f"{saml}:Conditions", attributes, [*restrictions, reply.conditions_xml])


def _authn_statement(reply: Reply) -> str:
    if reply.authn_instant is None:
        return ""
    saml = reply.assertion_prefix
    attributes = _attributes(
        ("AuthnInstant", instant(reply.authn_instant)),
        ("SessionIndex", reply.session_index),
        ("SessionNotOnOrAfter", instant(reply.session_not_on_or_after)),
    )
    reference = ""
    if reply.authn_context_class is not None:
        reference = (
            f"<{saml}:AuthnContextClassRef>{escape(reply.authn_context_class)}"
            f"</{saml}:AuthnContextClassRef>"
        )
    context = f"<{saml}:AuthnContext>{reference}</{saml}:AuthnContext>"
    return _element(f"{saml}:AuthnStatement", attributes, [context])


def _attribute_statement(reply: Reply) -> str:
    if not reply.attributes:
        return ""
    saml = reply.assertion_prefix
    return _element(
        f"{saml}:AttributeStatement", "", [_attribute(saml, one) for one in reply.attributes]
    )


def _attribute(saml: str, attribute: Attribute) -> str:
    kind = f' xsi:type="{attribute.value_type}"' if attribute.value_type else ""
    values = "".join(
        f"<{saml}:AttributeValue{kind}>{escape(value)}</{saml}:AttributeValue>"
        if value is not None
        else f'<{saml}:AttributeValue xsi:nil="true"/>'
        for value in attribute.values
    )
    attributes = _attributes(
        ("Name", attribute.name),
        ("NameFormat", attribute.name_format),
        ("FriendlyName", attribute.friendly_name),
    )
    return f"<{saml}:Attribute{attributes}>{values}</{saml}:Attribute>"


def _status(reply: Reply) -> str:
    samlp = reply.protocol_prefix
    codes = ""
    for value in reversed(reply.status):
        codes = _element(f"{samlp}:StatusCode", f" Value={quoteattr(value)}", [codes])
    message = ""
    if reply.status_message is not None:
        message = f"<{samlp}:StatusMessage>{escape(reply.status_message)}</{samlp}:StatusMessage>"
    return _element(f"{samlp}:Status", "", [codes, message, reply.status_detail_xml])


def _signing(reply: Reply, keys: Keys) -> Signing:
    return reply.signing or signing_with(keys.rsa, prefix=reply.signature_prefix)


def _element(name: str, attributes: str, parts: list[str]) -> str:
    """An element whose children stand on lines of their own."""
    lines = "\n".join(part for part in parts if part)
    return f"<{name}{attributes}>\n{lines}\n</{name}>" if lines else f"<{name}{attributes}/>"


def _attributes(*pairs: tuple[str, str | None]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in pairs if value is not None)
