"""The service providers that the mock IdP answers, known by their metadata."""

import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from tests.idp import terms
from tests.idp.keys import certificate_from_base64
from tests.idp.messages import boolean, parse
from tests.idp.redirect import RequestRefusedError
from tests.idp.reply import Addressee


@dataclass(frozen=True)
class AssertionConsumerService:
    """One place where a service provider takes Responses by HTTP-POST."""

    url: str
    index: int
    is_default: bool


@dataclass(frozen=True)
class ServiceProvider:
    """What the metadata of a service provider says, as far as an IdP needs it.

    Certificates are PEM. `logout_url` takes LogoutRequests by HTTP-Redirect,
    `logout_response_url` takes the answers to its own.
    """

    entity_id: str
    assertion_consumer_services: tuple[AssertionConsumerService, ...]
    signing_certificates: tuple[bytes, ...] = ()
    encryption_certificate: bytes | None = None
    authn_requests_signed: bool = False
    logout_url: str | None = None
    logout_response_url: str | None = None

    def acs_url(self, *, url: str | None = None, index: int | None = None) -> str:
        """The ACS URL that a request asks for, which the metadata has to list; or the default."""
        services = self.assertion_consumer_services
        if url is not None:
            if url not in {service.url for service in services}:
                raise RequestRefusedError(
                    f"The request asks for an answer at {url}, which the SP's metadata"
                    " does not list."
                )
            return url
        if index is not None:
            for service in services:
                if service.index == index:
                    return service.url
            raise RequestRefusedError(f"The SP's metadata lists no ACS number {index}.")
        for service in services:
            if service.is_default:
                return service.url
        if not services:
            raise RequestRefusedError("The SP's metadata lists no ACS for HTTP-POST.")
        return services[0].url

    def addressee(self, acs_url: str) -> Addressee:
        """For whom a Response to that URL is."""
        return Addressee(self.entity_id, acs_url, self.encryption_certificate)


def read_metadata(document: bytes) -> ServiceProvider:
    """Read the metadata of one service provider."""
    root = parse(document)
    descriptors = list(root.iter(f"{{{terms.METADATA}}}SPSSODescriptor"))
    if len(descriptors) != 1:
        raise RequestRefusedError("The metadata does not describe exactly one service provider.")
    descriptor = descriptors[0]
    entity = descriptor.getparent()
    signing, encryption = _certificates(descriptor)
    logout = next(
        (
            one
            for one in descriptor.findall(f"{{{terms.METADATA}}}SingleLogoutService")
            if one.get("Binding") == terms.HTTP_REDIRECT
        ),
        None,
    )
    logout_url = logout.get("Location") if logout is not None else None
    return ServiceProvider(
        entity_id=(entity.get("entityID") or "") if entity is not None else "",
        assertion_consumer_services=tuple(
            AssertionConsumerService(
                url=one.get("Location") or "",
                index=int(one.get("index") or "0"),
                is_default=boolean(one.get("isDefault")),
            )
            for one in descriptor.findall(f"{{{terms.METADATA}}}AssertionConsumerService")
            if one.get("Binding") == terms.HTTP_POST
        ),
        signing_certificates=signing,
        encryption_certificate=encryption[0] if encryption else None,
        authn_requests_signed=boolean(descriptor.get("AuthnRequestsSigned")),
        logout_url=logout_url,
        logout_response_url=(logout.get("ResponseLocation") or logout_url)
        if logout is not None
        else None,
    )


class ServiceProviders:
    """The service providers of one IdP, their metadata fetched when it is first needed.

    A source is a URL or a file. Where an SP is not found, or has changed its keys, the sources
    are read once more before the IdP gives up.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self._sources = tuple(sources)
        self._known: dict[str, ServiceProvider] = {}

    def all(self) -> list[ServiceProvider]:
        """Every service provider whose metadata can be had."""
        if not self._known:
            self.refresh()
        return list(self._known.values())

    def get(self, entity_id: str) -> ServiceProvider:
        """The service provider of that entity ID; RequestRefusedError where there is none."""
        if entity_id not in self._known:
            self.refresh()
        if entity_id not in self._known:
            raise RequestRefusedError(f"This identity provider does not know the SP {entity_id}.")
        return self._known[entity_id]

    def refresh(self) -> None:
        """Read every source again; one that cannot be read is an error that names it."""
        known = [read_metadata(_read(source)) for source in self._sources]
        self._known = {provider.entity_id: provider for provider in known}


def _certificates(descriptor: etree._Element) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    signing: list[bytes] = []
    encryption: list[bytes] = []
    for key in descriptor.findall(f"{{{terms.METADATA}}}KeyDescriptor"):
        for certificate in key.iter(f"{{{terms.DS}}}X509Certificate"):
            pem = certificate_from_base64(certificate.text or "")
            if key.get("use") in (None, "signing"):
                signing.append(pem)
            if key.get("use") in (None, "encryption"):
                encryption.append(pem)
    return tuple(signing), tuple(encryption)


def _read(source: str) -> bytes:
    try:
        if source.startswith(("http://", "https://")):
            with urllib.request.urlopen(source, timeout=10) as response:
                content: bytes = response.read(1 << 20)
                return content
        return Path(source).read_bytes()
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise RequestRefusedError(f"The SP's metadata cannot be read: {source}: {error}") from None
