"""XML from strangers: bounded before it is parsed, and parsed by one parser only.

libxml2 is quadratic in namespace declarations and generous with entities, so the bytes are
counted before it sees them. The parser takes UTF-8 only: a byte count means nothing in an
encoding that spells "<" differently.
"""

import base64
import binascii
import re
import threading
from typing import Final

from lxml import etree

from saml.errors import Reason, ResponseRejected

MAX_BYTES: Final = 256 * 1024
MAX_BASE64: Final = (MAX_BYTES + 2) // 3 * 4
MAX_DEPTH: Final = 48
MAX_TAGS: Final = 8_000
MAX_ATTRIBUTES: Final = 8_000
#: Canonicalisation sorts the attributes of an element by comparing each with each.
MAX_ATTRIBUTES_OF_ONE: Final = 64
MAX_NAMESPACES: Final = 400

_DECLARATION: Final = re.compile(
    rb"\A(?:\xef\xbb\xbf)?<\?xml\s+version\s*=\s*[\"']1\.0[\"']"
    rb"(?:\s+encoding\s*=\s*[\"'](?P<encoding>[A-Za-z0-9._-]{1,40})[\"'])?"
    rb"(?:\s+standalone\s*=\s*[\"'](?:yes|no)[\"'])?\s*\?>"
)
_WHITE_SPACE: Final = (" ", "\t", "\r", "\n")


def decode_field(value: str) -> bytes:
    """Return the bytes of a base64 form field, at most 256 KiB.

    Line breaks inside are taken, since IdPs wrap lines; anything else outside the alphabet
    is not. Raises ResponseRejected: TOO_LARGE before anything is decoded, or MALFORMED.
    """
    # Wrapped lines add at most a CRLF to every 64 characters.
    if len(value) > MAX_BASE64 + MAX_BASE64 // 16:
        raise ResponseRejected(Reason.TOO_LARGE, f"field of {len(value)} characters")
    compact = value
    for character in _WHITE_SPACE:
        compact = compact.replace(character, "")
    if len(compact) > MAX_BASE64:
        raise ResponseRejected(Reason.TOO_LARGE, f"{len(compact)} characters of base64")
    try:
        decoded = base64.b64decode(compact.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ResponseRejected(Reason.MALFORMED, f"not base64: {error}") from None
    if not decoded or len(decoded) > MAX_BYTES:
        reason = Reason.TOO_LARGE if decoded else Reason.MALFORMED
        raise ResponseRejected(reason, f"{len(decoded)} bytes decoded")
    return decoded


def parse(document: bytes, *, max_bytes: int = MAX_BYTES) -> etree._Element:
    """Return the root of `document`, or raise ResponseRejected before it can do harm."""
    bound(document, max_bytes=max_bytes)
    root = _root(document)
    if root.getroottree().docinfo.doctype:
        raise ResponseRejected(Reason.FORBIDDEN_XML, "DOCTYPE")
    _bound_tree(root, _scale(max_bytes))
    return root


def parse_own(canonical: bytes) -> etree._Element:
    """Return the root of canonical bytes that were made from a tree that `parse` had bounded."""
    return _root(canonical)


def bound(document: bytes, *, max_bytes: int = MAX_BYTES) -> None:
    """Count in the bytes what would be costly to parse; raise ResponseRejected over a limit."""
    if len(document) > max_bytes:
        raise ResponseRejected(Reason.TOO_LARGE, f"{len(document)} bytes")
    if b"\0" in document:
        raise ResponseRejected(Reason.MALFORMED, "a NUL byte: not UTF-8 text")
    body = document
    declaration = _DECLARATION.match(document)
    if declaration:
        encoding = declaration["encoding"]
        if encoding is not None and encoding.lower() not in (b"utf-8", b"us-ascii"):
            raise ResponseRejected(Reason.MALFORMED, f"encoding {encoding!r}")
        body = document[declaration.end() :]
    if b"<?" in body:
        raise ResponseRejected(Reason.FORBIDDEN_XML, "processing instruction")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ResponseRejected(Reason.FORBIDDEN_XML, "DOCTYPE or entity declaration")
    scale = _scale(max_bytes)
    for token, limit, name in (
        (b"xmlns", MAX_NAMESPACES, "namespace declarations"),
        (b"<", 2 * MAX_TAGS, "tags"),
        (b"=", MAX_ATTRIBUTES, "attributes"),
    ):
        if body.count(token) > limit * scale:
            raise ResponseRejected(Reason.TOO_LARGE, f"over {limit * scale} {name}")


def _scale(max_bytes: int) -> int:
    return max(1, max_bytes // MAX_BYTES)


class _Parsers(threading.local):
    """One parser a thread: making one costs as much as parsing a Response."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=False,
            remove_pis=False,
        )
        # Of a PrefixList, lxml heeds only those names that its thread has read before.
        etree.fromstring(b'<read xmlns:it="#default"/>', self.parser)


_parsers: Final = _Parsers()


def _root(document: bytes) -> etree._Element:
    try:
        return etree.fromstring(document, _parsers.parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ResponseRejected(Reason.MALFORMED, f"not XML: {error}") from None


def _bound_tree(root: etree._Element, scale: int) -> None:
    level: list[etree._Element] = [root]
    elements = 0
    for _ in range(MAX_DEPTH):
        elements += len(level)
        if elements > MAX_TAGS * scale:
            raise ResponseRejected(Reason.TOO_LARGE, f"over {MAX_TAGS * scale} elements")
        if any(len(element.attrib) > MAX_ATTRIBUTES_OF_ONE for element in level):
            raise ResponseRejected(
                Reason.TOO_LARGE, f"an element with over {MAX_ATTRIBUTES_OF_ONE} attributes"
            )
        level = [child for element in level for child in element]
        if not level:
            return
    raise ResponseRejected(Reason.TOO_LARGE, f"nested over {MAX_DEPTH} deep")
