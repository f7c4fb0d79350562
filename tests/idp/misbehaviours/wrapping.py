"""XML signature wrapping: a genuine signature, and a forged Assertion beside what it signs.

Everything is put together as text, so that the signed bytes stay what they were. The
numbers are those of the literature ("On Breaking SAML: Be Whoever You Want to Be", 2012) as
testing tools use them; number nine is the Assertion hidden in the StatusDetail.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from tests.idp import terms
from tests.idp.keys import Keys
from tests.idp.misbehaviours.misbehaviour import Misbehaviour, NotPossibleError, for_addressee
from tests.idp.reply import Reply
from tests.idp.responses import (
    assertion,
    assertion_in_its_envelope,
    assertion_text,
    build,
    response_around,
)
from tests.idp.signing import sign, signing_with, template_for

FORGED_NAME_ID: Final = "forged.administrator"


@dataclass(frozen=True)
class Pieces:
    """What wrapping is made of, each as text with its own namespaces.

    `signed` is the genuine element, `bare` the same without its signature; `forged` is the
    Assertion that nobody signed, `forged_with(…)` the same with something after its Issuer.
    """

    signed: str
    bare: str
    signature: str
    forged: str

    def forged_with(self, inside: str) -> str:
        """The forged Assertion with that text put after its Issuer."""
        issuer, rest = self.forged.split("</saml:Issuer>", 1)
        return f"{issuer}</saml:Issuer>{inside}{rest}"

    def signature_around(self, inside: str) -> str:
        """The signature with that text as its last child."""
        return self.signature.removesuffix("</ds:Signature>") + inside + "</ds:Signature>"


def cut(signed: str) -> tuple[str, str]:
    """Cut an element with one signature into the element without it, and the signature."""
    found = re.search(r"<ds:Signature .*?</ds:Signature>", signed, re.DOTALL)
    if found is None:
        raise NotPossibleError("no signature to wrap")
    return signed[: found.start()] + signed[found.end() :], found[0]


def forged_assertion(reply: Reply) -> str:
    """An unsigned Assertion about somebody else, good in every other respect."""
    forged = replace(
        reply, assertion_id=f"{reply.assertion_id}-forged", name_id=FORGED_NAME_ID, name_id_xml=None
    )
    return assertion_text(forged, None)


def _pieces(reply: Reply, keys: Keys) -> Pieces:
    signed = assertion(replace(reply, sign="assertion", signing=None), keys).decode("utf-8")
    bare, signature = cut(signed)
    return Pieces(signed, bare, signature, forged_assertion(reply))


def _response_pieces(reply: Reply, keys: Keys) -> Pieces:
    signed = build(replace(reply, sign="response", signing=None), keys).decode("utf-8")
    bare, signature = cut(signed)
    return Pieces(signed, bare, signature, forged_assertion(reply))


def _forged_response(reply: Reply, keys: Keys, content: str, after_issuer: str) -> bytes:
    forged = replace(reply, response_id=f"{reply.response_id}-forged", sign="none")
    text = response_around(content, forged, keys).decode("utf-8")
    issuer, rest = text.split("</saml:Issuer>", 1)
    return f"{issuer}</saml:Issuer>{after_issuer}{rest}".encode()


def _assertions(arrange: Callable[[Pieces], str]) -> Callable[[Reply, Keys], bytes]:
    def wrapped(reply: Reply, keys: Keys) -> bytes:
        content = arrange(_pieces(reply, keys))
        return response_around(content, replace(reply, sign="none"), keys)

    return wrapped


def _xsw1(reply: Reply, keys: Keys) -> bytes:
    pieces = _response_pieces(reply, keys)
    return _forged_response(reply, keys, pieces.forged, pieces.signature_around(pieces.bare))


def _xsw2(reply: Reply, keys: Keys) -> bytes:
    pieces = _response_pieces(reply, keys)
    return _forged_response(reply, keys, pieces.forged, pieces.bare + pieces.signature)


def _xsw7(reply: Reply, keys: Keys) -> bytes:
    pieces = _pieces(reply, keys)
    extended = replace(
        reply,
        sign="none",
        extensions_xml=f"<samlp:Extensions>{pieces.forged}</samlp:Extensions>",
    )
    return response_around(pieces.signed, extended, keys)


def _xsw9(reply: Reply, keys: Keys) -> bytes:
    pieces = _pieces(reply, keys)
    detail = f"<samlp:StatusDetail>{pieces.bare}</samlp:StatusDetail>"
    detailed = replace(reply, sign="none", status_detail_xml=detail)
    return response_around(pieces.forged_with(pieces.signature), detailed, keys)


def _signed_metadata(reply: Reply, keys: Keys) -> bytes:
    """One Assertion only, and a signature that is good: over something else."""
    signing = signing_with(keys.rsa)
    descriptor = (
        f'<md:EntityDescriptor xmlns:md="{terms.METADATA}" ID="_metadata"'
        f' entityID="{reply.issuer}">{template_for(signing, "_metadata")}'
        f'<md:IDPSSODescriptor protocolSupportEnumeration="{terms.SAMLP}">'
        f'<md:SingleSignOnService Binding="{terms.HTTP_REDIRECT}" Location="{reply.issuer}"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )
    bare, signature = cut(sign(descriptor.encode(), signing).decode())
    extended = replace(reply, extensions_xml=f"<samlp:Extensions>{bare}</samlp:Extensions>")
    return _forged_response(extended, keys, forged_assertion(reply), signature)


def _foreign_id(reply: Reply, keys: Keys) -> bytes:
    pieces = _pieces(reply, keys)
    forged = pieces.forged_with(pieces.signature).replace(
        " ID=", f' saml:ID="{reply.assertion_id}" ID=', 1
    )
    return response_around(forged, replace(reply, sign="none"), keys)


def _beside_encrypted(reply: Reply, keys: Keys) -> bytes:
    envelope = assertion_in_its_envelope(
        replace(reply, sign="assertion", encrypt_assertion=for_addressee(reply)), keys
    )
    return response_around(forged_assertion(reply) + envelope, replace(reply, sign="none"), keys)


def _old_response_inside(reply: Reply, keys: Keys) -> bytes:
    """The whole genuine Response stands in the Extensions of a forged one."""
    signed = build(replace(reply, sign="both", signing=None), keys).decode("utf-8")
    extended = replace(reply, extensions_xml=f"<samlp:Extensions>{signed}</samlp:Extensions>")
    content = forged_assertion(reply)
    return _forged_response(extended, keys, content, "")


WRAPPING: Final[dict[str, Misbehaviour]] = {
    "xsw1": Misbehaviour(
        "forged Response; the signed one is a child of the signature", "ASSERTION_COUNT", _xsw1
    ),
    "xsw2": Misbehaviour(
        "forged Response; the signed one stands before the signature", "ASSERTION_COUNT", _xsw2
    ),
    "xsw3": Misbehaviour(
        "forged Assertion before the signed one",
        "ASSERTION_COUNT",
        _assertions(lambda pieces: pieces.forged + pieces.signed),
    ),
    "xsw4": Misbehaviour(
        "forged Assertion around the signed one",
        "ASSERTION_COUNT",
        _assertions(lambda pieces: pieces.forged_with(pieces.signed)),
    ),
    "xsw5": Misbehaviour(
        "forged Assertion with the signature; the signed one follows without it",
        "ASSERTION_COUNT",
        _assertions(lambda pieces: pieces.forged_with(pieces.signature) + pieces.bare),
    ),
    "xsw6": Misbehaviour(
        "forged Assertion with the signature; the signed one is a child of the signature",
        "ASSERTION_COUNT",
        _assertions(lambda pieces: pieces.forged_with(pieces.signature_around(pieces.bare))),
    ),
    "xsw7": Misbehaviour("forged Assertion in the Extensions", "ASSERTION_COUNT", _xsw7),
    "xsw8": Misbehaviour(
        "forged Assertion with the signature; the signed one in an Object of the signature",
        "ASSERTION_COUNT",
        _assertions(
            lambda pieces: pieces.forged_with(
                pieces.signature_around(f'<ds:Object Id="_object">{pieces.bare}</ds:Object>')
            )
        ),
    ),
    "xsw9": Misbehaviour(
        "forged Assertion with the signature; the signed one in the StatusDetail",
        "ASSERTION_COUNT",
        _xsw9,
    ),
    "xsw_encrypted": Misbehaviour(
        "forged Assertion before the encrypted one", "ASSERTION_COUNT", _beside_encrypted
    ),
    "xsw_whole_response": Misbehaviour(
        "forged Response with the genuine one in its Extensions",
        "ASSERTION_COUNT",
        _old_response_inside,
    ),
    "xsw_signed_metadata": Misbehaviour(
        "forged Response whose signature is good, but over the IdP's metadata in its Extensions",
        "SIGNATURE_PROFILE",
        _signed_metadata,
    ),
    "xsw_foreign_id": Misbehaviour(
        "forged Assertion that bears the signed ID as an attribute of another namespace",
        "SIGNATURE_PROFILE",
        _foreign_id,
    ),
}
