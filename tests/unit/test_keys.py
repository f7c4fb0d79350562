"""Key pairs that we make, and certificates as administrators see them."""

import base64
import hashlib
import ssl
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from saml import keys
from saml.errors import KeyUnusable
from saml.signing import sign_octets
from tests.unit.certificates import NOW, base64_of, certificate, key_pair

PEM = certificate()
BASE64 = base64_of(PEM)


def test_a_new_key_pair_is_rsa_3072_and_fits_together() -> None:
    """The certificate names the key, is signed by it, and is valid for three years from now."""
    pair = keys.generate("Doorward service provider", now=NOW)
    private = load_pem_private_key(pair.private_key.encode(), password=None)
    assert isinstance(private, rsa.RSAPrivateKey)
    made = x509.load_pem_x509_certificate(pair.certificate.encode())
    assert made.public_key() == private.public_key()
    made.verify_directly_issued_by(made)
    facts = keys.describe(pair.certificate, NOW)
    assert (facts.kind, facts.problem, facts.signed_with) == ("RSA 3072", None, "sha256")
    assert facts.subject == "CN=Doorward service provider"
    assert facts.not_before < NOW
    assert facts.not_after == NOW + timedelta(days=1095)
    assert facts.days_left == 1095


def test_a_private_key_does_not_show_in_a_log() -> None:
    """The repr of a key pair names no key."""
    pair = key_pair("RSA 2048")
    assert "PRIVATE" not in repr(pair)


def test_a_long_or_empty_name_makes_a_certificate_all_the_same() -> None:
    """X.520 allows 64 characters: a longer name is cut, an empty one replaced."""
    assert keys.describe(keys.generate("x" * 80, now=NOW).certificate, NOW).subject == "CN=" + (
        "x" * 64
    )
    assert keys.describe(keys.generate("", now=NOW).certificate, NOW).subject == "CN=SP"


def test_the_fingerprint_is_the_one_that_others_show() -> None:
    """SHA-256 over the DER, in pairs with colons, as browsers and IdPs write it."""
    fingerprint = keys.describe(PEM, NOW).sha256_fingerprint
    assert fingerprint.replace(":", "").lower() == (
        hashlib.sha256(ssl.PEM_cert_to_DER_cert(PEM)).hexdigest()
    )
    assert len(fingerprint.split(":")) == 32


@pytest.mark.parametrize(
    ("kind", "described", "problem"),
    [
        ("RSA 2048", "RSA 2048", None),
        ("RSA 1024", "RSA 1024", "1024 bits is too weak"),
        ("secp256r1", "ECDSA P-256", None),
        ("secp521r1", "ECDSA P-521", None),
        ("brainpoolP256r1", "ECDSA brainpoolP256r1", "The curve brainpoolP256r1 is none of"),
        ("Ed25519", "Ed25519", "neither an RSA nor an ECDSA key"),
    ],
)
def test_a_certificate_says_what_its_key_is_worth(
    kind: str, described: str, problem: str | None
) -> None:
    """RSA from 2048 bits and three curves may verify; the others have a problem, in words."""
    facts = keys.describe(certificate(kind), NOW)
    assert facts.kind == described
    if problem is None:
        assert facts.problem is None
        keys.public_key(certificate(kind))
    else:
        assert problem in str(facts.problem)
        with pytest.raises(KeyUnusable) as refusal:
            keys.public_key(certificate(kind))
        assert refusal.value.notice == facts.problem


@pytest.mark.parametrize(
    ("ends", "days"),
    [
        (NOW + timedelta(days=30), 30),
        (NOW + timedelta(days=30, hours=-1), 29),
        (NOW, 0),
        (NOW - timedelta(hours=1), -1),
    ],
)
def test_days_left_are_whole_days(ends: datetime, days: int) -> None:
    """A day that has begun does not count; an expired certificate has a negative number."""
    facts = keys.describe(certificate("secp256r1", ends=ends), NOW)
    assert facts.days_left == days
    assert facts.problem is None


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        BASE64,
        PEM.replace("\n", "\r\n"),
        "\n\t\t" + "\n\t".join(BASE64[i : i + 60] for i in range(0, len(BASE64), 60)) + "\n    ",
        "-----BEGIN CERTIFICATE-----" + BASE64 + "-----END CERTIFICATE-----",
        " ".join(BASE64),
    ],
    ids=["pem", "one line", "crlf", "LemonLDAP's tabs", "pem on one line", "blanks"],
)
def test_certificate_text_is_normalised(text: str) -> None:
    """However metadata wraps a certificate, one PEM comes out, letter for letter."""
    assert keys.certificate_pem(text) == PEM
    assert keys.certificate_base64(keys.certificate_pem(text)) == BASE64


@pytest.mark.parametrize(
    "text",
    ["", "not base64!", "AAAA", BASE64[:-8], PEM + PEM, "é", "\x00", "A" * 70_000],
    ids=["empty", "words", "no DER", "cut off", "two", "letter", "NUL", "huge"],
)
def test_what_is_no_certificate_is_refused_in_words(text: str) -> None:
    """KeyUnusable with a sentence, from every function that takes a certificate."""
    for read in (keys.certificate_pem, keys.public_key, lambda pem: keys.describe(pem, NOW)):
        if read is not keys.certificate_pem and text == PEM + PEM:
            continue
        with pytest.raises(KeyUnusable) as refusal:
            read(text)
        assert str(refusal.value).endswith(".")


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@settings(deadline=None)
@given(position=st.integers(0, len(base64.b64decode(BASE64)) - 1), octet=st.integers(0, 255))
def test_a_damaged_certificate_raises_nothing_unforeseen(position: int, octet: int) -> None:
    """One octet changed anywhere: it is described all the same, or refused as KeyUnusable."""
    der = bytearray(base64.b64decode(BASE64))
    der[position] = octet
    try:
        keys.describe(keys.certificate_pem(base64.b64encode(der).decode()), NOW)
    except KeyUnusable as refusal:
        assert str(refusal)


def test_octets_are_signed_by_the_given_key() -> None:
    """RSA with SHA-256: the certificate's key verifies it, and the same octets sign the same."""
    pair = key_pair("RSA 2048")
    signed = [sign_octets(b"octets", pair) for _ in range(2)]
    assert all(first == second for first, second in pairwise(signed))
    public = keys.public_key(pair.certificate)
    assert isinstance(public, rsa.RSAPublicKey)
    made = x509.load_pem_x509_certificate(pair.certificate.encode())
    assert made.signature_hash_algorithm is not None
    public.verify(signed[0], b"octets", padding.PKCS1v15(), made.signature_hash_algorithm)
