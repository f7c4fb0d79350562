"""The metadata of identity providers: entities, endpoints and signing keys (metadata 2.4.3).

No signature on metadata is checked: who imports it says by that whom to trust. What can be
used is taken, what cannot is left out with a notice, and what leaves nothing is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from saml import instants
from saml.errors import N_, MetadataRejected, Notice
from saml.metadata.document import idp_roles
from saml.metadata.signing_keys import signing_keys
from saml.settings import IdentityProvider, Policy
from saml.terms import BINDING_POST, BINDING_REDIRECT, MD, MDUI

_MAX_ENTITY_ID: Final = 1024
_MAX_URL: Final = 2048
_MAX_NAME: Final = 200
_MAX_FORMATS: Final = 20
_SOON: Final = timedelta(days=60)
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_URL: Final = re.compile(r"https?://[!#-;=?-\[\]-~]+\Z", re.ASCII | re.IGNORECASE)
_DURATION: Final = re.compile(
    r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:\.\d{1,9})?S)?)?\Z",
    re.ASCII,
)
_DURATION_UNITS: Final = (365 * 86400, 30 * 86400, 86400, 3600, 60, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdpMetadata:
    """An IdP as its metadata describes it. At least one SSO URL and one certificate are there.

    `signing_certificates` are PEM, each with a key that may verify. `slo_response_url` is where
    LogoutResponses go, if elsewhere than LogoutRequests. `warnings` are for the administrator
    who imports it; each is a Notice, so a page can translate it.
    """

    entity_id: str
    signing_certificates: tuple[str, ...]
    display_name: str | None = None
    sso_redirect_url: str | None = None
    sso_post_url: str | None = None
    slo_redirect_url: str | None = None
    slo_post_url: str | None = None
    slo_response_url: str | None = None
    wants_signed_requests: bool = False
    nameid_formats: tuple[str, ...] = ()
    valid_until: datetime | None = None
    cache_duration: timedelta | None = None
    warnings: tuple[Notice, ...] = ()

    def as_identity_provider(self, policy: Policy) -> IdentityProvider:
        """Return the IdP as the sign-in wants it, under `policy`, which metadata never changes."""
        return IdentityProvider(
            entity_id=self.entity_id,
            signing_certificates=self.signing_certificates,
            sso_redirect_url=self.sso_redirect_url,
            sso_post_url=self.sso_post_url,
            slo_redirect_url=self.slo_redirect_url,
            slo_post_url=self.slo_post_url,
            slo_response_url=self.slo_response_url,
            policy=policy,
        )


def identity_providers(
    document: bytes, *, now: datetime, own_entity_id: str | None = None
) -> tuple[IdpMetadata, ...]:
    """Read every IdP of an EntityDescriptor or of (nested) EntitiesDescriptors, at most 5 MiB.

    Of several IdPs those that cannot be used are left out as long as one can; the caller has
    a person choose. `own_entity_id` is known when our own metadata is given by mistake. Raises
    MetadataRejected, one sentence per mistake, and nothing else.
    """
    found: dict[str, IdpMetadata] = {}
    first_problem: MetadataRejected | None = None
    for entity, role in idp_roles(document, own_entity_id):
        try:
            metadata = _read(entity, role, now)
        except MetadataRejected as problem:
            first_problem = first_problem or problem
            continue
        if metadata.entity_id in found:
            raise MetadataRejected(
                N_("The metadata describes %(entity_id)s twice."),
                entity_id=metadata.entity_id[:_MAX_NAME],
            )
        found[metadata.entity_id] = metadata
    if not found and first_problem is not None:
        raise first_problem
    return tuple(found.values())


def _read(entity: etree._Element, role: etree._Element, now: datetime) -> IdpMetadata:
    entity_id = (entity.get("entityID") or "").strip()
    if not 0 < len(entity_id) <= _MAX_ENTITY_ID:
        raise MetadataRejected(N_("The identity provider has no usable entityID."))
    valid_until = _valid_until(role)
    if valid_until is not None and valid_until <= now:
        raise MetadataRejected(
            N_("The metadata was valid until %(date)s only. Fetch it anew."),
            date=instants.write(valid_until),
        )
    sign_on = _endpoints(role, "SingleSignOnService")
    if not sign_on.urls:
        raise _no_sign_on(entity_id, role)
    logout = _endpoints(role, "SingleLogoutService")
    keys = signing_keys(role, now)
    # A LogoutResponse goes by the binding that a LogoutRequest goes by: Redirect where it can.
    responding = BINDING_REDIRECT if BINDING_REDIRECT in logout.urls else BINDING_POST
    return IdpMetadata(
        entity_id=entity_id,
        signing_certificates=keys.certificates,
        display_name=_display_name(entity, role),
        sso_redirect_url=sign_on.urls.get(BINDING_REDIRECT),
        sso_post_url=sign_on.urls.get(BINDING_POST),
        slo_redirect_url=logout.urls.get(BINDING_REDIRECT),
        slo_post_url=logout.urls.get(BINDING_POST),
        slo_response_url=logout.response_urls.get(responding),
        wants_signed_requests=role.get("WantAuthnRequestsSigned") in ("true", "1"),
        nameid_formats=tuple(_texts(role.findall(f"{MD}NameIDFormat")))[:_MAX_FORMATS],
        valid_until=valid_until,
        cache_duration=_cache_duration(role),
        warnings=(*sign_on.notices, *logout.notices, *keys.notices, *_ends_soon(valid_until, now)),
    )


@dataclass(frozen=True, slots=True)
class _Endpoints:
    urls: dict[str, str]
    response_urls: dict[str, str]
    notices: tuple[Notice, ...]


def _endpoints(role: etree._Element, service: str) -> _Endpoints:
    """The first usable endpoint per binding of ours; SOAP, Artifact and others are not."""
    urls: dict[str, str] = {}
    response_urls: dict[str, str] = {}
    notices: dict[Notice, None] = {}
    for element in role.iterchildren(f"{MD}{service}"):
        binding = element.get("Binding") or ""
        if binding not in (BINDING_REDIRECT, BINDING_POST) or binding in urls:
            continue
        for attribute, kept in (("Location", urls), ("ResponseLocation", response_urls)):
            value = element.get(attribute)
            if value is None or (kept is response_urls and binding not in urls):
                continue
            url = value.strip()
            if not _is_http_url(url):
                notices[Notice(_NO_URL, service=service, url=url[:_MAX_NAME])] = None
                continue
            kept[binding] = url
            if not url.lower().startswith("https:"):
                notices[Notice(_NOT_HTTPS, service=service, url=url[:_MAX_NAME])] = None
    return _Endpoints(urls, response_urls, tuple(notices))


_NO_URL: Final = N_("The %(service)s at %(url)s was left out: that is not an http or https URL.")
_NOT_HTTPS: Final = N_("The %(service)s at %(url)s is not protected by HTTPS.")


def _no_sign_on(entity_id: str, role: etree._Element) -> MetadataRejected:
    for element in role.iterchildren(f"{MD}SingleSignOnService"):
        if element.get("Binding") in (BINDING_REDIRECT, BINDING_POST):
            return MetadataRejected(
                N_("The SingleSignOnService of %(entity_id)s is no http or https URL: %(url)s."),
                entity_id=entity_id[:_MAX_NAME],
                url=(element.get("Location") or "?")[:_MAX_NAME],
            )
    return MetadataRejected(
        N_("%(entity_id)s has no SingleSignOnService with the binding HTTP-Redirect or HTTP-POST."),
        entity_id=entity_id[:_MAX_NAME],
    )


def _is_http_url(url: str) -> bool:
    if len(url) > _MAX_URL or _URL.match(url) is None:
        return False
    try:
        parts = urlsplit(url)
        # Reading the port checks it; a user name before the host is there to mislead.
        return bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return False


def _valid_until(role: etree._Element) -> datetime | None:
    """The earliest validUntil of the role and of all that it stands in (metadata 2.3)."""
    moments = []
    for element in (role, *role.iterancestors()):
        value = element.get("validUntil")
        if value is None:
            continue
        try:
            moments.append(instants.read(value))
        except ValueError:
            raise MetadataRejected(
                N_("The metadata has a validUntil that is no instant in UTC: %(value)s."),
                value=value[:_MAX_NAME],
            ) from None
    return min(moments, default=None)


def _ends_soon(valid_until: datetime | None, now: datetime) -> tuple[Notice, ...]:
    if valid_until is None or valid_until - now > _SOON:
        return ()
    sentence = N_("The metadata is valid until %(date)s: import it anew before then.")
    return (Notice(sentence, date=instants.write(valid_until)),)


def _cache_duration(role: etree._Element) -> timedelta | None:
    """The shortest cacheDuration; a month counts as 30 days. One that is unreadable is none."""
    durations = []
    for element in (role, *role.iterancestors()):
        match = _DURATION.match((element.get("cacheDuration") or "").strip())
        if match is not None:
            counts = zip(match.groups(default="0"), _DURATION_UNITS, strict=True)
            durations.append(timedelta(seconds=sum(int(n) * unit for n, unit in counts)))
    return min(filter(None, durations), default=None)


def _display_name(entity: etree._Element, role: etree._Element) -> str | None:
    for owner, path in (
        (role, f"{MD}Extensions/{MDUI}UIInfo/{MDUI}DisplayName"),
        (role, f"{MD}Organization/{MD}OrganizationDisplayName"),
        (entity, f"{MD}Organization/{MD}OrganizationDisplayName"),
    ):
        names = sorted(owner.findall(path), key=lambda name: name.get(_XML_LANG) != "en")
        for text in _texts(names):
            return text
    return None


def _texts(elements: list[etree._Element]) -> Iterator[str]:
    for element in elements:
        text = " ".join((element.text or "").split())
        if text and not len(element):
            yield text[:_MAX_NAME]
