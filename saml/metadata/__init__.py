"""How the two parties are introduced to each other: our metadata out, the IdP's metadata in."""

from saml.metadata.identity_provider import IdpMetadata, identity_providers
from saml.metadata.service_provider import service_provider_metadata

__all__ = ["IdpMetadata", "identity_providers", "service_provider_metadata"]
