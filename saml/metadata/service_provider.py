"""Our own metadata: what an IdP has to know of us (metadata 2.4.4)."""

import hashlib
from datetime import datetime, timedelta
from html import escape
from typing import Final

from saml import instants, keys
from saml.errors import N_, KeyUnusable
from saml.settings import KeyPair, ServiceProvider
from saml.signing import sign_element
from saml.terms import (
    AES_CBC,
    AES_GCM,
    BINDING_POST,
    BINDING_REDIRECT,
    DSIG_NS,
    MDUI_NS,
    METADATA_NS,
    PROTOCOL_NS,
    RSA_OAEP,
    RSA_OAEP_MGF1P,
)

# In the order of our liking: an authenticated cipher first, the longer key before the shorter,
# and of the key transports the one that every IdP has.
_ENCRYPTION_METHODS: Final = "".join(
    f'<md:EncryptionMethod Algorithm="{algorithm}"/>'
    for algorithm in (*reversed(AES_GCM), *reversed(AES_CBC), RSA_OAEP_MGF1P, RSA_OAEP)
)


def service_provider_metadata(
    sp: ServiceProvider,
    *,
    now: datetime,
    valid_for: timedelta | None = None,
    sign: bool = False,
    want_assertions_signed: bool = True,
    authn_requests_signed: bool = False,
    single_logout: bool = False,
    name: str | None = None,
) -> bytes:
    """Return an md:EntityDescriptor for `sp`, as UTF-8.

    Every key pair is published for signing and for encryption, in order, so that a roll-over
    has overlap. The ACS is the default one of index 0, by HTTP-POST; NameID formats are not
    restricted. Logout endpoints are named only for `single_logout`, a validUntil only with
    `valid_for`; `name` is shown to people who sign in. The same arguments give the same bytes
    where `valid_for` is None. Raises KeyUnusable for an unreadable certificate, or where
    `sign` finds no key.
    """
    if sign and not sp.keys:
        raise KeyUnusable(
            N_("Metadata has to be signed, but there is no key pair to sign it with.")
        )
    valid_until = "" if valid_for is None else f' validUntil="{instants.write(now + valid_for)}"'
    attributes = f' entityID="{escape(sp.entity_id)}"{valid_until}'
    body = (
        f'<md:SPSSODescriptor AuthnRequestsSigned="{_boolean(authn_requests_signed)}"'
        f' WantAssertionsSigned="{_boolean(want_assertions_signed)}"'
        f' protocolSupportEnumeration="{PROTOCOL_NS}">'
        + _extensions(name)
        + "".join(_key_descriptor(pair, "signing", "") for pair in sp.keys)
        + "".join(_key_descriptor(pair, "encryption", _ENCRYPTION_METHODS) for pair in sp.keys)
        + (_logout_services(sp) if single_logout else "")
        + f'<md:AssertionConsumerService Binding="{BINDING_POST}"'
        f' Location="{escape(sp.acs_url)}" index="0" isDefault="true"/>'
        "</md:SPSSODescriptor></md:EntityDescriptor>"
    )
    namespaces = f'<md:EntityDescriptor xmlns:md="{METADATA_NS}" xmlns:ds="{DSIG_NS}"'
    if not sign:
        return f"{namespaces}{attributes}>{body}".encode()
    # Its own digest makes an ID that stays as long as the document does.
    own_id = "_" + hashlib.sha256((attributes + body).encode()).hexdigest()[:40]
    return sign_element(f'{namespaces} ID="{own_id}"{attributes}>{body}'.encode(), sp.keys[0])


def _extensions(name: str | None) -> str:
    if not name:
        return ""
    return (
        f'<md:Extensions><mdui:UIInfo xmlns:mdui="{MDUI_NS}">'
        f'<mdui:DisplayName xml:lang="en">{escape(name)}</mdui:DisplayName>'
        "</mdui:UIInfo></md:Extensions>"
    )


def _key_descriptor(pair: KeyPair, use: str, methods: str) -> str:
    return (
        f'<md:KeyDescriptor use="{use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{keys.certificate_base64(pair.certificate)}"
        f"</ds:X509Certificate></ds:X509Data></ds:KeyInfo>{methods}</md:KeyDescriptor>"
    )


def _logout_services(sp: ServiceProvider) -> str:
    return "".join(
        f'<md:SingleLogoutService Binding="{binding}" Location="{escape(sp.slo_url)}"/>'
        for binding in (BINDING_REDIRECT, BINDING_POST)
    )


def _boolean(value: bool) -> str:
    return "true" if value else "false"
