"""What known IdPs do by themselves, as data: hints for whoever sets one up.

A quirk changes nothing: no policy, no check. It is recognised by the entity ID or by an SSO
URL, says what to expect (`reason`) and what to set, here or at the IdP (`setting`); behind
`reference` somebody says so who knows.
"""

import re
from dataclasses import dataclass

from saml.errors import N_
from saml.metadata import IdpMetadata


@dataclass(frozen=True, slots=True)
class Quirk:
    """One deviation of one product. `reason` and `setting` are sentences to translate."""

    name: str
    recognised_by: re.Pattern[str]
    reason: str
    setting: str
    reference: str


_ADFS = re.compile(r"https?://[^/]+/adfs/", re.IGNORECASE)
_ENTRA = re.compile(r"https://(?:sts\.windows\.net|login\.microsoftonline\.com)/", re.IGNORECASE)
_GOOGLE = re.compile(r"https://accounts\.google\.com/o/saml2", re.IGNORECASE)
_LEMONLDAP = re.compile(r"https?://[^?#]+/saml/singleSignOn(?:[/?#]|\Z)")
_SIMPLESAMLPHP = re.compile(
    r"https?://[^?#]+/(?:saml2/idp/SSOService\.php|module\.php/saml/idp/singleSignOnService)"
)

QUIRKS: tuple[Quirk, ...] = (
    Quirk(
        name="AD FS",
        recognised_by=_ADFS,
        reason=N_(
            "AD FS refuses a request for a NameID format other than the one that its claim rules "
            "issue (MSIS7070)."
        ),
        setting=N_(
            "Leave the NameID format at “any”, and add a claim rule at AD FS that issues a Name ID."
        ),
        reference=(
            "https://codewithme.cloud/posts/2016/03/"
            "adfs-3-0-relying-party-trust-send-custom-attribute-as-claim"
        ),
    ),
    Quirk(
        name="Microsoft Entra ID",
        recognised_by=_ENTRA,
        reason=N_(
            "Entra sends the user principal name as NameID unless another claim is chosen; it may "
            "differ from the primary e-mail."
        ),
        setting=N_("Choose the source of the Unique User Identifier under Attributes & Claims."),
        reference="https://learn.microsoft.com/en-us/entra/identity-platform/saml-claims-customization",
    ),
    Quirk(
        name="Google Workspace",
        recognised_by=_GOOGLE,
        reason=N_("Google has no single logout: signing out here leaves the Google session open."),
        setting=N_("Tell people to sign out at Google too where computers are shared."),
        reference="https://stackoverflow.com/a/51366331",
    ),
    Quirk(
        name="LemonLDAP::NG",
        recognised_by=_LEMONLDAP,
        reason=N_(
            "LemonLDAP::NG sends its own opaque value as NameID where the format “persistent” is "
            "asked for."
        ),
        setting=N_("Leave the NameID format at “any”, and set the wanted format at LemonLDAP::NG."),
        reference="https://lemonldap-ng.org/documentation/latest/idpsaml.html",
    ),
    Quirk(
        name="LemonLDAP::NG",
        recognised_by=_LEMONLDAP,
        reason=N_(
            "LemonLDAP::NG does not ask for the password again within 5 seconds of a sign-in, even "
            "where it is told to (ForceAuthn)."
        ),
        setting=N_("At LemonLDAP::NG, portalForceAuthnInterval sets those seconds."),
        reference="https://lemonldap-ng.org/documentation/latest/parameterlist.html",
    ),
    Quirk(
        name="SimpleSAMLphp",
        recognised_by=_SIMPLESAMLPHP,
        reason=N_(
            "SimpleSAMLphp sends a NameID of the format “transient” unless told otherwise: it is "
            "new at every sign-in, so it matches nobody."
        ),
        setting=N_("At SimpleSAMLphp, set NameIDFormat and a NameID filter for this application."),
        reference="https://simplesamlphp.org/docs/stable/simplesamlphp-reference-idp-hosted.html",
    ),
    Quirk(
        name="SimpleSAMLphp",
        recognised_by=_SIMPLESAMLPHP,
        reason=N_(
            "SimpleSAMLphp sends logout messages unsigned unless told otherwise: they are refused "
            "here."
        ),
        setting=N_("At SimpleSAMLphp, set sign.logout to true."),
        reference="https://simplesamlphp.org/docs/stable/simplesamlphp-reference-idp-hosted.html",
    ),
)


def hints_for(metadata: IdpMetadata) -> tuple[Quirk, ...]:
    """Return the quirks of the product that `metadata` looks like; none where it is unknown."""
    addresses = [metadata.entity_id, metadata.sso_redirect_url, metadata.sso_post_url]
    return tuple(
        quirk
        for quirk in QUIRKS
        if any(address and quirk.recognised_by.match(address) for address in addresses)
    )
