"""From the form field SAMLResponse to an Assertion, or ResponseRejected.

The order matters: bounds, one parse, the shape of the message and of its signatures, the
schema; only then cryptography; then only what was signed is looked at. `read` gives a
VerifiedResponse, which gives the Assertion up only to who says which request it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from lxml import etree

from saml import checks, encryption, schema, signature, strangers
from saml.assertion import Assertion
from saml.errors import Reason, ResponseRejected
from saml.parsing import decode_field, parse, parse_own
from saml.settings import IdentityProvider, ServiceProvider
from saml.terms import SAML, SAMLP

_TEXT_LEAVES = frozenset(f"{SAML}{name}" for name in ("NameID", "Issuer", "Audience"))
_ID_ATTRIBUTES = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")


@dataclass(frozen=True, slots=True)
class VerifiedResponse:
    """A Response that passed every check but one: which request of ours it answers."""

    identity_provider: IdentityProvider
    in_response_to: str | None
    _assertion: Assertion

    def accept(self, request_id: str | None) -> Assertion:
        """Give the Assertion up as the answer to `request_id`, or as unsolicited (None).

        Raises ResponseRejected: IN_RESPONSE_TO where it answers another request or none,
        UNSOLICITED where it answers none and the IdP's policy does not accept that.
        """
        if self.in_response_to != request_id:
            raise ResponseRejected(
                Reason.IN_RESPONSE_TO, f"answers {self.in_response_to!r}, not {request_id!r}"
            )
        if request_id is None and self.identity_provider.policy.unsolicited != "accept":
            raise ResponseRejected(
                Reason.UNSOLICITED, f"policy is {self.identity_provider.policy.unsolicited}"
            )
        return self._assertion


def read(
    encoded: str,
    *,
    sp: ServiceProvider,
    identity_providers: Mapping[str, IdentityProvider],
    now: datetime,
) -> VerifiedResponse:
    """Verify the form field `SAMLResponse` (base64, HTTP-POST binding) of an IdP we know.

    `identity_providers` are keyed by entity ID; `now` is an aware datetime. Raises
    ResponseRejected for everything that does not hold, and nothing else.
    """
    document = decode_field(encoded)
    return strangers.run(partial(_read, document, sp, identity_providers, now), size=len(document))


def _read(
    document: bytes,
    sp: ServiceProvider,
    identity_providers: Mapping[str, IdentityProvider],
    now: datetime,
) -> VerifiedResponse:
    response = parse(document)
    encrypted, plain = _shape(response)
    idp = _issuing(response, plain, identity_providers)
    clock = checks.Clock(now, timedelta(seconds=idp.policy.clock_skew))
    outer = signature.signature_of(response)
    inner = signature.signature_of(plain) if plain is not None else None
    signature.refuse_stray_signatures(
        response, [element for element in (response, plain) if element is not None]
    )
    schema.check_protocol(response)

    if outer is not None:
        signature.verify(outer, idp.signing_certificates)
    if encrypted is not None:
        # Decrypted only after the signature around it holds: nobody else gets an oracle.
        plain, inner = _decrypted(encrypted, sp)
    elif idp.policy.want_encrypted:
        raise ResponseRejected(Reason.ENCRYPTION_REQUIRED, "plain Assertion")
    _check_signed(idp, response_is_signed=outer is not None, assertion_is_signed=inner is not None)
    if inner is not None:
        signature.verify(inner, idp.signing_certificates)
    response, assertion = _signed_only(response, plain, outer, inner, encrypted is not None)
    return _checked(response, assertion, sp, idp, clock, is_signed=outer is not None)


def _shape(response: etree._Element) -> tuple[etree._Element | None, etree._Element | None]:
    """Return (EncryptedAssertion, None) or (None, Assertion) of a Response of the right shape."""
    if response.tag != f"{SAMLP}Response":
        raise ResponseRejected(Reason.MALFORMED, f"root element {response.tag!r}"[:300])
    if response.get("Version") != "2.0":
        raise ResponseRejected(Reason.VERSION, f"Version {response.get('Version')!r}"[:300])
    checks.check_status(response)
    _check_ids_and_leaves(response)
    found = list(response.iter(f"{SAML}Assertion", f"{SAML}EncryptedAssertion"))
    if len(found) != 1 or found[0].getparent() is not response:
        raise ResponseRejected(Reason.ASSERTION_COUNT, f"{len(found)} Assertions")
    if found[0].tag == f"{SAML}Assertion":
        return None, found[0]
    return found[0], None


def _check_ids_and_leaves(root: etree._Element) -> None:
    seen: set[str] = set()
    for element in root.iter("*"):
        for name in _ID_ATTRIBUTES:
            value = element.get(name)
            if value is None:
                continue
            if value in seen:
                raise ResponseRejected(Reason.DUPLICATE_ID, f"ID {value[:100]!r} twice")
            seen.add(value)
        if element.tag in _TEXT_LEAVES and len(element):
            reason = Reason.NAME_ID if element.tag == f"{SAML}NameID" else Reason.SCHEMA
            raise ResponseRejected(reason, f"{element.tag!r} is not plain text")


def _issuing(
    response: etree._Element,
    plain: etree._Element | None,
    identity_providers: Mapping[str, IdentityProvider],
) -> IdentityProvider:
    """Pick the IdP that the message claims to be from; whether it is, the signature tells."""
    issuer = response.findtext(f"{SAML}Issuer")
    if issuer is None and plain is not None:
        issuer = plain.findtext(f"{SAML}Issuer")
    if issuer is None and len(identity_providers) == 1:
        return next(iter(identity_providers.values()))
    idp = identity_providers.get(issuer or "")
    if idp is None:
        raise ResponseRejected(Reason.ISSUER, f"unknown Issuer {(issuer or '')[:300]!r}")
    return idp


def _decrypted(
    encrypted: etree._Element, sp: ServiceProvider
) -> tuple[etree._Element, signature.Signature | None]:
    """Open an EncryptedAssertion and treat what is inside like a message of its own."""
    plaintext = encryption.decrypt(encrypted, sp.keys)
    try:
        return _opened(plaintext)
    except ResponseRejected as refusal:
        # Which step failed tells a stranger about the plaintext: a padding oracle.
        raise ResponseRejected(Reason.DECRYPTION, f"plaintext: {refusal}") from None


def _opened(plaintext: bytes) -> tuple[etree._Element, signature.Signature | None]:
    assertion = parse(plaintext)
    if assertion.tag != f"{SAML}Assertion":
        raise ResponseRejected(Reason.DECRYPTION, f"holds {assertion.tag!r}"[:300])
    _check_ids_and_leaves(assertion)
    if len(list(assertion.iter(f"{SAML}Assertion", f"{SAML}EncryptedAssertion"))) != 1:
        raise ResponseRejected(Reason.ASSERTION_COUNT, "an Assertion inside an Assertion")
    inner = signature.signature_of(assertion)
    signature.refuse_stray_signatures(assertion, [assertion])
    schema.check_protocol(assertion)
    return assertion, inner


def _check_signed(
    idp: IdentityProvider, *, response_is_signed: bool, assertion_is_signed: bool
) -> None:
    holds = {
        "any": response_is_signed or assertion_is_signed,
        "assertion": assertion_is_signed,
        "response": response_is_signed,
        "both": response_is_signed and assertion_is_signed,
    }[idp.policy.want_signed]
    if not holds:
        raise ResponseRejected(
            Reason.SIGNATURE_MISSING,
            f"wanted {idp.policy.want_signed}, Response signed: {response_is_signed}, "
            f"Assertion signed: {assertion_is_signed}",
        )


def _signed_only(
    response: etree._Element,
    assertion: etree._Element | None,
    outer: signature.Signature | None,
    inner: signature.Signature | None,
    was_encrypted: bool,
) -> tuple[etree._Element, etree._Element]:
    """Return Response and Assertion as read from the bytes that the signatures cover.

    The Response is the one received where it is not signed; the Assertion never is.
    """
    # The outer bytes hold the inner Signature, so they are taken while it is still there.
    outer_bytes = signature.signed_bytes(outer) if outer is not None else None
    if outer_bytes is not None:
        response = parse_own(outer_bytes)
    if inner is not None:
        assertion = parse_own(signature.signed_bytes(inner))
    elif not was_encrypted:
        assertion = response.find(f"{SAML}Assertion")
    if assertion is None:
        raise ResponseRejected(Reason.ASSERTION_COUNT, "no signed Assertion")
    return response, assertion


def _checked(
    response: etree._Element,
    assertion: etree._Element,
    sp: ServiceProvider,
    idp: IdentityProvider,
    clock: checks.Clock,
    *,
    is_signed: bool,
) -> VerifiedResponse:
    checks.check_issuer(response, idp.entity_id, required=False)
    checks.check_destination(response, sp.acs_url, required=is_signed)
    clock.not_in_future(response, "IssueInstant")
    if assertion.get("Version") != "2.0":
        raise ResponseRejected(Reason.VERSION, f"Assertion {assertion.get('Version')!r}"[:300])
    checks.check_issuer(assertion, idp.entity_id, required=True)
    issue_instant = clock.not_in_future(assertion, "IssueInstant")
    subject = assertion.find(f"{SAML}Subject")
    if subject is None:
        raise ResponseRejected(Reason.NAME_ID, "no Subject")
    checks.check_conditions(assertion, sp, clock)
    confirmation = checks.check_confirmation(subject, sp, clock)
    in_response_to = checks.check_in_response_to(response, confirmation)
    authentication = checks.check_authn_statement(assertion, idp, clock)
    read_assertion = Assertion(
        id=assertion.get("ID") or "",
        issuer=idp.entity_id,
        name_id=checks.read_name_id(_name_id_element(subject, sp)),
        issue_instant=issue_instant,
        usable_until=checks.last_not_on_or_after(assertion, clock) + clock.skew,
        authn_instant=authentication.instant,
        authn_context_class=authentication.context_class,
        session_index=authentication.session_index,
        session_not_on_or_after=authentication.session_not_on_or_after,
        in_response_to=in_response_to,
    )
    return VerifiedResponse(idp, in_response_to, read_assertion)


def _name_id_element(subject: etree._Element, sp: ServiceProvider) -> etree._Element:
    name_id = subject.find(f"{SAML}NameID")
    if name_id is not None:
        return name_id
    encrypted = subject.find(f"{SAML}EncryptedID")
    if encrypted is None:
        raise ResponseRejected(Reason.NAME_ID, "neither NameID nor EncryptedID")
    name_id = parse(encryption.decrypt(encrypted, sp.keys))
    if name_id.tag != f"{SAML}NameID":
        raise ResponseRejected(Reason.NAME_ID, f"EncryptedID holds {name_id.tag!r}"[:300])
    return name_id
