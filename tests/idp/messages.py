"""Reads the XML of what service providers send, and verifies signatures inside it."""

from collections.abc import Iterable

import xmlsec
from lxml import etree

from tests.idp import terms
from tests.idp.redirect import RequestRefusedError


def parse(document: bytes) -> etree._Element:
    """Parse a small document from outside: no DTD, no entities, no network."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RequestRefusedError(f"The message is not XML: {error}.") from None
    if root.getroottree().docinfo.doctype:
        raise RequestRefusedError("The message has a DOCTYPE.")
    return root


def verify_enveloped(root: etree._Element, certificates: Iterable[bytes]) -> bool:
    """Whether the root bears a signature; RequestRefusedError where none of the keys made it."""
    signature = root.find(f"{{{terms.DS}}}Signature")
    if signature is None:
        return False
    references = [one.get("URI") for one in signature.iter(f"{{{terms.DS}}}Reference")]
    if references != [f"#{root.get('ID')}"]:
        raise RequestRefusedError("The signature does not cover the message.")
    for certificate in certificates:
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertPem)
        context.register_id(root, "ID")
        try:
            context.verify(signature)
        except xmlsec.Error:
            continue
        return True
    raise RequestRefusedError("The signature fits no certificate of the SP's metadata.")


def child_text(root: etree._Element, name: str) -> str | None:
    """The text of a child in SAML's assertion namespace, white space at its ends cut off."""
    text = root.findtext(f"{{{terms.SAML}}}{name}")
    return text.strip() if text is not None else None


def boolean(value: str | None) -> bool:
    """An xs:boolean attribute; left out is false."""
    return value is not None and value.strip() in ("true", "1")
