"""The two parties, as frozen values: the ServiceProvider that we are, an IdentityProvider."""

from dataclasses import dataclass, field
from typing import Literal

Unsolicited = Literal["restart", "accept", "refuse"]
WantSigned = Literal["any", "assertion", "response", "both"]
NameIDFormat = Literal["any", "email", "persistent", "transient", "unspecified"]


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key and its certificate, both PEM. The key never shows in a repr."""

    certificate: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """What an IdP knows of us. The first of `keys` signs; every one of them decrypts."""

    entity_id: str
    acs_url: str
    slo_url: str
    keys: tuple[KeyPair, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What is asked of one IdP. The defaults are the strict ones.

    `clock_skew` is in seconds and applies to every instant. `want_signed` says which
    element must carry a signature: "any" means the Assertion or the Response around it.
    """

    unsolicited: Unsolicited = "restart"
    clock_skew: int = 120
    sign_requests: bool = False
    want_signed: WantSigned = "any"
    want_encrypted: bool = False
    nameid_format: NameIDFormat = "any"
    authn_context: str | None = None
    signed_logout: bool = True


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """An IdP as configured: its names, its endpoints, the certificates it signs with (PEM)."""

    entity_id: str
    signing_certificates: tuple[str, ...]
    sso_redirect_url: str | None = None
    sso_post_url: str | None = None
    slo_redirect_url: str | None = None
    slo_post_url: str | None = None
    slo_response_url: str | None = None
    policy: Policy = Policy()
