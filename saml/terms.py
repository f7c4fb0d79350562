"""SAML's names: namespaces, URIs and algorithm identifiers, as the standards spell them."""

from typing import Final

PROTOCOL_NS: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION_NS: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
METADATA_NS: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
MDUI_NS: Final = "urn:oasis:names:tc:SAML:metadata:ui"
DSIG_NS: Final = "http://www.w3.org/2000/09/xmldsig#"
XENC_NS: Final = "http://www.w3.org/2001/04/xmlenc#"
XENC11_NS: Final = "http://www.w3.org/2009/xmlenc11#"
EXC_C14N_NS: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"

SAMLP: Final = f"{{{PROTOCOL_NS}}}"
SAML: Final = f"{{{ASSERTION_NS}}}"
MD: Final = f"{{{METADATA_NS}}}"
MDUI: Final = f"{{{MDUI_NS}}}"
DS: Final = f"{{{DSIG_NS}}}"
XENC: Final = f"{{{XENC_NS}}}"
XENC11: Final = f"{{{XENC11_NS}}}"
EC: Final = f"{{{EXC_C14N_NS}}}"

BINDING_REDIRECT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
BINDING_POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"

STATUS_SUCCESS: Final = "urn:oasis:names:tc:SAML:2.0:status:Success"
STATUS_NO_PASSIVE: Final = "urn:oasis:names:tc:SAML:2.0:status:NoPassive"
CONFIRMATION_BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

NAMEID_UNSPECIFIED: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
NAMEID_FORMATS: Final = {
    "email": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "transient": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
    "unspecified": NAMEID_UNSPECIFIED,
}
NAMEID_ENTITY: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"

ENVELOPED_SIGNATURE: Final = DSIG_NS + "enveloped-signature"
EXCLUSIVE_C14N: Final = EXC_C14N_NS

RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SIGNATURE_ALGORITHMS: Final = frozenset(
    f"http://www.w3.org/2001/04/xmldsig-more#{key}-sha{bits}"
    for key in ("rsa", "ecdsa")
    for bits in (256, 384, 512)
)
SHA256: Final = XENC_NS + "sha256"
SHA384: Final = "http://www.w3.org/2001/04/xmldsig-more#sha384"
SHA512: Final = XENC_NS + "sha512"
DIGEST_ALGORITHMS: Final = {SHA256: "sha256", SHA384: "sha384", SHA512: "sha512"}

AES_CBC: Final = {XENC_NS + "aes128-cbc": 16, XENC_NS + "aes256-cbc": 32}
AES_GCM: Final = {XENC11_NS + "aes128-gcm": 16, XENC11_NS + "aes256-gcm": 32}
RSA_OAEP_MGF1P: Final = XENC_NS + "rsa-oaep-mgf1p"
RSA_OAEP: Final = XENC11_NS + "rsa-oaep"
