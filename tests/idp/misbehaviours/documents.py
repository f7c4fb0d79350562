"""Documents that no parser should be asked to read, and documents of the wrong shape."""

from dataclasses import replace
from typing import Final

from tests.idp import terms
from tests.idp.keys import Keys
from tests.idp.misbehaviours.misbehaviour import (
    Build,
    Misbehaviour,
    afterwards,
    for_addressee,
    replace_once,
    saying,
)
from tests.idp.reply import Attribute, Reply
from tests.idp.responses import (
    assertion,
    assertion_in_its_envelope,
    build,
    encode,
    response_around,
)

ENTITIES: Final = (
    b'<!DOCTYPE samlp:Response [<!ENTITY a "aaaaaaaaaa">'
    b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">'
    b'<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>\n'
)
OUTSIDE: Final = b'<!DOCTYPE samlp:Response [<!ENTITY who SYSTEM "file:///etc/hostname">]>\n'


def _in_name_id(prologue: bytes, inside: bytes) -> Build:
    """The prologue before the document, and `inside` at the end of the NameID."""
    return afterwards(
        lambda document: prologue + replace_once(document, b"</saml:NameID>", inside + _END)
    )


_END: Final = b"</saml:NameID>"


def _two_assertions(reply: Reply, keys: Keys) -> bytes:
    first = assertion_in_its_envelope(reply, keys)
    second = assertion_in_its_envelope(
        replace(reply, assertion_id=f"{reply.assertion_id}-second"), keys
    )
    return response_around(first + second, reply, keys)


def _two_encrypted(reply: Reply, keys: Keys) -> bytes:
    return _two_assertions(replace(reply, encrypt_assertion=for_addressee(reply)), keys)


def _assertion_elsewhere(reply: Reply, keys: Keys) -> bytes:
    signed = assertion(reply, keys).decode("utf-8")
    extensions = f"<samlp:Extensions>{signed}</samlp:Extensions>"
    return response_around("", replace(reply, extensions_xml=extensions), keys)


def _no_assertion(reply: Reply, keys: Keys) -> bytes:
    return response_around("", replace(reply, sign="response"), keys)


def _bare_assertion(reply: Reply, keys: Keys) -> bytes:
    return assertion(reply, keys)


def _logout_response(reply: Reply, keys: Keys) -> bytes:
    document = response_around("", reply, keys)
    return document.replace(b"samlp:Response", b"samlp:LogoutResponse")


def _comment(reply: Reply, keys: Keys) -> bytes:
    """The signature stays valid: canonicalisation leaves comments out."""
    half = len(reply.name_id or "") // 2
    name_id = (reply.name_id or "").encode("utf-8")
    return replace_once(
        build(reply, keys),
        b">" + name_id + _END,
        b">" + name_id[:half] + b"<!-- -->" + name_id[half:] + _END,
    )


def _comment_in(element: bytes) -> Build:
    return afterwards(
        lambda document: replace_once(
            document, b"</saml:" + element + b">", b"<!-- -->.evil</saml:" + element + b">"
        )
    )


def _many_namespaces(document: bytes) -> bytes:
    declarations = b"".join(b' xmlns:n%d="urn:n:%d"' % (number, number) for number in range(5000))
    return replace_once(document, b"<samlp:Response", b"<samlp:Response" + declarations)


def _deep(reply: Reply, keys: Keys) -> bytes:
    nest = '<x:n xmlns:x="urn:nest">' + "<x:n>" * 250 + "</x:n>" * 250 + "</x:n>"
    extensions = f"<samlp:Extensions>{nest}</samlp:Extensions>"
    return build(replace(reply, extensions_xml=extensions), keys)


def _many_elements(reply: Reply, keys: Keys) -> bytes:
    extensions = f'<samlp:Extensions xmlns:x="urn:x">{"<x:n/>" * 10_000}</samlp:Extensions>'
    return build(replace(reply, extensions_xml=extensions), keys)


def _many_attributes(reply: Reply, keys: Keys) -> bytes:
    """Canonicalisation would sort them, in a time that is quadratic in their number."""
    attributes = " ".join(f'common-beginning-{number:04}=""' for number in range(5000))
    extensions = f'<samlp:Extensions><x:n xmlns:x="urn:x" {attributes}/></samlp:Extensions>'
    return build(replace(reply, sign="response", extensions_xml=extensions), keys)


def _utf16(document: bytes) -> bytes:
    text = '<?xml version="1.0" encoding="UTF-16"?>\n' + document.decode("utf-8")
    return text.encode("utf-16")


FORBIDDEN: Final[dict[str, Misbehaviour]] = {
    "entity_doctype": Misbehaviour(
        "a DOCTYPE with entities that grow", "FORBIDDEN_XML", _in_name_id(ENTITIES, b"&d;")
    ),
    "external_entity": Misbehaviour(
        "an entity that is a file of the reader",
        "FORBIDDEN_XML",
        _in_name_id(OUTSIDE, b"&who;"),
    ),
    "doctype": Misbehaviour(
        "a DOCTYPE that does nothing", "FORBIDDEN_XML", _in_name_id(b"<!DOCTYPE x>\n", b"")
    ),
    "external_dtd": Misbehaviour(
        "a DOCTYPE to be fetched",
        "FORBIDDEN_XML",
        _in_name_id(b'<!DOCTYPE x SYSTEM "https://elsewhere.example/x.dtd">\n', b""),
    ),
    "processing_instruction": Misbehaviour(
        "a processing instruction in the NameID", "FORBIDDEN_XML", _in_name_id(b"", b"<?pi x?>")
    ),
    "stylesheet_instruction": Misbehaviour(
        "a stylesheet instruction before the root",
        "FORBIDDEN_XML",
        _in_name_id(b'<?xml-stylesheet href="https://elsewhere.example/x.xsl"?>\n', b""),
    ),
    "comment_in_name_id": Misbehaviour(
        "a comment in the NameID, put there after signing", "NAME_ID", _comment
    ),
    "comment_in_audience": Misbehaviour(
        "a comment in the Audience, and more text after it",
        "SCHEMA",
        _comment_in(b"Audience"),
    ),
    "element_in_name_id": Misbehaviour(
        "an element in the NameID",
        "NAME_ID",
        saying(lambda reply: replace(reply, name_id_xml="anna<saml:Audience/>.larsen")),
    ),
    "comment_signed_in_name_id": Misbehaviour(
        "a comment in the NameID, there before signing",
        "NAME_ID",
        saying(lambda reply: replace(reply, name_id_xml=f"{reply.name_id}<!-- -->.evil")),
    ),
}

TOO_MUCH: Final[dict[str, Misbehaviour]] = {
    "huge": Misbehaviour(
        "more than 256 KiB",
        "TOO_LARGE",
        saying(lambda reply: replace(reply, attributes=(Attribute("photo", ("x" * 300_000,)),))),
    ),
    "many_namespaces": Misbehaviour(
        "five thousand namespace declarations", "TOO_LARGE", afterwards(_many_namespaces)
    ),
    "deep": Misbehaviour("250 elements deep", "TOO_LARGE", _deep),
    "many_attributes": Misbehaviour(
        "five thousand attributes of one element", "TOO_LARGE", _many_attributes
    ),
    "many_elements": Misbehaviour("ten thousand elements", "TOO_LARGE", _many_elements),
}

SHAPE: Final[dict[str, Misbehaviour]] = {
    "duplicate_id": Misbehaviour(
        "Response and Assertion have the same ID",
        "DUPLICATE_ID",
        saying(lambda reply: replace(reply, response_id=reply.assertion_id)),
    ),
    "two_assertions": Misbehaviour(
        "two Assertions, both signed well", "ASSERTION_COUNT", _two_assertions
    ),
    "two_encrypted_assertions": Misbehaviour(
        "two Assertions, both signed and encrypted", "ASSERTION_COUNT", _two_encrypted
    ),
    "no_assertion": Misbehaviour("Success, but no Assertion", "ASSERTION_COUNT", _no_assertion),
    "assertion_elsewhere": Misbehaviour(
        "the only Assertion stands in the Extensions", "ASSERTION_COUNT", _assertion_elsewhere
    ),
    "bare_assertion": Misbehaviour(
        "a signed Assertion without a Response around it", "MALFORMED", _bare_assertion
    ),
    "logout_response": Misbehaviour("a LogoutResponse", "MALFORMED", _logout_response),
    "other_namespace": Misbehaviour(
        "a Response of another protocol",
        "MALFORMED",
        afterwards(
            lambda document: replace_once(
                document, terms.SAMLP.encode(), b"urn:oasis:names:tc:SAML:1.0:protocol"
            )
        ),
    ),
    "unknown_element": Misbehaviour(
        "an element that SAML does not have",
        "SCHEMA",
        afterwards(
            lambda document: replace_once(
                document, b"<samlp:Status>", b"<samlp:Surprise/><samlp:Status>"
            )
        ),
    ),
    "no_assertion_issuer": Misbehaviour(
        "an Assertion without Issuer",
        "SCHEMA",
        saying(lambda reply: replace(reply, issuer=None)),
    ),
    "not_xml": Misbehaviour("a sentence", "MALFORMED", lambda reply, keys: b"Let me in, please."),
    "empty": Misbehaviour("nothing at all", "MALFORMED", lambda reply, keys: b""),
    "truncated": Misbehaviour(
        "cut off in the middle",
        "MALFORMED",
        afterwards(lambda document: document[: len(document) // 2]),
    ),
    "twice_encoded": Misbehaviour(
        "base64 of base64",
        "MALFORMED",
        afterwards(lambda document: encode(document).encode("ascii")),
    ),
    "utf16": Misbehaviour("UTF-16, in which bytes hide", "MALFORMED", afterwards(_utf16)),
    "utf16_doctype": Misbehaviour(
        "a DOCTYPE hidden in UTF-16",
        "MALFORMED",
        lambda reply, keys: _utf16(_in_name_id(ENTITIES, b"&d;")(reply, keys)),
    ),
    "nul_byte": Misbehaviour("a NUL byte in the NameID", "MALFORMED", _in_name_id(b"", b"\0.evil")),
}

DOCUMENTS: Final = {**FORBIDDEN, **TOO_MUCH, **SHAPE}
