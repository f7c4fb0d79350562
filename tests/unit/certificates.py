"""Certificates of every kind that metadata can hold, made when a test asks for them."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from saml.settings import KeyPair

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@cache
def private_key(kind: str) -> PrivateKey:
    """A key such as "RSA 2048", "secp256r1" or "Ed25519"; the same one for the same kind."""
    if kind.startswith("RSA "):
        return rsa.generate_private_key(65537, int(kind.removeprefix("RSA ")))
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    curves: dict[str, ec.EllipticCurve] = {
        curve.name: curve for curve in (ec.SECP256R1(), ec.SECP521R1(), ec.BrainpoolP256R1())
    }
    return ec.generate_private_key(curves[kind])


@cache
def certificate(
    kind: str = "RSA 2048", *, ends: datetime = NOW + timedelta(days=1000), name: str = "IdP"
) -> str:
    """A self-signed certificate in PEM."""
    key = private_key(kind)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(ends)
        .sign(key, None if kind == "Ed25519" else hashes.SHA256())
        .public_bytes(Encoding.PEM)
        .decode()
    )


def key_pair(kind: str) -> KeyPair:
    """The key of that kind with its certificate."""
    private = private_key(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return KeyPair(certificate(kind), private.decode())


def base64_of(pem: str) -> str:
    """What stands between the lines of a PEM, on one line."""
    return "".join(line for line in pem.splitlines() if not line.startswith("-----"))
