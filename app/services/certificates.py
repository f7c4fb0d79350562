"""Every certificate that a tenant's sign-ins depend on, and when it expires."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.services import identity_providers, service_provider
from app.services.tenants import Tenant
from saml import keys
from saml.keys import CertificateFacts


@dataclass(frozen=True, slots=True)
class OwnedCertificate:
    """A certificate and whose it is: an identity provider's name, or None for our own."""

    owner: str | None
    facts: CertificateFacts


def expiring_first(tenant: Tenant, certs: Path, *, now: datetime) -> tuple[OwnedCertificate, ...]:
    """Return the certificates of the tenant's IdPs and of ours, the next to expire first."""
    owned = [
        (found.name, pem)
        for found in identity_providers.of_tenant(tenant).values()
        for pem in found.idp.signing_certificates
    ]
    ours = [(None, pair.certificate) for _, pair in service_provider.key_pairs(certs)]
    described = [OwnedCertificate(owner, keys.describe(pem, now)) for owner, pem in [*owned, *ours]]
    return tuple(sorted(described, key=lambda each: each.facts.not_after))
