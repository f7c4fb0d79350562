"""Which keys of an IdP's metadata may verify its signatures (metadata 2.4.1.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from saml.errors import N_, KeyUnusable, MetadataRejected, Notice
from saml.keys import CertificateFacts, certificate_pem, describe
from saml.terms import DS, MD

_SOON_DAYS: Final = 60
_WEAK_HASHES: Final = ("md5", "sha1")


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Certificates in PEM, each with a usable key, and what an administrator should know."""

    certificates: tuple[str, ...]
    notices: tuple[Notice, ...]


def signing_keys(role: etree._Element, now: datetime) -> SigningKeys:
    """Read the KeyDescriptors of an IDPSSODescriptor: those for signing and those without a use.

    An expired certificate is kept, since its dates decide nothing. Raises MetadataRejected
    where no usable key is left.
    """
    certificates: dict[str, CertificateFacts] = {}
    left_out: list[Notice] = []
    for descriptor in role.iterchildren(f"{MD}KeyDescriptor"):
        if descriptor.get("use", "signing") != "signing":
            continue
        texts = list(_certificate_texts(descriptor))
        if not texts:
            left_out.append(Notice(_NO_CERTIFICATE))
        for text in texts:
            try:
                pem = certificate_pem(text)
                facts = describe(pem, now)
            except KeyUnusable as unusable:
                left_out.append(Notice(_UNREADABLE, problem=unusable.notice))
                continue
            if facts.problem is not None:
                left_out.append(
                    Notice(_UNUSABLE, fingerprint=facts.sha256_fingerprint, problem=facts.problem)
                )
            else:
                certificates[pem] = facts
    if not certificates:
        raise _no_key(left_out)
    notices = [*left_out]
    for facts in certificates.values():
        notices += _about(facts)
    if len(certificates) > 1:
        notices.append(Notice(_SEVERAL, count=len(certificates)))
    return SigningKeys(tuple(certificates), tuple(dict.fromkeys(notices)))


def _certificate_texts(descriptor: etree._Element) -> Iterator[str]:
    # Of a chain only the first is the signer's own: whoever holds a CA's key is not the IdP.
    for data in descriptor.iterfind(f"{DS}KeyInfo/{DS}X509Data"):
        element = data.find(f"{DS}X509Certificate")
        if element is not None:
            yield "" if len(element) else element.text or ""


def _about(facts: CertificateFacts) -> Iterator[Notice]:
    values = {"fingerprint": facts.sha256_fingerprint, "date": f"{facts.not_after:%Y-%m-%d}"}
    if facts.days_left < 0:
        yield Notice(_EXPIRED, **values)
    elif facts.days_left < _SOON_DAYS:
        yield Notice(_EXPIRES_SOON, **values)
    if facts.signed_with in _WEAK_HASHES:
        yield Notice(
            _WEAK_HASH, fingerprint=facts.sha256_fingerprint, hash=facts.signed_with.upper()
        )


def _no_key(left_out: list[Notice]) -> MetadataRejected:
    if not left_out:
        return MetadataRejected(N_("The metadata names no signing key of the identity provider."))
    if all(notice.sentence == _NO_CERTIFICATE for notice in left_out):
        return MetadataRejected(
            N_(
                "The metadata names its signing key without a certificate (ds:KeyValue only). "
                "Have the identity provider publish a certificate (LemonLDAP::NG: make one for "
                "the SAML signature key)."
            )
        )
    problem = next(notice for notice in left_out if notice.sentence != _NO_CERTIFICATE)
    return MetadataRejected(
        N_("The metadata has no signing key that can be used. %(problem)s"), problem=problem
    )


_NO_CERTIFICATE: Final = N_("A signing key was left out: it comes without a certificate.")
_UNREADABLE: Final = N_("A signing certificate was left out. %(problem)s")
_UNUSABLE: Final = N_("The signing certificate %(fingerprint)s was left out. %(problem)s")
_SEVERAL: Final = N_(
    "There are %(count)s signing certificates, as in a roll-over: a signature may fit any of them."
)
_EXPIRED: Final = N_(
    "The signing certificate %(fingerprint)s expired on %(date)s. Its signatures are still "
    "taken, but the identity provider should renew it."
)
_EXPIRES_SOON: Final = N_(
    "The signing certificate %(fingerprint)s expires on %(date)s: ask for the next one in time."
)
_WEAK_HASH: Final = N_(
    "The signing certificate %(fingerprint)s is itself signed with %(hash)s. Its key can be used; "
    "the next certificate should be a newer one."
)
