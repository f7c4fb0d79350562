"""XML Encryption as far as SAML uses it: one EncryptedData, one EncryptedKey for us.

The plaintext comes back as bytes, to be parsed and verified like any message from outside:
encryption is not authentication. Every failure is the same refusal, so that nothing can be
learned about the padding.
"""

import base64
import binascii
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from saml.errors import KeyUnusable, Reason, ResponseRejected
from saml.keys import private_key
from saml.settings import KeyPair
from saml.terms import (
    AES_CBC,
    AES_GCM,
    DS,
    DSIG_NS,
    RSA_OAEP,
    RSA_OAEP_MGF1P,
    SHA256,
    SHA384,
    SHA512,
    XENC,
    XENC11,
    XENC11_NS,
)

_MAX_KEYS = 8
_GCM_NONCE = 12
_GCM_TAG = 16
_CBC_BLOCK = 16
_DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    DSIG_NS + "sha1": hashes.SHA1,
    SHA256: hashes.SHA256,
    SHA384: hashes.SHA384,
    SHA512: hashes.SHA512,
}
_MASKS: dict[str, type[hashes.HashAlgorithm]] = {
    XENC11_NS + "mgf1sha1": hashes.SHA1,
    XENC11_NS + "mgf1sha256": hashes.SHA256,
    XENC11_NS + "mgf1sha384": hashes.SHA384,
    XENC11_NS + "mgf1sha512": hashes.SHA512,
}


def decrypt(encrypted: etree._Element, keys: Iterable[KeyPair]) -> bytes:
    """Return the plaintext of an EncryptedAssertion or EncryptedID element.

    AES-128/256 in GCM or CBC under RSA-OAEP; any of `keys` may be the one. Raises
    ResponseRejected: SIGNATURE_ALGORITHM for an algorithm that is not allowed (RSA 1.5,
    3DES), else DECRYPTION whatever went wrong.
    """
    data = encrypted.findall(f"{XENC}EncryptedData")
    if len(data) != 1:
        raise ResponseRejected(Reason.DECRYPTION, "not one EncryptedData")
    algorithm = _algorithm(data[0])
    key_size = AES_GCM.get(algorithm) or AES_CBC.get(algorithm)
    if key_size is None:
        raise ResponseRejected(Reason.SIGNATURE_ALGORITHM, f"EncryptionMethod {algorithm}")
    encrypted_keys = [
        *data[0].findall(f"{DS}KeyInfo/{XENC}EncryptedKey"),
        *encrypted.findall(f"{XENC}EncryptedKey"),
    ]
    if not 0 < len(encrypted_keys) <= _MAX_KEYS:
        raise ResponseRejected(Reason.DECRYPTION, f"{len(encrypted_keys)} EncryptedKeys")
    ciphertext = _cipher_value(data[0])
    pairs = tuple(keys)
    for encrypted_key in encrypted_keys:
        scheme = _oaep(encrypted_key)
        wrapped = _cipher_value(encrypted_key)
        for pair in pairs:
            content_key = _unwrap(wrapped, pair, scheme)
            if content_key is None or len(content_key) != key_size:
                continue
            plaintext = _open(ciphertext, content_key, is_gcm=algorithm in AES_GCM)
            if plaintext is not None:
                return plaintext
    raise ResponseRejected(Reason.DECRYPTION, "no key of ours opens it")


def _algorithm(element: etree._Element) -> str:
    method = element.find(f"{XENC}EncryptionMethod")
    return (method.get("Algorithm") or "") if method is not None else ""


def _cipher_value(element: etree._Element) -> bytes:
    value = element.find(f"{XENC}CipherData/{XENC}CipherValue")
    # Behind a comment, which no signature covers, the rest of the text would be lost.
    if value is None or len(value):
        raise ResponseRejected(Reason.DECRYPTION, "CipherValue is not plain text")
    try:
        return base64.b64decode("".join((value.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise ResponseRejected(Reason.DECRYPTION, "CipherValue is not base64") from None


def _oaep(encrypted_key: etree._Element) -> padding.OAEP:
    algorithm = _algorithm(encrypted_key)
    if algorithm not in (RSA_OAEP_MGF1P, RSA_OAEP):
        raise ResponseRejected(Reason.SIGNATURE_ALGORITHM, f"EncryptedKey by {algorithm}")
    method = encrypted_key.find(f"{XENC}EncryptionMethod")
    assert method is not None
    digest = _parameter(method.find(f"{DS}DigestMethod"), _DIGESTS)
    # The 2001 URI fixes the mask to SHA-1, the 2009 one names it (XML Encryption 1.1, 5.5.2).
    mask: type[hashes.HashAlgorithm] = hashes.SHA1
    if algorithm == RSA_OAEP:
        mask = _parameter(method.find(f"{XENC11}MGF"), _MASKS)
    if method.find(f"{XENC}OAEPparams") is not None:
        raise ResponseRejected(Reason.DECRYPTION, "OAEPparams")
    return padding.OAEP(mgf=padding.MGF1(mask()), algorithm=digest(), label=None)


def _parameter(
    element: etree._Element | None, known: dict[str, type[hashes.HashAlgorithm]]
) -> type[hashes.HashAlgorithm]:
    if element is None:
        return hashes.SHA1
    algorithm = element.get("Algorithm") or ""
    if algorithm not in known:
        raise ResponseRejected(Reason.SIGNATURE_ALGORITHM, f"RSA-OAEP with {algorithm}")
    return known[algorithm]


def _unwrap(wrapped: bytes, pair: KeyPair, scheme: padding.OAEP) -> bytes | None:
    try:
        return private_key(pair.private_key).decrypt(wrapped, scheme)
    except (KeyUnusable, ValueError):
        return None


def _open(ciphertext: bytes, key: bytes, *, is_gcm: bool) -> bytes | None:
    if is_gcm:
        if len(ciphertext) < _GCM_NONCE + _GCM_TAG:
            return None
        try:
            return AESGCM(key).decrypt(ciphertext[:_GCM_NONCE], ciphertext[_GCM_NONCE:], None)
        except InvalidTag:
            return None
    if len(ciphertext) < 2 * _CBC_BLOCK or len(ciphertext) % _CBC_BLOCK:
        return None
    decryptor = Cipher(algorithms.AES(key), modes.CBC(ciphertext[:_CBC_BLOCK])).decryptor()
    padded = decryptor.update(ciphertext[_CBC_BLOCK:]) + decryptor.finalize()
    # XML Encryption 5.2: only the last byte counts, the others of the padding are arbitrary.
    count = padded[-1]
    return padded[:-count] if 0 < count <= _CBC_BLOCK else None
