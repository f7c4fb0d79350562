"""Key pairs of the mock identity provider: made when needed, never committed.

The certificates are self-signed and carry nothing of interest: SAML trusts the key that the
metadata names, not the certificate around it.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

VALID_FROM = datetime(2025, 1, 1, tzinfo=UTC)
VALID_FOR = timedelta(days=365 * 50)


@dataclass(frozen=True)
class KeyPair:
    """A private key and the self-signed certificate that names it, both as PEM."""

    private_pem: bytes
    certificate_pem: bytes

    @property
    def certificate_base64(self) -> str:
        """The certificate as ``ds:X509Certificate`` carries it: base64 of its DER, one line."""
        return certificate_base64(self.certificate_pem)

    @property
    def public_key(self) -> PublicKeyTypes:
        """The key that the certificate names."""
        return x509.load_pem_x509_certificate(self.certificate_pem).public_key()

    @property
    def is_rsa(self) -> bool:
        """Whether the key is RSA (else it is an elliptic curve)."""
        return isinstance(self.public_key, rsa.RSAPublicKey)


@dataclass(frozen=True)
class Keys:
    """What one mock identity provider holds, the keys of its misbehaviours included.

    ``rsa`` and ``ecdsa`` stand in its metadata. ``rogue`` and ``rogue_ecdsa`` stand nowhere.
    ``weak`` is RSA-1024: it is in the metadata only where a test puts it there.
    """

    rsa: KeyPair
    ecdsa: KeyPair
    rogue: KeyPair
    weak: KeyPair


def certificate_base64(certificate_pem: bytes) -> str:
    """The base64 body of a PEM certificate on one line."""
    lines = certificate_pem.decode("ascii").split("-----BEGIN CERTIFICATE-----", 1)[1]
    return "".join(lines.split("-----END CERTIFICATE-----", 1)[0].split())


def certificate_from_base64(text: str) -> bytes:
    """The PEM certificate of a ``ds:X509Certificate`` text; white space in it does not count."""
    body = "".join(text.split())
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join(
        ["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""]
    ).encode("ascii")


def rsa_key_pair(common_name: str, bits: int = 2048) -> KeyPair:
    """A new RSA key pair."""
    return _with_certificate(rsa.generate_private_key(65537, bits), common_name)


def ecdsa_key_pair(common_name: str) -> KeyPair:
    """A new key pair on the curve P-256."""
    return _with_certificate(ec.generate_private_key(ec.SECP256R1()), common_name)


@cache
def process_keys() -> Keys:
    """Keys made once per process: for tests, which need no keys that outlive them."""
    return Keys(
        rsa=rsa_key_pair("Mock IdP"),
        ecdsa=ecdsa_key_pair("Mock IdP (ECDSA)"),
        rogue=rsa_key_pair("Mock IdP"),
        weak=rsa_key_pair("Mock IdP (weak)", bits=1024),
    )


def keys_in(folder: Path) -> Keys:
    """The keys kept in a folder; those that are missing are made and written (mode 600)."""
    folder.mkdir(parents=True, exist_ok=True)

    def kept(name: str, common_name: str, kind: str) -> KeyPair:
        private_file = folder / f"{name}-TEST-KEY.pem"
        certificate_file = folder / f"{name}.crt"
        if private_file.exists() and certificate_file.exists():
            return KeyPair(private_file.read_bytes(), certificate_file.read_bytes())
        pair = (
            ecdsa_key_pair(common_name)
            if kind == "ecdsa"
            else rsa_key_pair(common_name, bits=1024 if kind == "weak" else 2048)
        )
        descriptor = os.open(private_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pair.private_pem)
        certificate_file.write_bytes(pair.certificate_pem)
        return pair

    return Keys(
        rsa=kept("idp-rsa", "Mock IdP", "rsa"),
        ecdsa=kept("idp-ecdsa", "Mock IdP (ECDSA)", "ecdsa"),
        rogue=kept("rogue", "Mock IdP", "rsa"),
        weak=kept("idp-weak", "Mock IdP (weak)", "weak"),
    )


def private_key(pair: KeyPair) -> PrivateKey:
    """The private key of a pair, for what xmlsec does not do (query signatures)."""
    key = load_pem_private_key(pair.private_pem, password=None)
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise TypeError(f"neither RSA nor elliptic curve: {type(key).__name__}")
    return key


def _with_certificate(key: PrivateKey, common_name: str) -> KeyPair:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_FROM + VALID_FOR)
        .sign(key, hashes.SHA256())
    )
    private_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return KeyPair(private_pem, certificate.public_bytes(Encoding.PEM))
