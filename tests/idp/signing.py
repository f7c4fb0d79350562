"""Signs elements with xmlsec, by whatever a `Signing` says, however unwise."""

from dataclasses import dataclass

import xmlsec
from lxml import etree

from tests.idp import terms
from tests.idp.keys import KeyPair


@dataclass(frozen=True)
class Signing:
    """How one element is signed. The defaults are what every IdP does nowadays.

    `key_info` is the certificate that the message itself offers: None for the signer's own,
    b"" for no KeyInfo at all. `extra_transform` is XML that is put between the two usual
    transforms; `inclusive_prefixes` is the PrefixList of the exclusive canonicalisation.
    `hmac_secret` signs with that shared secret in place of the key.
    """

    key: KeyPair
    signature_method: str = terms.RSA_SHA256
    digest_method: str = terms.SHA256
    canonicalization_method: str = terms.EXCLUSIVE_C14N
    transforms: tuple[str, ...] = (terms.ENVELOPED, terms.EXCLUSIVE_C14N)
    extra_transform: str = ""
    inclusive_prefixes: str = ""
    key_info: bytes | None = None
    hmac_secret: bytes | None = None
    prefix: str = "ds"


def signing_with(key: KeyPair, *, prefix: str = "ds") -> Signing:
    """The ordinary way to sign with a key: SHA-256, by RSA or ECDSA as the key is."""
    method = terms.RSA_SHA256 if key.is_rsa else terms.ECDSA_SHA256
    return Signing(key, signature_method=method, prefix=prefix)


def signature_template(signing: Signing, referenced_id: str, certificate_base64: str) -> str:
    """The empty `ds:Signature` over the element of that ID, as text."""
    ds = signing.prefix
    prefixes = (
        f'<ec:InclusiveNamespaces xmlns:ec="{terms.EXCLUSIVE_C14N}"'
        f' PrefixList="{signing.inclusive_prefixes}"/>'
        if signing.inclusive_prefixes
        else ""
    )
    lines = []
    for algorithm in signing.transforms:
        inside = prefixes if algorithm == terms.EXCLUSIVE_C14N else ""
        lines.append(f'<{ds}:Transform Algorithm="{algorithm}">{inside}</{ds}:Transform>')
        if algorithm == terms.ENVELOPED and signing.extra_transform:
            lines.append(signing.extra_transform)
    transforms = "\n".join(lines)
    key_info = (
        f"<{ds}:KeyInfo><{ds}:X509Data><{ds}:X509Certificate>{certificate_base64}"
        f"</{ds}:X509Certificate></{ds}:X509Data></{ds}:KeyInfo>"
        if certificate_base64
        else ""
    )
    return f"""<{ds}:Signature xmlns:{ds}="{terms.DS}">
<{ds}:SignedInfo>
<{ds}:CanonicalizationMethod Algorithm="{signing.canonicalization_method}"/>
<{ds}:SignatureMethod Algorithm="{signing.signature_method}"/>
<{ds}:Reference URI="#{referenced_id}">
<{ds}:Transforms>
{transforms}
</{ds}:Transforms>
<{ds}:DigestMethod Algorithm="{signing.digest_method}"/>
<{ds}:DigestValue></{ds}:DigestValue>
</{ds}:Reference>
</{ds}:SignedInfo>
<{ds}:SignatureValue></{ds}:SignatureValue>{key_info}
</{ds}:Signature>"""


def template_for(signing: Signing, referenced_id: str) -> str:
    """The empty signature with the KeyInfo that `signing` asks for."""
    offered = signing.key.certificate_pem if signing.key_info is None else signing.key_info
    certificate = KeyPair(b"", offered).certificate_base64 if offered else ""
    return signature_template(signing, referenced_id, certificate)


def sign(document: bytes, signing: Signing) -> bytes:
    """Fill in the first signature of the document, an empty one, in its place."""
    root = etree.fromstring(document)
    signature = next(root.iter(f"{{{terms.DS}}}Signature"), None)
    if signature is None:
        raise ValueError("the document has no signature template")
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    if signing.hmac_secret is not None:
        context.key = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, signing.hmac_secret)
    else:
        context.key = xmlsec.Key.from_memory(
            signing.key.private_pem, xmlsec.constants.KeyDataFormatPem
        )
    context.sign(signature)
    return etree.tostring(root)
