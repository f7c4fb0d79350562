"""Encrypts elements with xmlsec: the plaintext is bytes, so nothing rewrites its prefixes."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import xmlsec
from lxml import etree

from tests.idp import terms

KEY_BITS: Final = {
    terms.AES128_CBC: 128,
    terms.AES128_GCM: 128,
    terms.AES256_CBC: 256,
    terms.AES256_GCM: 256,
    terms.TRIPLEDES_CBC: 192,
}


@dataclass(frozen=True)
class Encryption:
    """How one element is encrypted, and for whom.

    `key_placement` says where the EncryptedKey stands: inside the EncryptedData ("inside") or
    as its sibling ("beside"), both of which SAML core 2.2.4 allows. `oaep_digest` and `oaep_mgf`
    are written where given; the standard's default for both is SHA-1.
    """

    certificate_pem: bytes
    data_method: str = terms.AES256_GCM
    key_method: str = terms.RSA_OAEP_MGF1P
    key_placement: Literal["inside", "beside"] = "inside"
    oaep_digest: str = ""
    oaep_mgf: str = ""


def encrypt(plaintext: bytes, encryption: Encryption) -> str:
    """Return the EncryptedData (and its EncryptedKey) that holds one element, as text."""
    manager = xmlsec.KeysManager()
    manager.add_key(
        xmlsec.Key.from_memory(encryption.certificate_pem, xmlsec.constants.KeyDataFormatCertPem)
    )
    context = xmlsec.EncryptionContext(manager)
    kind = (
        xmlsec.constants.KeyDataDes
        if encryption.data_method == terms.TRIPLEDES_CBC
        else xmlsec.constants.KeyDataAes
    )
    context.key = xmlsec.Key.generate(
        kind, KEY_BITS[encryption.data_method], xmlsec.constants.KeyDataTypeSession
    )
    encrypted = context.encrypt_binary(etree.fromstring(_template(encryption)), plaintext)
    if encryption.key_placement == "inside":
        return etree.tostring(encrypted).decode("ascii")
    key_info = encrypted.find(f"{{{terms.DS}}}KeyInfo")
    if key_info is None:
        raise ValueError("xmlsec left no KeyInfo")
    encrypted_key = etree.tostring(key_info[0]).decode("ascii")
    encrypted.remove(key_info)
    return etree.tostring(encrypted).decode("ascii") + encrypted_key


def change_cipher(document: bytes, which: int, change: Callable[[bytes], bytes]) -> bytes:
    """Return the document with the bytes of its CipherValue number `which` changed.

    Number 0 is the encrypted key where the key stands inside, -1 the encrypted data.
    """
    root = etree.fromstring(document)
    value = list(root.iter(f"{{{terms.XENC}}}CipherValue"))[which]
    cipher = base64.b64decode("".join((value.text or "").split()))
    value.text = base64.b64encode(change(cipher)).decode("ascii")
    return etree.tostring(root)


def _template(encryption: Encryption) -> str:
    digest = (
        f'<ds:DigestMethod Algorithm="{encryption.oaep_digest}"/>' if encryption.oaep_digest else ""
    )
    mgf = (
        f'<xenc11:MGF xmlns:xenc11="{terms.XENC11}" Algorithm="{encryption.oaep_mgf}"/>'
        if encryption.oaep_mgf
        else ""
    )
    return f"""<xenc:EncryptedData xmlns:xenc="{terms.XENC}" Type="{terms.XENC}Element">
<xenc:EncryptionMethod Algorithm="{encryption.data_method}"/>
<ds:KeyInfo xmlns:ds="{terms.DS}"><xenc:EncryptedKey>
<xenc:EncryptionMethod Algorithm="{encryption.key_method}">{digest}{mgf}\
</xenc:EncryptionMethod>
<xenc:CipherData><xenc:CipherValue></xenc:CipherValue></xenc:CipherData>
</xenc:EncryptedKey></ds:KeyInfo>
<xenc:CipherData><xenc:CipherValue></xenc:CipherValue></xenc:CipherData>
</xenc:EncryptedData>"""
