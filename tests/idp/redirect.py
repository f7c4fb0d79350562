"""The HTTP-Redirect binding (SAML bindings 3.4): deflated messages and query signatures."""

import base64
import binascii
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote, unquote_plus

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tests.idp import terms
from tests.idp.keys import KeyPair, private_key

MAX_INFLATED: Final = 64 * 1024

_HASHES: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    terms.RSA_SHA1: hashes.SHA1,
    terms.RSA_SHA256: hashes.SHA256,
    terms.RSA_SHA384: hashes.SHA384,
    terms.RSA_SHA512: hashes.SHA512,
    terms.ECDSA_SHA256: hashes.SHA256,
    terms.ECDSA_SHA384: hashes.SHA384,
    terms.ECDSA_SHA512: hashes.SHA512,
}

Parameter = Literal["SAMLRequest", "SAMLResponse"]


class RequestRefusedError(Exception):
    """A message to the IdP was refused; the text is one sentence for its error page."""


@dataclass(frozen=True)
class RedirectMessage:
    """What a query of the Redirect binding carries. `signed_octets` is what was signed."""

    parameter: Parameter
    document: bytes
    relay_state: str | None
    signature: bytes | None
    signature_algorithm: str | None
    signed_octets: bytes


def deflate(document: bytes) -> str:
    """The document deflated and in base64, not yet percent-encoded."""
    compressor = zlib.compressobj(wbits=-15)
    return base64.b64encode(compressor.compress(document) + compressor.flush()).decode("ascii")


def inflate(text: str, *, limit: int = MAX_INFLATED) -> bytes:
    """Undo `deflate`; more than `limit` bytes are refused before they exist."""
    try:
        compressed = base64.b64decode(text.encode("ascii"), validate=True)
        decompressor = zlib.decompressobj(wbits=-15)
        document = decompressor.decompress(compressed, limit + 1)
    except (binascii.Error, zlib.error, UnicodeEncodeError):
        raise RequestRefusedError("The message is not deflated XML in base64.") from None
    if len(document) > limit:
        raise RequestRefusedError(f"The message is larger than {limit} bytes.")
    if not decompressor.eof:
        raise RequestRefusedError("The message is cut off.")
    return document


def query(
    parameter: Parameter,
    document: bytes,
    *,
    relay_state: str | None = None,
    key: KeyPair | None = None,
    algorithm: str | None = None,
) -> str:
    """The query string that carries the document, signed where a key is given."""
    text = f"{parameter}={quote(deflate(document), safe='')}"
    if relay_state is not None:
        text += f"&RelayState={quote(relay_state, safe='')}"
    if key is None:
        return text
    method = algorithm or (terms.RSA_SHA256 if key.is_rsa else terms.ECDSA_SHA256)
    text += f"&SigAlg={quote(method, safe='')}"
    signature = base64.b64encode(_sign(text.encode("ascii"), key, method)).decode("ascii")
    return f"{text}&Signature={quote(signature, safe='')}"


def read(query_string: str, *, limit: int = MAX_INFLATED) -> RedirectMessage:
    """Read a query string; a parameter of the binding that comes twice is refused."""
    raw: dict[str, str] = {}
    for pair in query_string.split("&"):
        name, _, value = pair.partition("=")
        if name in ("SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature"):
            if name in raw:
                raise RequestRefusedError(f"The query has {name} twice.")
            raw[name] = value
    parameter: Parameter = "SAMLRequest" if "SAMLRequest" in raw else "SAMLResponse"
    if parameter not in raw or {"SAMLRequest", "SAMLResponse"} <= raw.keys():
        raise RequestRefusedError("The query carries no SAML message, or two.")
    signature = None
    if "Signature" in raw:
        try:
            signature = base64.b64decode(unquote_plus(raw["Signature"]), validate=True)
        except (binascii.Error, ValueError):
            raise RequestRefusedError("The Signature is not base64.") from None
    # Signed is what was sent, percent-encoding and all, in this order (bindings 3.4.4.1).
    signed = "&".join(
        f"{name}={raw[name]}" for name in (parameter, "RelayState", "SigAlg") if name in raw
    )
    return RedirectMessage(
        parameter=parameter,
        document=inflate(unquote_plus(raw[parameter]), limit=limit),
        relay_state=unquote_plus(raw["RelayState"]) if "RelayState" in raw else None,
        signature=signature,
        signature_algorithm=unquote_plus(raw["SigAlg"]) if "SigAlg" in raw else None,
        signed_octets=signed.encode("ascii", "replace"),
    )


def verify(message: RedirectMessage, certificates: Iterable[bytes]) -> None:
    """Raise RequestRefusedError unless one of the certificates (PEM) signed the query."""
    digest = _HASHES.get(message.signature_algorithm or "")
    if message.signature is None or digest is None or digest is hashes.SHA1:
        raise RequestRefusedError(f"The SigAlg {message.signature_algorithm} is not accepted.")
    for certificate in certificates:
        key = x509.load_pem_x509_certificate(certificate).public_key()
        try:
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(message.signature, message.signed_octets, padding.PKCS1v15(), digest())
                return
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(message.signature, message.signed_octets, ec.ECDSA(digest()))
                return
        except InvalidSignature:
            continue
    raise RequestRefusedError("The query's signature fits no certificate of the SP's metadata.")


def _sign(octets: bytes, pair: KeyPair, algorithm: str) -> bytes:
    digest = _HASHES[algorithm]()
    key = private_key(pair)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(octets, padding.PKCS1v15(), digest)
    return key.sign(octets, ec.ECDSA(digest))
