"""The AuthnRequest (core 3.4.1): its ID, its text, and where the browser takes it."""

import secrets
from datetime import datetime
from html import escape

from saml import instants
from saml.bindings import PostForm, Redirect, post_form, redirect_url
from saml.errors import N_, KeyUnusable
from saml.settings import IdentityProvider, NameIDFormat, ServiceProvider
from saml.terms import ASSERTION_NS, BINDING_POST, NAMEID_FORMATS, PROTOCOL_NS

__all__ = ["PostForm", "Redirect", "build", "new_id", "post_form", "redirect_url", "start"]


def new_id() -> str:
    """Return an ID nobody can guess: 160 random bits, of the form of an xs:ID (core 1.3.4)."""
    return "_" + secrets.token_hex(20)


def build(
    sp: ServiceProvider,
    idp: IdentityProvider,
    *,
    request_id: str,
    now: datetime,
    destination: str,
    force_authn: bool = False,
    is_passive: bool = False,
) -> bytes:
    """Return an unsigned samlp:AuthnRequest for a Response at our ACS by HTTP-POST.

    It asks for a NameID format or an authentication context only where the IdP's policy says
    so: many an IdP refuses a wish that it cannot meet. `now` is an aware datetime.
    """
    flags = ""
    if force_authn:
        flags += ' ForceAuthn="true"'
    if is_passive:
        flags += ' IsPassive="true"'
    return (
        f'<samlp:AuthnRequest xmlns:samlp="{PROTOCOL_NS}" xmlns:saml="{ASSERTION_NS}"'
        f' ID="{escape(request_id)}" Version="2.0" IssueInstant="{instants.write(now)}"'
        f' Destination="{escape(destination)}"{flags} ProtocolBinding="{BINDING_POST}"'
        f' AssertionConsumerServiceURL="{escape(sp.acs_url)}">'
        f"<saml:Issuer>{escape(sp.entity_id)}</saml:Issuer>"
        f"{_name_id_policy(idp.policy.nameid_format)}"
        f"{_requested_authn_context(idp.policy.authn_context)}"
        "</samlp:AuthnRequest>"
    ).encode()


def start(
    sp: ServiceProvider,
    idp: IdentityProvider,
    *,
    request_id: str,
    relay_state: str | None,
    now: datetime,
    force_authn: bool = False,
    is_passive: bool = False,
) -> Redirect | PostForm:
    """Build an AuthnRequest and say how the browser takes it there: by Redirect where it can.

    It is signed, by the first of our keys, exactly where the IdP's policy says so; raises
    KeyUnusable where we have none. Raises ValueError for an IdP without an SSO endpoint.
    """
    signing_key = None
    if idp.policy.sign_requests:
        if not sp.keys:
            raise KeyUnusable(
                N_("AuthnRequests have to be signed, but there is no key pair to sign them with.")
            )
        signing_key = sp.keys[0]
    location = idp.sso_redirect_url or idp.sso_post_url
    if location is None:
        raise ValueError(f"{idp.entity_id} has no SSO endpoint")
    xml = build(
        sp,
        idp,
        request_id=request_id,
        now=now,
        destination=location,
        force_authn=force_authn,
        is_passive=is_passive,
    )
    if idp.sso_redirect_url is None:
        return post_form(xml, location=location, relay_state=relay_state, signing_key=signing_key)
    return Redirect(
        redirect_url(xml, location=location, relay_state=relay_state, signing_key=signing_key)
    )


def _name_id_policy(name_id_format: NameIDFormat) -> str:
    if name_id_format == "any":
        return ""
    # AllowCreate must not be used with transient (core 3.4.1.1 as corrected by erratum E14).
    allow_create = "" if name_id_format == "transient" else ' AllowCreate="true"'
    return f'<samlp:NameIDPolicy Format="{NAMEID_FORMATS[name_id_format]}"{allow_create}/>'


def _requested_authn_context(class_ref: str | None) -> str:
    if class_ref is None:
        return ""
    return (
        '<samlp:RequestedAuthnContext Comparison="exact">'
        f"<saml:AuthnContextClassRef>{escape(class_ref)}</saml:AuthnContextClassRef>"
        "</samlp:RequestedAuthnContext>"
    )
