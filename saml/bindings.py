"""How a message of ours reaches the IdP through the browser: HTTP-Redirect or HTTP-POST."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from saml.settings import KeyPair
from saml.signing import sign_element, sign_octets
from saml.terms import RSA_SHA256

MessageField = Literal["SAMLRequest", "SAMLResponse"]

_MAX_RELAY_STATE: Final = 80
_SIG_ALG: Final = "&SigAlg=" + quote(RSA_SHA256, safe="")


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the browser to `url`."""

    url: str


@dataclass(frozen=True, slots=True)
class PostForm:
    """Have the browser post the hidden `fields` to `action`."""

    action: str
    fields: Mapping[str, str]


def redirect_url(
    xml: bytes,
    *,
    location: str,
    relay_state: str | None,
    signing_key: KeyPair | None,
    message_field: MessageField = "SAMLRequest",
) -> str:
    """Return the URL that carries a message by HTTP-Redirect (bindings 3.4.4.1).

    A query that `location` has already is kept, and is not signed. Raises KeyUnusable;
    ValueError for a RelayState over 80 bytes.
    """
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = compressor.compress(xml) + compressor.flush()
    query = f"{message_field}={_escaped(base64.b64encode(deflated))}"
    if relay_state is not None:
        query += f"&RelayState={_escaped(_bounded(relay_state).encode())}"
    if signing_key is not None:
        query += _SIG_ALG
        signature = base64.b64encode(sign_octets(query.encode("ascii"), signing_key))
        query += f"&Signature={_escaped(signature)}"
    address = location.partition("#")[0]
    if "?" not in address:
        separator = "?"
    else:
        separator = "" if address.endswith(("?", "&")) else "&"
    return f"{address}{separator}{query}"


def post_form(
    xml: bytes,
    *,
    location: str,
    relay_state: str | None,
    signing_key: KeyPair | None,
    message_field: MessageField = "SAMLRequest",
) -> PostForm:
    """Return the form that carries a message by HTTP-POST (bindings 3.5.4).

    The signature, where a key is given, is an element of the message. Raises KeyUnusable;
    ValueError for a RelayState over 80 bytes.
    """
    message = xml if signing_key is None else sign_element(xml, signing_key)
    fields: dict[str, str] = {message_field: base64.b64encode(message).decode()}
    if relay_state is not None:
        fields["RelayState"] = _bounded(relay_state)
    return PostForm(location, fields)


def _bounded(relay_state: str) -> str:
    if len(relay_state.encode()) > _MAX_RELAY_STATE:
        raise ValueError("RelayState is over 80 bytes (bindings 3.4.3)")
    return relay_state


def _escaped(value: bytes) -> str:
    return quote(value, safe="")
