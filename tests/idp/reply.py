"""Reply: everything that one Response can say, as one frozen value with a knob for each part."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tests.idp import terms
from tests.idp.encryption import Encryption
from tests.idp.signing import Signing

# A string is written as it is: the way to an instant that is none.
Instant = datetime | str

WhatIsSigned = Literal["assertion", "response", "both", "none"]


@dataclass(frozen=True)
class Attribute:
    """One Attribute; a value of None is an AttributeValue without content.

    `value_type` is written as xsi:type; "" leaves it out, as Lasso does.
    """

    name: str
    values: tuple[str | None, ...]
    name_format: str = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
    friendly_name: str | None = None
    value_type: str = "xs:string"


@dataclass(frozen=True)
class Addressee:
    """The service provider that a Response is for."""

    entity_id: str
    acs_url: str
    encryption_certificate: bytes | None = None


@dataclass(frozen=True)
class Reply:
    """A Response before it is XML. None leaves the element or attribute out.

    The names are SAML's own. `in_response_to` stands on the Response,
    `confirmation_in_response_to` in the SubjectConfirmationData. `audiences` holds one tuple
    for each AudienceRestriction. `status` is the StatusCode and those nested in it. `addressee`
    is for whom it is meant: nothing of it is written by itself, misbehaviours ask it for the
    encryption certificate. `last_assertion_id` is what the IdP said last time, for `replayed`.
    The `…_xml` fields are written verbatim.
    """

    addressee: Addressee
    response_id: str
    assertion_id: str
    issue_instant: Instant
    assertion_issue_instant: Instant
    issuer: str | None
    response_issuer: str | None
    destination: str | None
    recipient: str | None
    audiences: tuple[tuple[str, ...], ...]
    in_response_to: str | None
    confirmation_in_response_to: str | None
    not_before: Instant | None
    not_on_or_after: Instant | None
    confirmation_not_on_or_after: Instant | None
    authn_instant: Instant | None
    session_index: str | None
    name_id: str | None
    name_id_format: str | None = terms.UNSPECIFIED
    name_qualifier: str | None = None
    sp_name_qualifier: str | None = None
    name_id_xml: str | None = None
    confirmation_method: str | None = terms.BEARER
    confirmation_not_before: Instant | None = None
    session_not_on_or_after: Instant | None = None
    authn_context_class: str | None = terms.PASSWORD_PROTECTED_TRANSPORT
    attributes: tuple[Attribute, ...] = ()
    conditions: bool = True
    conditions_xml: str = ""
    extensions_xml: str = ""
    status: tuple[str, ...] = (terms.SUCCESS,)
    status_message: str | None = None
    status_detail_xml: str = ""
    version: str = "2.0"
    assertion_version: str = "2.0"
    sign: WhatIsSigned = "assertion"
    signing: Signing | None = None
    response_signing: Signing | None = None
    encrypt_assertion: Encryption | None = None
    encrypt_name_id: Encryption | None = None
    protocol_prefix: str = "samlp"
    assertion_prefix: str = "saml"
    signature_prefix: str = "ds"
    last_assertion_id: str | None = None


def ordinary_reply(
    *,
    issuer: str,
    addressee: Addressee,
    request_id: str | None,
    name_id: str,
    now: datetime,
    token: str,
    name_id_format: str | None = terms.UNSPECIFIED,
    lifetime: timedelta = timedelta(minutes=5),
) -> Reply:
    """What a well-behaved IdP answers at the instant `now`; `token` makes its IDs unique."""
    return Reply(
        addressee=addressee,
        response_id=f"_response-{token}",
        assertion_id=f"_assertion-{token}",
        issue_instant=now,
        assertion_issue_instant=now,
        issuer=issuer,
        response_issuer=issuer,
        destination=addressee.acs_url,
        recipient=addressee.acs_url,
        audiences=((addressee.entity_id,),),
        in_response_to=request_id,
        confirmation_in_response_to=request_id,
        not_before=now,
        not_on_or_after=now + lifetime,
        confirmation_not_on_or_after=now + lifetime,
        authn_instant=now,
        session_index=f"_session-{token}",
        name_id=name_id,
        name_id_format=name_id_format,
    )
