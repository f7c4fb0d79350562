"""IdP metadata as products really write it, put together from parts."""

from saml.terms import ASSERTION_NS, BINDING_POST, BINDING_REDIRECT, PROTOCOL_NS
from tests.unit.certificates import base64_of, certificate

NAMESPACES = (
    'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
    'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
    'xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui"'
)
BINDING_SOAP = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"
BINDING_ARTIFACT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"
ENTITY_ID = "https://login.example/metadata"
REDIRECT_URL = "https://login.example/sso/redirect"
POST_URL = "https://login.example/sso/post"
CERTIFICATE = certificate()


def key(pem: str = CERTIFICATE, use: str | None = "signing", *, text: str | None = None) -> str:
    """A KeyDescriptor; `text` is what stands in X509Certificate instead of the PEM's base64."""
    attribute = f' use="{use}"' if use else ""
    return (
        f"<md:KeyDescriptor{attribute}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
        f"{base64_of(pem) if text is None else text}"
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )


RAW_KEY = (
    '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue>'
    "<ds:Modulus>sXtk</ds:Modulus><ds:Exponent>AQAB</ds:Exponent>"
    "</ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo></md:KeyDescriptor>"
)


def endpoint(service: str, binding: str, location: str, response: str | None = None) -> str:
    """A SingleSignOnService or SingleLogoutService."""
    back = f' ResponseLocation="{response}"' if response is not None else ""
    return f'<md:{service} Binding="{binding}" Location="{location}"{back}/>'


SSO = endpoint("SingleSignOnService", BINDING_REDIRECT, REDIRECT_URL) + endpoint(
    "SingleSignOnService", BINDING_POST, POST_URL
)


def role(
    *, keys: str = key(), slo: str = "", formats: str = "", sso: str = SSO, attributes: str = ""
) -> str:
    """An IDPSSODescriptor."""
    return (
        f'<md:IDPSSODescriptor {attributes} protocolSupportEnumeration="{PROTOCOL_NS}">'
        f"{keys}{slo}{formats}{sso}</md:IDPSSODescriptor>"
    )


def entity(
    roles: str = role(), *, entity_id: str = ENTITY_ID, attributes: str = "", after: str = ""
) -> str:
    """An EntityDescriptor."""
    return (
        f'<md:EntityDescriptor {NAMESPACES} entityID="{entity_id}" {attributes}>'
        f"{roles}{after}</md:EntityDescriptor>"
    )


def federation(*members: str, attributes: str = "") -> str:
    """An EntitiesDescriptor around its members."""
    inside = "".join(members)
    return f"<md:EntitiesDescriptor {NAMESPACES} {attributes}>{inside}</md:EntitiesDescriptor>"


SP_ROLE = (
    f'<md:SPSSODescriptor protocolSupportEnumeration="{PROTOCOL_NS}">'
    f'<md:AssertionConsumerService Binding="{BINDING_POST}" Location="https://sp.example/acs"'
    ' index="0"/></md:SPSSODescriptor>'
)
_TABBED = "\n\t\t".join(
    ["", *(base64_of(CERTIFICATE)[i : i + 64] for i in range(0, len(base64_of(CERTIFICATE)), 64))]
)

# All roles in one entity, SOAP first, Artifact among the rest, separate ResponseLocations.
LEMONLDAP = '<?xml version="1.0"?>\n' + entity(
    role(
        attributes='WantAuthnRequestsSigned="true"',
        keys=key(use=None, text=_TABBED + "\n\t"),
        slo=endpoint("SingleLogoutService", BINDING_SOAP, "https://auth.example/saml/soap")
        + endpoint(
            "SingleLogoutService",
            BINDING_REDIRECT,
            "https://auth.example/saml/singleLogout",
            "https://auth.example/saml/singleLogoutReturn",
        )
        + endpoint(
            "SingleLogoutService",
            BINDING_POST,
            "https://auth.example/saml/singleLogout",
            "https://auth.example/saml/singleLogoutPostReturn",
        ),
        formats="<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
        "</md:NameIDFormat><md:NameIDFormat>\n urn:oasis:names:tc:SAML:1.1:nameid-format:"
        "emailAddress </md:NameIDFormat>",
        sso=endpoint(
            "SingleSignOnService",
            BINDING_ARTIFACT,
            "https://auth.example/saml/singleSignOnArtifact",
        )
        + endpoint(
            "SingleSignOnService", BINDING_REDIRECT, "https://auth.example/saml/singleSignOn"
        )
        + endpoint("SingleSignOnService", BINDING_POST, "https://auth.example/saml/singleSignOn"),
    )
    + SP_ROLE
    + f'<md:AttributeAuthorityDescriptor protocolSupportEnumeration="{PROTOCOL_NS}">'
    + endpoint("AttributeService", BINDING_SOAP, "https://auth.example/saml/AA/SOAP")
    + "</md:AttributeAuthorityDescriptor>",
    entity_id="https://auth.example/saml/metadata",
    after='<md:Organization><md:OrganizationName xml:lang="en">Example</md:OrganizationName>'
    '<md:OrganizationDisplayName xml:lang="fr">Exemple</md:OrganizationDisplayName>'
    '<md:OrganizationDisplayName xml:lang="en">Example\n  Ltd</md:OrganizationDisplayName>'
    '<md:OrganizationURL xml:lang="en">https://example</md:OrganizationURL></md:Organization>',
)

RESPONSE = f'<samlp:Response xmlns:samlp="{PROTOCOL_NS}" xmlns:saml="{ASSERTION_NS}" ID="_1"/>'
