"""Encryption that proves nothing, cannot be undone, or hides what is not an Assertion."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from tests.idp import terms
from tests.idp.encryption import Encryption, change_cipher
from tests.idp.keys import Keys
from tests.idp.misbehaviours.misbehaviour import (
    Build,
    Misbehaviour,
    for_addressee,
    replace_once,
    saying,
)
from tests.idp.reply import Reply
from tests.idp.responses import assertion, build, encrypted_assertion, response_around


def _encrypted(reply: Reply, **how: Any) -> Reply:
    return replace(reply, encrypt_assertion=for_addressee(reply, **how))


def _cipher_changed(which: int, change: Callable[[bytes], bytes], data_method: str) -> Build:
    def changed(reply: Reply, keys: Keys) -> bytes:
        document = build(_encrypted(reply, data_method=data_method), keys)
        return change_cipher(document, which, change)

    return changed


def _flip(cipher: bytes, at: int) -> bytes:
    at %= len(cipher)
    return cipher[:at] + bytes([cipher[at] ^ 0xFF]) + cipher[at + 1 :]


def _holding(plaintext: Callable[[Reply, Keys], bytes]) -> Build:
    """A Response, signed, around an EncryptedAssertion that holds this plaintext."""
    return lambda reply, keys: response_around(
        encrypted_assertion(plaintext(reply, keys), _encrypted(reply)),
        replace(reply, sign="both"),
        keys,
    )


def _comment_in_cipher(reply: Reply, keys: Keys) -> bytes:
    """The Response's signature stays valid: canonicalisation leaves comments out."""
    document = build(replace(_encrypted(reply), sign="response"), keys)
    before, end, after = document.rpartition(b"</xenc:CipherValue>")
    return before + b"<!-- -->" + end + after


def _for_somebody_else(reply: Reply, keys: Keys) -> bytes:
    other = Encryption(keys.rogue.certificate_pem)
    return build(replace(reply, encrypt_assertion=other), keys)


def _two_inside(reply: Reply, keys: Keys) -> bytes:
    second = replace(reply, assertion_id=f"{reply.assertion_id}-second")
    return assertion(reply, keys) + assertion(second, keys)


def _doctype_inside(reply: Reply, keys: Keys) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY e "evil">]>' + assertion(reply, keys)


def _comment_inside(reply: Reply, keys: Keys) -> bytes:
    return assertion(reply, keys).replace(b"</saml:NameID>", b"<!-- -->.evil</saml:NameID>", 1)


def _tampered_inside(reply: Reply, keys: Keys) -> bytes:
    name_id = (reply.name_id or "").encode("utf-8")
    return assertion(reply, keys).replace(name_id, b"forged.administrator", 1)


def _signed_only_inside(plaintext: Callable[[Reply, Keys], bytes]) -> Build:
    return lambda reply, keys: response_around(
        encrypted_assertion(plaintext(reply, keys), _encrypted(reply)),
        replace(reply, sign="assertion"),
        keys,
    )


def _inherited_namespaces(reply: Reply, keys: Keys) -> bytes:
    declaration = f' xmlns:saml="{terms.SAML}"'.encode()
    plaintext = replace_once(assertion(reply, keys), declaration, b"")
    return response_around(encrypted_assertion(plaintext, _encrypted(reply)), reply, keys)


ENCRYPTION: Final[dict[str, Misbehaviour]] = {
    "encrypted_unsigned": Misbehaviour(
        "encrypted, and nothing is signed",
        "SIGNATURE_MISSING",
        saying(lambda reply: replace(_encrypted(reply), sign="none")),
    ),
    "encrypted_tampered_name_id": Misbehaviour(
        "another NameID in the signed Assertion, then encrypted",
        "SIGNATURE_INVALID",
        _signed_only_inside(_tampered_inside),
    ),
    "encrypted_rsa15": Misbehaviour(
        "the key is encrypted with RSA 1.5",
        "SIGNATURE_ALGORITHM",
        saying(lambda reply: _encrypted(reply, key_method=terms.RSA_1_5)),
    ),
    "encrypted_tripledes": Misbehaviour(
        "encrypted with Triple DES",
        "SIGNATURE_ALGORITHM",
        saying(lambda reply: _encrypted(reply, data_method=terms.TRIPLEDES_CBC)),
    ),
    "encrypted_name_id_rsa15": Misbehaviour(
        "the NameID's key is encrypted with RSA 1.5",
        "SIGNATURE_ALGORITHM",
        saying(
            lambda reply: replace(
                reply, encrypt_name_id=for_addressee(reply, key_method=terms.RSA_1_5)
            )
        ),
    ),
    "encrypted_broken_padding": Misbehaviour(
        "the CBC padding makes no sense",
        "DECRYPTION",
        _cipher_changed(-1, lambda cipher: _flip(cipher, -17), terms.AES256_CBC),
    ),
    "encrypted_broken_block": Misbehaviour(
        "a block of CBC cipher text was changed",
        "DECRYPTION",
        _cipher_changed(-1, lambda cipher: _flip(cipher, 16), terms.AES256_CBC),
    ),
    "encrypted_broken_tag": Misbehaviour(
        "the GCM tag does not fit",
        "DECRYPTION",
        _cipher_changed(-1, lambda cipher: _flip(cipher, -1), terms.AES256_GCM),
    ),
    "encrypted_broken_key": Misbehaviour(
        "the encrypted key was changed",
        "DECRYPTION",
        _cipher_changed(0, lambda cipher: _flip(cipher, 100), terms.AES256_GCM),
    ),
    "encrypted_empty_cipher": Misbehaviour(
        "the CipherValue is empty",
        "DECRYPTION",
        _cipher_changed(-1, lambda cipher: b"", terms.AES256_GCM),
    ),
    "encrypted_comment_in_cipher": Misbehaviour(
        "a comment in the CipherValue, put there after signing", "DECRYPTION", _comment_in_cipher
    ),
    "encrypted_for_somebody_else": Misbehaviour(
        "encrypted for another service provider", "DECRYPTION", _for_somebody_else
    ),
    "encrypted_inherited_namespaces": Misbehaviour(
        "the encrypted Assertion uses a prefix that only the Response declares",
        "DECRYPTION",
        _inherited_namespaces,
    ),
    "encrypted_words": Misbehaviour(
        "the plaintext is no XML", "DECRYPTION", _holding(lambda reply, keys: b"Let me in, please.")
    ),
    "encrypted_name_id_only": Misbehaviour(
        "the plaintext is not an Assertion",
        "DECRYPTION",
        _holding(
            lambda reply, keys: (
                f'<saml:NameID xmlns:saml="{terms.SAML}">anna</saml:NameID>'.encode()
            )
        ),
    ),
    "encrypted_two_assertions": Misbehaviour(
        "the plaintext is two Assertions", "DECRYPTION", _holding(_two_inside)
    ),
    "encrypted_doctype": Misbehaviour(
        "the plaintext has a DOCTYPE", "DECRYPTION", _holding(_doctype_inside)
    ),
    "encrypted_comment_in_name_id": Misbehaviour(
        "a comment and more text in the NameID, in a Response that signs the cipher text",
        "DECRYPTION",
        _holding(_comment_inside),
    ),
}
