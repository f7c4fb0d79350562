"""Which IdPs a document describes; and where it describes none, what it is instead."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from saml.errors import N_, MetadataRejected, Reason, ResponseRejected
from saml.parsing import parse
from saml.terms import MD, PROTOCOL_NS

MAX_BYTES: Final = 5 * 1024 * 1024
_HEAD: Final = 2048
_MAX_SHOWN: Final = 200

Role = tuple[etree._Element, etree._Element]


def idp_roles(document: bytes, own_entity_id: str | None) -> list[Role]:
    """Return each EntityDescriptor that is an IdP of SAML 2.0, with its IDPSSODescriptor.

    An entity that is a service provider too counts. Raises MetadataRejected where there is
    none, in words that say what was given by mistake.
    """
    root = _parse(document)
    if root.tag not in (f"{MD}EntityDescriptor", f"{MD}EntitiesDescriptor"):
        raise MetadataRejected(
            N_("This is XML, but not SAML metadata: its outermost element is %(name)s."),
            name=etree.QName(root).localname[:_MAX_SHOWN],
        )
    entities = list(_entities(root))
    found = [(entity, role) for entity in entities if (role := _idp_role(entity)) is not None]
    if not found:
        raise _none_of(entities, own_entity_id)
    return found


def _entities(element: etree._Element) -> Iterator[etree._Element]:
    if element.tag == f"{MD}EntityDescriptor":
        yield element
    elif element.tag == f"{MD}EntitiesDescriptor":
        for child in element:
            yield from _entities(child)


def _idp_role(entity: etree._Element) -> etree._Element | None:
    for role in entity.iterchildren(f"{MD}IDPSSODescriptor"):
        if PROTOCOL_NS in (role.get("protocolSupportEnumeration") or "").split():
            return role
    return None


def _none_of(entities: list[etree._Element], own_entity_id: str | None) -> MetadataRejected:
    for entity in entities:
        if entity.find(f"{MD}IDPSSODescriptor") is not None:
            return MetadataRejected(
                N_("%(entity_id)s is an identity provider, but not one of SAML 2.0."),
                entity_id=_shown(entity),
            )
    for entity in entities:
        if entity.find(f"{MD}SPSSODescriptor") is None:
            continue
        if own_entity_id is not None and entity.get("entityID") == own_entity_id:
            return MetadataRejected(
                N_(
                    "This is our own metadata (%(entity_id)s), meant for your identity provider. "
                    "What belongs here is the metadata that your identity provider gives out."
                ),
                entity_id=own_entity_id,
            )
        return MetadataRejected(
            N_(
                "This is the metadata of a service provider (%(entity_id)s), not of an identity "
                "provider. What belongs here is the metadata that your identity provider gives "
                "out."
            ),
            entity_id=_shown(entity),
        )
    return MetadataRejected(
        N_("The metadata describes no identity provider: it has no IDPSSODescriptor.")
    )


def _shown(entity: etree._Element) -> str:
    return (entity.get("entityID") or "?")[:_MAX_SHOWN]


def _parse(document: bytes) -> etree._Element:
    _refuse_what_is_no_xml(document)
    try:
        return parse(document, max_bytes=MAX_BYTES)
    except ResponseRejected as rejected:
        cause = rejected.__context__
        if isinstance(cause, etree.XMLSyntaxError):
            raise MetadataRejected(
                N_("This is not well-formed XML. Line %(line)s: %(problem)s."),
                line=cause.lineno or 1,
                problem=(cause.msg or "?").partition(", line ")[0][:_MAX_SHOWN],
            ) from None
        raise MetadataRejected(_SENTENCES[rejected.reason]) from None


_SENTENCES: Final = {
    Reason.TOO_LARGE: N_(
        "The document is too large or too deeply nested: at most 5 MiB are read. Ask for the "
        "metadata of your identity provider alone."
    ),
    Reason.FORBIDDEN_XML: N_(
        "The document has a DOCTYPE, an entity or a processing instruction. Metadata needs none, "
        "and they can do harm: take them out."
    ),
    Reason.MALFORMED: N_("The document is not text in UTF-8. Save it as UTF-8 and try again."),
}


def _refuse_what_is_no_xml(document: bytes) -> None:
    head = document[:_HEAD].removeprefix(b"\xef\xbb\xbf").strip().lower()
    if not head:
        raise MetadataRejected(N_("The document is empty."))
    if head.startswith(b"-----begin"):
        raise MetadataRejected(
            N_(
                "This is a certificate or a key, not metadata. Metadata is XML and begins with "
                "EntityDescriptor."
            )
        )
    if b"entitydescriptor" not in head and (b"<!doctype html" in head or b"<html" in head):
        raise MetadataRejected(
            N_(
                "This is a web page, not metadata. Perhaps the address asks for a sign-in first: "
                "download the XML file and upload that."
            )
        )
    if b"<" not in head and b"\0" not in document[:_HEAD]:
        raise MetadataRejected(
            N_("This is not XML. Metadata is XML and begins with EntityDescriptor.")
        )
