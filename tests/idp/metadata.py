"""The metadata of the mock identity provider."""

from xml.sax.saxutils import quoteattr

from tests.idp import terms
from tests.idp.keys import KeyPair

NAME_ID_FORMATS = (terms.UNSPECIFIED, terms.EMAIL, terms.PERSISTENT)


def identity_provider_metadata(
    *,
    entity_id: str,
    sso_url: str,
    slo_url: str,
    signing: tuple[KeyPair, ...],
    want_authn_requests_signed: bool = False,
) -> bytes:
    """The EntityDescriptor of an IdP that signs with any of those keys."""
    keys = "\n".join(
        '    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{pair.certificate_base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        "</md:KeyDescriptor>"
        for pair in signing
    )
    formats = "\n".join(
        f"    <md:NameIDFormat>{name}</md:NameIDFormat>" for name in NAME_ID_FORMATS
    )
    wanted = ' WantAuthnRequestsSigned="true"' if want_authn_requests_signed else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="{terms.METADATA}" xmlns:ds="{terms.DS}"\
 entityID={quoteattr(entity_id)}>
  <md:IDPSSODescriptor protocolSupportEnumeration="{terms.SAMLP}"{wanted}>
{keys}
    <md:SingleLogoutService Binding="{terms.HTTP_REDIRECT}" Location={quoteattr(slo_url)}/>
{formats}
    <md:SingleSignOnService Binding="{terms.HTTP_REDIRECT}" Location={quoteattr(sso_url)}/>
    <md:SingleSignOnService Binding="{terms.HTTP_POST}" Location={quoteattr(sso_url)}/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
""".encode()
