"""A SAML 2.0 service provider's half of Web Browser SSO, without a web framework or database.

The protocol's story: the service provider (SP) sends the browser to the identity provider
(IdP) with an AuthnRequest; the IdP sends it back to the Assertion Consumer Service (ACS)
with a Response that holds one Assertion about the person. `authn_request.build` makes the
first message, `response.read` verifies the second one and gives back nothing but what was
signed. `metadata` introduces the two parties to each other, `keys` looks after the SP's own
key pairs. What the SP must remember between the messages (pending requests, used assertion
IDs) is the caller's: `response.VerifiedResponse.accept` asks for it.
"""

from saml.assertion import Assertion, NameID
from saml.errors import MetadataRejected, Reason, ResponseRejected
from saml.settings import IdentityProvider, KeyPair, Policy, ServiceProvider

__all__ = [
    "Assertion",
    "IdentityProvider",
    "KeyPair",
    "MetadataRejected",
    "NameID",
    "Policy",
    "Reason",
    "ResponseRejected",
    "ServiceProvider",
]
