"""An identity provider's metadata, looked at before anything is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.services import identity_providers
from app.services.audit import Actor
from app.services.errors import Conflict, Invalid, NotFound
from app.services.identity_providers import ConfiguredIdp
from app.services.tenants import Tenant
from saml import keys
from saml.errors import N_, MetadataRejected, Notice
from saml.keys import CertificateFacts
from saml.metadata import IdpMetadata
from saml.metadata import identity_providers as read_metadata

ENDPOINTS = (
    "sso_redirect_url",
    "sso_post_url",
    "slo_redirect_url",
    "slo_post_url",
    "slo_response_url",
)


class BadMetadata(Invalid):
    """The document cannot be used. `notice` is the message in a form that can be translated."""

    def __init__(self, notice: Notice) -> None:
        super().__init__("metadata", notice)
        self.notice = notice


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One of the IdP's addresses: what is live now, what would be."""

    field: str
    before: str | None
    after: str | None

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Certificate:
    """A signing certificate; `change` is kept, added or removed."""

    facts: CertificateFacts
    change: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would make of one IdP. `live` is the one that it would renew, if any."""

    metadata: IdpMetadata
    live: ConfiguredIdp | None
    endpoints: tuple[Endpoint, ...]
    certificates: tuple[Certificate, ...]
    warnings: tuple[Notice, ...]

    @property
    def is_changed(self) -> bool:
        """Whether saving would change what is live, its name aside."""
        return (
            self.live is None
            or any(endpoint.is_changed for endpoint in self.endpoints)
            or any(certificate.change != "kept" for certificate in self.certificates)
        )


def preview(tenant: Tenant, document: bytes, *, now: datetime) -> tuple[Preview, ...]:
    """Read a metadata document: what each of its IdPs would change. Raises BadMetadata."""
    try:
        found = read_metadata(document, now=now, own_entity_id=tenant.entity_id)
    except MetadataRejected as rejected:
        raise BadMetadata(rejected.notice) from None
    live = identity_providers.of_tenant(tenant)
    return tuple(_preview(metadata, live, now) for metadata in found)


def choose(previews: tuple[Preview, ...], entity_id: str | None) -> Preview:
    """Return the one of this entity ID, or the only one for None. Raises NotFound or Conflict."""
    if entity_id is None and len(previews) == 1:
        return previews[0]
    for each in previews:
        if each.metadata.entity_id == entity_id:
            return each
    if entity_id is None:
        raise Conflict("entityId", f"The metadata describes {len(previews)} identity providers.")
    raise NotFound(f"The metadata does not describe {entity_id}.")


def save(
    tenant: Tenant,
    document: bytes,
    *,
    entity_id: str | None = None,
    name: str | None = None,
    actor: Actor,
    now: datetime,
) -> ConfiguredIdp:
    """Read the document again and set up, or renew, the chosen IdP.

    Raises BadMetadata, NotFound and Conflict like `preview` and `choose`.
    """
    chosen = choose(preview(tenant, document, now=now), entity_id)
    return identity_providers.save(
        tenant,
        chosen.metadata,
        document=document.decode("utf-8-sig"),
        name=name,
        actor=actor,
        now=now,
    )


def _preview(
    metadata: IdpMetadata, configured: Mapping[str, ConfiguredIdp], now: datetime
) -> Preview:
    live = configured.get(metadata.entity_id)
    before = live.idp if live is not None else None
    known = before.signing_certificates if before is not None else ()
    certificates = [
        Certificate(keys.describe(pem, now), "kept" if pem in known else "added")
        for pem in metadata.signing_certificates
    ]
    certificates += [
        Certificate(keys.describe(pem, now), "removed")
        for pem in known
        if pem not in metadata.signing_certificates
    ]
    return Preview(
        metadata=metadata,
        live=live,
        endpoints=tuple(
            Endpoint(field, getattr(before, field, None), getattr(metadata, field))
            for field in ENDPOINTS
        ),
        certificates=tuple(certificates),
        warnings=(*metadata.warnings, *_against_policy(metadata, live)),
    )


def _against_policy(metadata: IdpMetadata, live: ConfiguredIdp | None) -> tuple[Notice, ...]:
    if live is None or live.idp.policy.sign_requests or not metadata.wants_signed_requests:
        return ()
    return (
        Notice(
            N_(
                "The identity provider wants signed requests, but its policy here says not to "
                "sign them."
            )
        ),
    )
