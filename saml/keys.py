"""Key pairs of our own, and certificates of anybody: made, described, brought into one form.

SAML trusts the key that a party's metadata names. The certificate around it is packaging: its
issuer, its signature and its dates decide nothing, but an administrator likes to be told.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from saml.errors import N_, KeyUnusable, Notice
from saml.settings import KeyPair

MIN_RSA_BITS: Final = 2048
_OWN_RSA_BITS: Final = 3072
_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_MAX_COMMON_NAME: Final = 64
_MAX_CERTIFICATE: Final = 64 * 1024
_MAX_SUBJECT: Final = 300
_PEM: Final = re.compile(r"\s*-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----\s*\Z")
_UNREADABLE: Final = (ValueError, UnsupportedAlgorithm, x509.InvalidVersion)
_NO_CERTIFICATE: Final = N_("The text is not an X.509 certificate.")
_ANOTHER_KIND: Final = N_("The key is neither an RSA nor an ECDSA key.")

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What an administrator wants to know of a certificate.

    `sha256_fingerprint` is of the DER, as AB:CD:…; `kind` is such as "RSA 2048"; `signed_with`
    is the hash of the certificate's own signature, such as "sha256", where it is known.
    `problem` says why its key must not be used, None where it may; dates are no such reason.
    `days_left` counts whole days and is negative once the certificate has expired.
    """

    subject: str
    sha256_fingerprint: str
    not_before: datetime
    not_after: datetime
    kind: str
    signed_with: str | None
    problem: Notice | None
    days_left: int


def generate(common_name: str, *, now: datetime, days: int = 1095) -> KeyPair:
    """Make an RSA key of 3072 bits and a certificate that it signs itself.

    `common_name` is for people and is cut to the 64 characters that X.520 allows.
    """
    key = rsa.generate_private_key(65537, _OWN_RSA_BITS)
    subject = x509.NameAttribute(NameOID.COMMON_NAME, common_name[:_MAX_COMMON_NAME] or "SP")
    name = x509.Name([subject])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # An IdP whose clock runs behind may look at it at once.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return KeyPair(certificate.public_bytes(Encoding.PEM).decode(), private.decode())


def certificate_pem(text: str) -> str:
    """Bring a certificate into PEM: base64 with any white space, its PEM lines there or not.

    Metadata wraps certificates with tabs and newlines as it pleases. Raises KeyUnusable.
    """
    if len(text) > _MAX_CERTIFICATE:
        raise KeyUnusable(N_("The certificate is larger than any real one."))
    framed = _PEM.match(text)
    body = "".join((framed[1] if framed else text).split())
    try:
        der = base64.b64decode(body, validate=True)
        certificate = x509.load_der_x509_certificate(der)
    except binascii.Error:
        raise KeyUnusable(N_("The certificate is not text in base64.")) from None
    except _UNREADABLE:
        raise KeyUnusable(_NO_CERTIFICATE) from None
    return certificate.public_bytes(Encoding.PEM).decode()


def certificate_base64(pem: str) -> str:
    """Return a PEM certificate as the one line of a ds:X509Certificate. Raises KeyUnusable."""
    return base64.b64encode(_load(pem).public_bytes(Encoding.DER)).decode()


def public_key(pem: str) -> PublicKey:
    """Return the key of a PEM certificate that signatures may be verified with.

    Raises KeyUnusable: RSA under 2048 bits, a curve other than P-256/384/521, another kind.
    """
    try:
        key = _load(pem).public_key()
    except _UNREADABLE:
        raise KeyUnusable(_ANOTHER_KIND) from None
    match key:
        case rsa.RSAPublicKey() if key.key_size < MIN_RSA_BITS:
            raise KeyUnusable(
                N_("An RSA key of %(bits)s bits is too weak: it takes at least %(minimum)s."),
                bits=key.key_size,
                minimum=MIN_RSA_BITS,
            )
        case ec.EllipticCurvePublicKey() if key.curve.name not in _CURVES:
            raise KeyUnusable(
                N_("The curve %(curve)s is none of P-256, P-384 and P-521."), curve=key.curve.name
            )
        case rsa.RSAPublicKey() | ec.EllipticCurvePublicKey():
            return key
        case _:
            raise KeyUnusable(_ANOTHER_KIND)


@lru_cache(maxsize=32)
def private_key(pem: str) -> rsa.RSAPrivateKey:
    """Return an RSA private key in PEM without a password, loaded once per process.

    Raises KeyUnusable.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (*_UNREADABLE, TypeError):
        raise KeyUnusable(N_("The private key cannot be read.")) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyUnusable(N_("The private key is not an RSA key."))
    return key


def describe(pem: str, now: datetime) -> CertificateFacts:
    """Say what there is to know of a PEM certificate. Raises KeyUnusable where it is none."""
    certificate = _load(pem)
    try:
        subject = certificate.subject.rfc4514_string()
        not_before, not_after = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        der = certificate.public_bytes(Encoding.DER)
    except _UNREADABLE:
        raise KeyUnusable(_NO_CERTIFICATE) from None
    problem = None
    try:
        public_key(pem)
    except KeyUnusable as unusable:
        problem = unusable.notice
    return CertificateFacts(
        subject=subject[:_MAX_SUBJECT],
        sha256_fingerprint=hashlib.sha256(der).digest().hex(":").upper(),
        not_before=not_before,
        not_after=not_after,
        kind=_kind(certificate),
        signed_with=_signed_with(certificate),
        problem=problem,
        days_left=(not_after - now).days,
    )


def _load(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except _UNREADABLE:
        raise KeyUnusable(_NO_CERTIFICATE) from None


def _kind(certificate: x509.Certificate) -> str:
    try:
        key = certificate.public_key()
    except _UNREADABLE:
        return "?"
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"ECDSA {_CURVES.get(key.curve.name, key.curve.name)}"
        case _:
            return type(key).__name__.removesuffix("PublicKey").lstrip("_")


def _signed_with(certificate: x509.Certificate) -> str | None:
    try:
        algorithm = certificate.signature_hash_algorithm
    except _UNREADABLE:
        return None
    return algorithm.name if algorithm is not None else None
