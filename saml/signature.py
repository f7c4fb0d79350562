"""Which signatures count, and the bytes that they cover.

SAML core 5.4 allows one shape only: an enveloped signature with one Reference to the ID of
the element around it. Everything else is refused before a cryptographic library sees it.
What a signature covers is handed on as canonical bytes whose digest stands in the verified
SignedInfo, so nothing unsigned can be read by mistake.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from saml import keys
from saml.errors import KeyUnusable, Reason, ResponseRejected
from saml.terms import (
    DIGEST_ALGORITHMS,
    DS,
    EC,
    ENVELOPED_SIGNATURE,
    EXCLUSIVE_C14N,
    SIGNATURE_ALGORITHMS,
)

#: Canonicalisation looks each of them up again at each element.
_MAX_PREFIXES = 10


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature whose shape was checked but which is not verified yet."""

    element: etree._Element
    parent: etree._Element
    digest_algorithm: str
    digest_value: bytes
    inclusive_prefixes: tuple[str, ...]


def signature_of(parent: etree._Element) -> Signature | None:
    """Return the signature of `parent`, of the profile of SAML core 5.4, or None without one.

    Raises ResponseRejected: SIGNATURE_PROFILE or SIGNATURE_ALGORITHM.
    """
    elements = parent.findall(f"{DS}Signature")
    if not elements:
        return None
    if len(elements) > 1:
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, "two signatures of one element")
    element = elements[0]
    _check_children(element)
    signed_info = element[0]
    reference = _only_reference(signed_info)
    if reference.get("URI") != "#" + (parent.get("ID") or ""):
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, "Reference to another element")
    if reference.get("Type") is not None:
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, "Reference with a Type")
    prefixes, digest_algorithm, digest_value = _read_reference(reference)
    return Signature(element, parent, digest_algorithm, digest_value, prefixes)


def refuse_stray_signatures(root: etree._Element, allowed: Iterable[etree._Element]) -> None:
    """Raise ResponseRejected where a ds:Signature or ds:Object stands anywhere unexpected."""
    parents = set(allowed)
    for element in root.iter(f"{DS}Signature"):
        if element.getparent() not in parents:
            raise ResponseRejected(Reason.SIGNATURE_PROFILE, "signature at an odd place")
    if next(root.iter(f"{DS}Object", f"{DS}Manifest"), None) is not None:
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, "ds:Object")


def verify(signature: Signature, certificates: Iterable[str]) -> None:
    """Verify with the given certificates (PEM), whichever fits; nothing in the message counts.

    Raises ResponseRejected(SIGNATURE_INVALID).
    """
    problems: list[str] = []
    for certificate in certificates:
        try:
            key = verification_key(certificate)
        except KeyUnusable as error:
            problems.append(str(error))
            continue
        context = xmlsec.SignatureContext()
        context.key = key
        try:
            context.register_id(signature.parent, "ID")
            context.verify(signature.element)
        except xmlsec.Error as error:
            problems.append(str(error))
        else:
            return
    detail = "; ".join(problems) or "no certificate configured"
    raise ResponseRejected(Reason.SIGNATURE_INVALID, detail)


def signed_bytes(signature: Signature) -> bytes:
    """Return the canonical bytes that a verified `signature` covers, itself taken out.

    Changes the tree: the Signature is removed. Raises ResponseRejected(SIGNATURE_INVALID)
    where the bytes are not those whose digest was signed.
    """
    element, parent = signature.element, signature.parent
    _remove_keeping_tail(element, parent)
    try:
        canonical: bytes = etree.tostring(
            parent,
            method="c14n",
            exclusive=True,
            with_comments=False,
            inclusive_ns_prefixes=list(signature.inclusive_prefixes) or None,
        )
    except (etree.C14NError, ValueError) as error:
        raise ResponseRejected(Reason.SIGNATURE_INVALID, f"not canonical: {error}") from None
    digest = hashlib.new(DIGEST_ALGORITHMS[signature.digest_algorithm], canonical).digest()
    if digest != signature.digest_value:
        raise ResponseRejected(Reason.SIGNATURE_INVALID, "digest of the canonical bytes differs")
    return canonical


@lru_cache(maxsize=256)
def verification_key(certificate: str) -> xmlsec.Key:
    """Return the public key of a PEM certificate, ready to verify with; once per process.

    Loaded as a bare public key: xmlsec would read the system's CA bundle for a certificate.
    The certificate's dates are not looked at, since trust comes from configuration.
    Raises KeyUnusable: RSA under 2048 bits, a curve other than P-256/384/521, another kind.
    """
    public_key = keys.public_key(certificate)
    pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)


def _check_children(element: etree._Element) -> None:
    names = [child.tag for child in element]
    if names not in (
        [f"{DS}SignedInfo", f"{DS}SignatureValue"],
        [f"{DS}SignedInfo", f"{DS}SignatureValue", f"{DS}KeyInfo"],
    ):
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, "children of ds:Signature")
    if next(element.iter(f"{DS}RetrievalMethod"), None) is not None:
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, "ds:RetrievalMethod")


def _only_reference(signed_info: etree._Element) -> etree._Element:
    names = [child.tag for child in signed_info]
    if names != [f"{DS}CanonicalizationMethod", f"{DS}SignatureMethod", f"{DS}Reference"]:
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, "children of ds:SignedInfo")
    canonicalization, method, reference = signed_info
    if canonicalization.get("Algorithm") != EXCLUSIVE_C14N:
        raise ResponseRejected(
            Reason.SIGNATURE_PROFILE,
            f"CanonicalizationMethod {canonicalization.get('Algorithm')}",
        )
    _inclusive_prefixes(canonicalization)
    if method.get("Algorithm") not in SIGNATURE_ALGORITHMS or len(method):
        raise ResponseRejected(
            Reason.SIGNATURE_ALGORITHM, f"SignatureMethod {method.get('Algorithm')}"
        )
    return reference


def _read_reference(reference: etree._Element) -> tuple[tuple[str, ...], str, bytes]:
    names = [child.tag for child in reference]
    if names != [f"{DS}Transforms", f"{DS}DigestMethod", f"{DS}DigestValue"]:
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, "children of ds:Reference")
    transforms, digest_method, digest_value = reference
    algorithms = [transform.get("Algorithm") for transform in transforms]
    if algorithms != [ENVELOPED_SIGNATURE, EXCLUSIVE_C14N]:
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, f"transforms {algorithms}")
    enveloped, exclusive = transforms
    if enveloped.tag != f"{DS}Transform" or exclusive.tag != f"{DS}Transform" or len(enveloped):
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, "children of ds:Transforms")
    prefixes = _inclusive_prefixes(exclusive)
    algorithm = digest_method.get("Algorithm") or ""
    if algorithm not in DIGEST_ALGORITHMS or len(digest_method):
        raise ResponseRejected(Reason.SIGNATURE_ALGORITHM, f"DigestMethod {algorithm}")
    try:
        value = base64.b64decode("".join((digest_value.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, "DigestValue is not base64") from None
    return prefixes, algorithm, value


def _inclusive_prefixes(method: etree._Element) -> tuple[str, ...]:
    children = list(method)
    if not children:
        return ()
    if len(children) > 1 or children[0].tag != f"{EC}InclusiveNamespaces" or len(children[0]):
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, "children of a canonicalization")
    prefixes = tuple((children[0].get("PrefixList") or "").split())
    if len(prefixes) > _MAX_PREFIXES:
        raise ResponseRejected(Reason.SIGNATURE_PROFILE, "InclusiveNamespaces too long")
    return prefixes


def _remove_keeping_tail(element: etree._Element, parent: etree._Element) -> None:
    # The enveloped-signature transform leaves the text behind the Signature; lxml takes it along.
    if element.tail:
        previous = element.getprevious()
        if previous is None:
            parent.text = (parent.text or "") + element.tail
        else:
            previous.tail = (previous.tail or "") + element.tail
    parent.remove(element)
