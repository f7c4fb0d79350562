"""What we sign ourselves: the octets of a query string, or an XML element.

RSA with SHA-256, which every IdP of these years takes. Keys are loaded once per process.
"""

from functools import lru_cache
from typing import Final

import xmlsec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from lxml import etree

from saml import keys
from saml.parsing import parse
from saml.settings import KeyPair
from saml.terms import DSIG_NS, ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, RSA_SHA256, SAML, SHA256

_PADDING: Final = PKCS1v15()
_HASH: Final = hashes.SHA256()
_TEMPLATE: Final = (
    f'<ds:Signature xmlns:ds="{DSIG_NS}"><ds:SignedInfo>'
    f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"/>'
    f'<ds:SignatureMethod Algorithm="{RSA_SHA256}"/>'
    '<ds:Reference URI="#%s"><ds:Transforms>'
    f'<ds:Transform Algorithm="{ENVELOPED_SIGNATURE}"/><ds:Transform Algorithm="{EXCLUSIVE_C14N}"/>'
    f'</ds:Transforms><ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue/></ds:Reference>'
    "</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data>"
    "<ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
)


def sign_octets(octets: bytes, key: KeyPair) -> bytes:
    """Return the rsa-sha256 signature over `octets` (bindings 3.4.4.1). Raises KeyUnusable."""
    return keys.private_key(key.private_key).sign(octets, _PADDING, _HASH)


def sign_element(document: bytes, key: KeyPair) -> bytes:
    """Return `document`, a message of our own, with an enveloped signature over its root.

    The root has an ID that is safe in an attribute. The Signature stands where the schemas
    want it: after the Issuer, or first where there is none. It carries our certificate.
    Raises KeyUnusable.
    """
    root = parse(document)
    signature = etree.fromstring(
        _TEMPLATE % (root.get("ID"), keys.certificate_base64(key.certificate))
    )
    root.insert(1 if len(root) and root[0].tag == f"{SAML}Issuer" else 0, signature)
    context = xmlsec.SignatureContext()
    context.key = _xmlsec_key(key.private_key)
    context.register_id(root, "ID")
    context.sign(signature)
    return etree.tostring(root)


@lru_cache(maxsize=32)
def _xmlsec_key(pem: str) -> xmlsec.Key:
    keys.private_key(pem)
    return xmlsec.Key.from_memory(pem.encode(), xmlsec.constants.KeyDataFormatPem)
