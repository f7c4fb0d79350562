"""What a signed Assertion must say before it counts: SAML profiles 4.1.4.2 and 4.1.4.3.

Every comparison is of whole strings; every instant is compared with the configured skew.
The elements handed in here come from verified bytes only, except the Response's own
attributes where just the Assertion is signed: those can refuse, never allow.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from saml import instants
from saml.assertion import NameID
from saml.errors import Reason, ResponseRejected
from saml.settings import IdentityProvider, ServiceProvider
from saml.terms import (
    CONFIRMATION_BEARER,
    NAMEID_ENTITY,
    SAML,
    SAMLP,
    STATUS_NO_PASSIVE,
    STATUS_SUCCESS,
)

#: Longer than any that is in use: who stores them need not cut them.
_MAX_TEXT = 1024
_MAX_FORMAT = 200


def text_of(element: etree._Element, reason: Reason) -> str:
    """Return the text of a leaf; a comment, instruction or child inside is a refusal."""
    if len(element):
        raise ResponseRejected(reason, f"{etree.QName(element).localname} is not plain text")
    return element.text or ""


@dataclass(frozen=True, slots=True)
class Clock:
    """`now`, and how far apart two clocks may be."""

    now: datetime
    skew: timedelta

    def read(self, value: str, reason: Reason) -> datetime:
        """Return the instant, or raise ResponseRejected(reason) where it cannot be read."""
        try:
            return instants.read(value)
        except ValueError as error:
            raise ResponseRejected(reason, str(error)) from None

    def not_in_future(self, element: etree._Element, attribute: str) -> datetime:
        """Return an instant that must have come: IssueInstant, AuthnInstant, NotBefore."""
        moment = self.read(element.get(attribute) or "", Reason.NOT_YET_VALID)
        if moment - self.skew > self.now:
            raise ResponseRejected(Reason.NOT_YET_VALID, self._tell(element, attribute, moment))
        return moment

    def not_over(self, element: etree._Element, attribute: str) -> datetime:
        """Return an instant that must not have come yet: NotOnOrAfter and its like."""
        moment = self.read(element.get(attribute) or "", Reason.EXPIRED)
        if moment + self.skew <= self.now:
            raise ResponseRejected(Reason.EXPIRED, self._tell(element, attribute, moment))
        return moment

    def _tell(self, element: etree._Element, attribute: str, moment: datetime) -> str:
        name = etree.QName(element).localname
        return (
            f"{name} {attribute} {moment.isoformat()}, our clock {self.now.isoformat()}, "
            f"skew {int(self.skew.total_seconds())} s"
        )


def check_status(response: etree._Element) -> None:
    """Raise ResponseRejected(IDP_STATUS or NO_PASSIVE) unless the top-level code is Success."""
    code = response.find(f"{SAMLP}Status/{SAMLP}StatusCode")
    value = code.get("Value") if code is not None else None
    if value == STATUS_SUCCESS:
        return
    nested = code.find(f"{SAMLP}StatusCode") if code is not None else None
    second = nested.get("Value") if nested is not None else None
    message = (response.findtext(f"{SAMLP}Status/{SAMLP}StatusMessage") or "")[:200]
    reason = Reason.NO_PASSIVE if second == STATUS_NO_PASSIVE else Reason.IDP_STATUS
    raise ResponseRejected(reason, f"status {value!r}, {second!r}, message {message!r}"[:600])


def check_issuer(element: etree._Element, entity_id: str, *, required: bool) -> None:
    """The Issuer of `element` must be the IdP's entity ID to the letter."""
    issuer = element.find(f"{SAML}Issuer")
    if issuer is None:
        if required:
            raise ResponseRejected(Reason.ISSUER, "no Issuer")
        return
    if issuer.get("Format") not in (None, NAMEID_ENTITY):
        raise ResponseRejected(Reason.ISSUER, f"Issuer of format {issuer.get('Format')!r}")
    found = text_of(issuer, Reason.ISSUER)
    if found != entity_id:
        raise ResponseRejected(Reason.ISSUER, f"Issuer {found[:300]!r}, not {entity_id!r}")


def check_destination(response: etree._Element, acs_url: str, *, required: bool) -> None:
    """The Destination must be our ACS URL to the letter (bindings 3.5.5.2)."""
    destination = response.get("Destination")
    if destination is None and not required:
        return
    if destination != acs_url:
        raise ResponseRejected(Reason.DESTINATION, f"Destination {destination!r}, not {acs_url!r}")


def check_conditions(assertion: etree._Element, sp: ServiceProvider, clock: Clock) -> None:
    """Check every condition and the instants of them all (core 2.5.1)."""
    conditions = assertion.find(f"{SAML}Conditions")
    if conditions is None:
        raise ResponseRejected(Reason.AUDIENCE, "no Conditions, so no audience")
    if conditions.get("NotBefore") is not None:
        clock.not_in_future(conditions, "NotBefore")
    if conditions.get("NotOnOrAfter") is not None:
        clock.not_over(conditions, "NotOnOrAfter")
    restrictions = 0
    for condition in conditions.iterchildren("*"):
        if condition.tag == f"{SAML}AudienceRestriction":
            restrictions += 1
            audiences = [text_of(child, Reason.AUDIENCE) for child in condition.iterchildren("*")]
            if sp.entity_id not in audiences:
                raise ResponseRejected(
                    Reason.AUDIENCE, f"audience {audiences}, not {sp.entity_id!r}"[:600]
                )
        elif condition.tag not in (f"{SAML}OneTimeUse", f"{SAML}ProxyRestriction"):
            raise ResponseRejected(Reason.CONDITIONS, f"unknown condition {condition.tag!r}"[:600])
    if not restrictions:
        raise ResponseRejected(Reason.AUDIENCE, "no AudienceRestriction")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A bearer confirmation that holds, and which request it answers."""

    in_response_to: str | None


def check_confirmation(subject: etree._Element, sp: ServiceProvider, clock: Clock) -> Confirmation:
    """Return the first bearer SubjectConfirmation that holds (profiles 4.1.4.2).

    Raises ResponseRejected with the reason of the first bearer one that does not.
    """
    first_problem: ResponseRejected | None = None
    for confirmation in subject.findall(f"{SAML}SubjectConfirmation"):
        if confirmation.get("Method") != CONFIRMATION_BEARER:
            continue
        try:
            return _bearer(confirmation, sp, clock)
        except ResponseRejected as problem:
            first_problem = first_problem or problem
    raise first_problem or ResponseRejected(Reason.CONFIRMATION, "no bearer SubjectConfirmation")


def _bearer(confirmation: etree._Element, sp: ServiceProvider, clock: Clock) -> Confirmation:
    data = confirmation.find(f"{SAML}SubjectConfirmationData")
    if data is None or data.get("NotOnOrAfter") is None:
        raise ResponseRejected(Reason.CONFIRMATION, "no NotOnOrAfter to the confirmation")
    if data.get("Recipient") != sp.acs_url:
        raise ResponseRejected(
            Reason.RECIPIENT, f"Recipient {data.get('Recipient')!r}, not {sp.acs_url!r}"
        )
    if data.get("NotBefore") is not None:
        clock.not_in_future(data, "NotBefore")
    clock.not_over(data, "NotOnOrAfter")
    return Confirmation(data.get("InResponseTo"))


def last_not_on_or_after(assertion: etree._Element, clock: Clock) -> datetime:
    """Return the last NotOnOrAfter of the Conditions and of all confirmations.

    One confirmation may hold when another is over: until then the Assertion is not.
    """
    return max(
        clock.read(element.get("NotOnOrAfter") or "", Reason.EXPIRED)
        for element in assertion.iter(f"{SAML}Conditions", f"{SAML}SubjectConfirmationData")
        if element.get("NotOnOrAfter") is not None
    )


def check_in_response_to(response: etree._Element, confirmation: Confirmation) -> str | None:
    """Response and confirmation must name the same request, or both none; return its ID."""
    outer, inner = response.get("InResponseTo"), confirmation.in_response_to
    if outer != inner:
        raise ResponseRejected(
            Reason.IN_RESPONSE_TO, f"Response answers {outer!r}, its Assertion {inner!r}"
        )
    return inner


@dataclass(frozen=True, slots=True)
class Authentication:
    """What the AuthnStatement says of how and when the person signed in at the IdP."""

    instant: datetime
    context_class: str | None
    session_index: str | None
    session_not_on_or_after: datetime | None


def check_authn_statement(
    assertion: etree._Element, idp: IdentityProvider, clock: Clock
) -> Authentication:
    """Return the first AuthnStatement; the earliest SessionNotOnOrAfter of all counts."""
    statements = assertion.findall(f"{SAML}AuthnStatement")
    if not statements:
        raise ResponseRejected(Reason.AUTHN_STATEMENT, "no AuthnStatement")
    ends = [
        clock.not_over(statement, "SessionNotOnOrAfter")
        for statement in statements
        if statement.get("SessionNotOnOrAfter") is not None
    ]
    first = statements[0]
    _check_length("SessionIndex", first.get("SessionIndex"), Reason.AUTHN_STATEMENT)
    context = first.find(f"{SAML}AuthnContext/{SAML}AuthnContextClassRef")
    context_class = None
    if context is not None:
        context_class = text_of(context, Reason.AUTHN_CONTEXT).strip(" \t\r\n")
    asked = idp.policy.authn_context
    if asked is not None and context_class != asked:
        raise ResponseRejected(Reason.AUTHN_CONTEXT, f"{context_class!r}, not {asked!r}"[:600])
    return Authentication(
        instant=clock.not_in_future(first, "AuthnInstant"),
        context_class=context_class,
        session_index=first.get("SessionIndex"),
        session_not_on_or_after=min(ends) if ends else None,
    )


def read_name_id(element: etree._Element) -> NameID:
    """Return the NameID of a `saml:NameID` element, its text to the letter.

    Raises ResponseRejected(NAME_ID): no plain text, nothing but white space, over 1,024
    characters, also in a qualifier, or a Format of over 200.
    """
    value = text_of(element, Reason.NAME_ID)
    if not value.strip(" \t\r\n"):
        raise ResponseRejected(Reason.NAME_ID, "empty NameID")
    name_id = NameID(
        value=value,
        format=element.get("Format"),
        name_qualifier=element.get("NameQualifier"),
        sp_name_qualifier=element.get("SPNameQualifier"),
    )
    _check_length("NameID", value, Reason.NAME_ID)
    _check_length("Format", name_id.format, Reason.NAME_ID, _MAX_FORMAT)
    _check_length("NameQualifier", name_id.name_qualifier, Reason.NAME_ID)
    _check_length("SPNameQualifier", name_id.sp_name_qualifier, Reason.NAME_ID)
    return name_id


def _check_length(name: str, value: str | None, reason: Reason, limit: int = _MAX_TEXT) -> None:
    if value is not None and len(value) > limit:
        raise ResponseRejected(reason, f"{name} of {len(value)} characters")
