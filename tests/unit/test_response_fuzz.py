"""Signed Responses, changed at random: refused, or read as the very Assertion that was signed."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from saml.assertion import Assertion
from saml.errors import ResponseRejected
from saml.response import read
from tests.idp import terms
from tests.idp.misbehaviours.accepted import ATTRIBUTES
from tests.idp.misbehaviours.misbehaviour import for_addressee
from tests.idp.misbehaviours.wrapping import FORGED_NAME_ID, forged_assertion
from tests.idp.reply import Reply
from tests.idp.responses import build
from tests.idp.signing import signing_with
from tests.unit.test_vectors import IDP, SP
from tests.vectors.build import NAME_ID, NOW, REQUEST_ID, vector_keys, vector_reply

KEYS = vector_keys()
REPLY = replace(vector_reply(), attributes=ATTRIBUTES)
ENCRYPTED = for_addressee(REPLY)
CBC = for_addressee(REPLY, data_method=terms.AES128_CBC)
PREFIXED = replace(signing_with(KEYS.rsa), inclusive_prefixes="xs xsi #default")

REPLIES: list[Reply] = [
    REPLY,
    replace(REPLY, sign="response"),
    replace(REPLY, sign="both"),
    replace(REPLY, signing=signing_with(KEYS.ecdsa)),
    replace(REPLY, signing=PREFIXED),
    replace(REPLY, encrypt_assertion=ENCRYPTED),
    replace(REPLY, encrypt_assertion=CBC, sign="response"),
    replace(REPLY, encrypt_name_id=ENCRYPTED, sign="both"),
]
DOCUMENTS = [build(reply, KEYS).decode() for reply in REPLIES]
#: Pieces that attacks are made of.
PIECES = [
    *("<!-- -->", "<![CDATA[", "]]>", "<?pi x?>", "&#0;", "&#x26;", "&lt;", "&x;", "\0", "\ud7ff"),
    *(' ID="_assertion-1"', ' xml:id="_assertion-1"', ' xmlns=""', ' xmlns:saml="urn:x"'),
    *("<ds:Object>", "</ds:Signature>", "<saml:NameID>", "</saml:NameID>", "</saml:Assertion>"),
    *("<!DOCTYPE x>", '<?xml version="1.1"?>', "\r", "\u2028", "\ufeff", "'", '"', ">", "<", "/"),
    f"<saml:NameID>{FORGED_NAME_ID}</saml:NameID>",
    forged_assertion(REPLY),
]
_TAG = re.compile(r"<(/?)([A-Za-z_][^\s/>]*)[^<>]*?(/?)>")


def reading(document: str) -> Assertion:
    field = base64.b64encode(document.encode("utf-8", "surrogatepass")).decode()
    verified = read(field, sp=SP, identity_providers={IDP.entity_id: IDP}, now=NOW)
    return verified.accept(REQUEST_ID)


ORIGINALS = {document: reading(document) for document in DOCUMENTS}


def elements(document: str) -> list[tuple[int, int]]:
    """Where each element of a document begins and ends, as far as its tags fit each other."""
    found, begun = [], []
    for tag in _TAG.finditer(document):
        if tag[3]:
            found.append(tag.span())
        elif not tag[1]:
            begun.append((tag[2], tag.start()))
        elif begun and begun[-1][0] == tag[2]:
            found.append((begun.pop()[1], tag.end()))
    return found or [(0, len(document))]


Draw = Callable[[st.SearchStrategy[int]], int]


def _slice_changed(draw: Draw, document: str) -> str:
    at = draw(st.integers(0, len(document)))
    length = draw(st.sampled_from([0, 1, 1, 2, 4, 16, 64, 300]))
    copies = draw(st.integers(0, 2))
    return document[:at] + document[at : at + length] * copies + document[at + length :]


def _letter_changed(draw: Draw, document: str) -> str:
    at = draw(st.integers(0, len(document) - 1))
    letter = chr(draw(st.integers(0, 0x2FF)))
    return document[:at] + letter + document[at + 1 :]


def _piece_put_in(draw: Draw, document: str) -> str:
    piece = PIECES[draw(st.integers(0, len(PIECES) - 1))]
    ends = [0, *(tag.end() for tag in _TAG.finditer(document)), len(document)]
    at = ends[draw(st.integers(0, len(ends) - 1))]
    at = max(0, min(len(document), at + draw(st.sampled_from([0, 0, -1, 1, 5]))))
    return document[:at] + piece + document[at:]


def _element_put_elsewhere(draw: Draw, document: str) -> str:
    """Move or copy an element of this document or of another good one, or take it out."""
    source = DOCUMENTS[draw(st.integers(0, len(DOCUMENTS) - 1))]
    if draw(st.booleans()):
        source = document
    spans = elements(source)
    start, end = spans[draw(st.integers(0, len(spans) - 1))]
    element = source[start:end]
    if source is document and draw(st.booleans()):
        document = document[:start] + document[end:]
    if draw(st.integers(0, 5)) == 0:
        return document
    targets = elements(document)
    at = targets[draw(st.integers(0, len(targets) - 1))][draw(st.integers(0, 1))]
    if draw(st.booleans()):
        inside = document.rfind("</", 0, at)
        at = inside if inside > 0 else at
    return document[:at] + element + document[at:]


def _value_exchanged(draw: Draw, document: str) -> str:
    """Give an attribute or a text the value of another one."""
    values = list(re.finditer(r'(?<==")[^"]*(?=")|(?<=>)[^<>\n]+(?=<)', document))
    if not values:
        return document
    to = values[draw(st.integers(0, len(values) - 1))]
    value = values[draw(st.integers(0, len(values) - 1))][0]
    if draw(st.integers(0, 3)) == 0:
        value = FORGED_NAME_ID
    return document[: to.start()] + value + document[to.end() :]


CHANGES = [
    _slice_changed,
    _letter_changed,
    _piece_put_in,
    _element_put_elsewhere,
    _element_put_elsewhere,
    _value_exchanged,
]


@st.composite
def changed(draw: Callable[..., int]) -> tuple[str, str]:
    """A good document, and what became of it."""
    original = DOCUMENTS[draw(st.integers(0, len(DOCUMENTS) - 1))]
    document = original
    for _ in range(draw(st.integers(1, 4))):
        change = CHANGES[draw(st.integers(0, len(CHANGES) - 1))]
        document = change(draw, document) or " "
    return original, document


@settings(max_examples=1500, deadline=None)
@given(changed())
def test_a_changed_response_is_refused_or_says_what_was_signed(case: tuple[str, str]) -> None:
    """Whatever is changed: ResponseRejected, or every value of a genuine Assertion."""
    _, document = case
    try:
        found = reading(document)
    except ResponseRejected:
        return
    assert found in ORIGINALS.values()
    assert found.name_id.value == NAME_ID


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8")))
def test_whatever_is_posted_is_refused_in_one_way(document: bytes) -> None:
    """Bytes that nobody signed: ResponseRejected, as base64 and as they are."""
    for field in (base64.b64encode(document).decode(), document.decode("latin-1")):
        try:
            read(field, sp=SP, identity_providers={IDP.entity_id: IDP}, now=NOW)
        except ResponseRejected:
            continue
        raise AssertionError("accepted")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_an_unsigned_copy_of_a_response_is_refused(data: st.DataObject) -> None:
    """The same document with its signatures taken out and anything put in: nobody gets in."""
    document = DOCUMENTS[data.draw(st.integers(0, 4))]
    bare = re.sub(r"<ds:Signature .*?</ds:Signature>", "", document, flags=re.DOTALL)
    changed_bare = _piece_put_in(data.draw, _value_exchanged(data.draw, bare))
    try:
        reading(changed_bare)
    except ResponseRejected:
        return
    raise AssertionError(changed_bare)
