"""AuthnRequests: read from either binding, verified against the SP's metadata."""

import base64
import binascii
from dataclasses import dataclass, replace

from lxml import etree

from tests.idp import redirect, terms
from tests.idp.messages import boolean, child_text, parse, verify_enveloped
from tests.idp.redirect import MAX_INFLATED, RedirectMessage, RequestRefusedError
from tests.idp.service_providers import ServiceProvider


@dataclass(frozen=True)
class AuthnRequest:
    """What a service provider asks; None is what it left out."""

    id: str
    issuer: str
    destination: str | None
    acs_url: str | None
    acs_index: int | None
    force_authn: bool
    is_passive: bool
    name_id_format: str | None
    authn_context_classes: tuple[str, ...]
    relay_state: str | None


@dataclass(frozen=True)
class Received:
    """A request and how it came, so that its signature can be verified once its SP is known."""

    request: AuthnRequest
    root: etree._Element
    message: RedirectMessage | None

    def verify(self, provider: ServiceProvider) -> bool:
        """Whether the request is signed; RequestRefusedError where its signature is no good.

        Unsigned requests pass unless the metadata says AuthnRequestsSigned.
        """
        if self.message is not None and self.message.signature is not None:
            redirect.verify(self.message, provider.signing_certificates)
            return True
        if verify_enveloped(self.root, provider.signing_certificates):
            return True
        if provider.authn_requests_signed:
            raise RequestRefusedError("The SP signs its requests, but not this one.")
        return False


def from_redirect(query_string: str) -> Received:
    """Read an AuthnRequest from the query string of the HTTP-Redirect binding."""
    message = redirect.read(query_string)
    if message.parameter != "SAMLRequest":
        raise RequestRefusedError("The query carries no SAMLRequest.")
    root = parse(message.document)
    request = replace(_request(root), relay_state=message.relay_state)
    return Received(request, root, message)


def from_post(saml_request: str, relay_state: str | None) -> Received:
    """Read an AuthnRequest from the form fields of the HTTP-POST binding."""
    if len(saml_request) > 2 * MAX_INFLATED:
        raise RequestRefusedError("The message is too large.")
    try:
        document = base64.b64decode("".join(saml_request.split()), validate=True)
    except (binascii.Error, ValueError):
        raise RequestRefusedError("The SAMLRequest is not base64.") from None
    root = parse(document)
    return Received(replace(_request(root), relay_state=relay_state), root, None)


def _request(root: etree._Element) -> AuthnRequest:
    if root.tag != f"{{{terms.SAMLP}}}AuthnRequest" or root.get("Version") != "2.0":
        raise RequestRefusedError("The message is not an AuthnRequest of SAML 2.0.")
    issuer = child_text(root, "Issuer")
    request_id = root.get("ID")
    if not issuer or not request_id:
        raise RequestRefusedError("The AuthnRequest has no ID or no Issuer.")
    binding = root.get("ProtocolBinding")
    if binding not in (None, terms.HTTP_POST):
        raise RequestRefusedError(f"The answer is asked for by {binding}; only HTTP-POST is there.")
    policy = root.find(f"{{{terms.SAMLP}}}NameIDPolicy")
    index = root.get("AssertionConsumerServiceIndex")
    if index is not None and not index.strip().isdecimal():
        raise RequestRefusedError("The AssertionConsumerServiceIndex is not a number.")
    return AuthnRequest(
        id=request_id,
        issuer=issuer,
        destination=root.get("Destination"),
        acs_url=root.get("AssertionConsumerServiceURL"),
        acs_index=int(index) if index is not None else None,
        force_authn=boolean(root.get("ForceAuthn")),
        is_passive=boolean(root.get("IsPassive")),
        name_id_format=policy.get("Format") if policy is not None else None,
        authn_context_classes=tuple(
            (one.text or "").strip() for one in root.iter(f"{{{terms.SAML}}}AuthnContextClassRef")
        ),
        relay_state=None,
    )
