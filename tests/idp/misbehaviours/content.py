"""Responses that are signed as they should be and say what they should not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from tests.idp import terms
from tests.idp.keys import Keys
from tests.idp.misbehaviours.misbehaviour import Misbehaviour, later, saying, shifted
from tests.idp.reply import Reply
from tests.idp.responses import assertion_in_its_envelope, build, response_around

ELSEWHERE: Final = "https://elsewhere.example"


def _refused(code: str, about: str, **knobs: Any) -> Misbehaviour:
    return Misbehaviour(about, code, saying(lambda reply: replace(reply, **knobs)))


def _same_assertion_id(reply: Reply) -> Reply:
    return replace(reply, assertion_id=reply.last_assertion_id or reply.assertion_id)


def _failed_with_assertion(reply: Reply, keys: Keys) -> bytes:
    failed = replace(reply, status=(terms.RESPONDER,))
    return response_around(assertion_in_its_envelope(reply, keys), failed, keys)


STATUS: Final[dict[str, Misbehaviour]] = {
    "status_responder": _refused(
        "IDP_STATUS",
        "the IdP says that it failed",
        status=(terms.RESPONDER,),
        status_message="The directory does not answer <1234>.",
    ),
    "status_nested": _refused(
        "IDP_STATUS",
        "Responder, and nested in it AuthnFailed",
        status=(terms.RESPONDER, terms.AUTHN_FAILED),
    ),
    "no_passive": _refused(
        "NO_PASSIVE",
        "the IdP would have had to ask the person",
        status=(terms.RESPONDER, terms.NO_PASSIVE),
    ),
    "no_passive_requester": _refused(
        "NO_PASSIVE",
        "NoPassive nested in Requester",
        status=(terms.REQUESTER, terms.NO_PASSIVE),
    ),
    "status_empty": _refused("IDP_STATUS", "a StatusCode whose Value is empty", status=("",)),
    "status_success_nested": _refused(
        "IDP_STATUS", "Success nested in Responder", status=(terms.RESPONDER, terms.SUCCESS)
    ),
    "status_failed_with_assertion": Misbehaviour(
        "status Responder, and a good Assertion all the same", "IDP_STATUS", _failed_with_assertion
    ),
}

PARTIES: Final[dict[str, Misbehaviour]] = {
    "version_1_1": _refused("VERSION", "the Response is of version 1.1", version="1.1"),
    "assertion_version_1_1": _refused(
        "VERSION", "the Assertion is of version 1.1", assertion_version="1.1"
    ),
    "wrong_issuer": _refused(
        "ISSUER",
        "another IdP's entity ID, signed by our IdP",
        issuer=f"{ELSEWHERE}/idp",
        response_issuer=f"{ELSEWHERE}/idp",
    ),
    "wrong_assertion_issuer": _refused(
        "ISSUER", "the Assertion names another issuer than the Response", issuer=f"{ELSEWHERE}/idp"
    ),
    "wrong_response_issuer": _refused(
        "ISSUER",
        "the Response names another issuer than the Assertion",
        response_issuer=f"{ELSEWHERE}/idp",
    ),
    "wrong_destination": _refused(
        "DESTINATION", "addressed to another URL", destination=f"{ELSEWHERE}/saml/acs"
    ),
    "destination_longer": Misbehaviour(
        "the Destination only begins with our URL",
        "DESTINATION",
        saying(lambda reply: replace(reply, destination=f"{reply.destination}.{ELSEWHERE}")),
    ),
    "destination_upper_case": Misbehaviour(
        "the Destination is our URL but for the case of its letters",
        "DESTINATION",
        saying(lambda reply: replace(reply, destination=reply.addressee.acs_url.upper())),
    ),
    "destination_empty": _refused("DESTINATION", "an empty Destination", destination=""),
    "no_destination": _refused(
        "DESTINATION", "a signed Response without Destination", destination=None, sign="both"
    ),
    "wrong_recipient": _refused(
        "RECIPIENT", "the Recipient is another URL", recipient=f"{ELSEWHERE}/saml/acs"
    ),
    "recipient_contains": Misbehaviour(
        "the Recipient only contains our URL",
        "RECIPIENT",
        saying(lambda reply: replace(reply, recipient=f"{ELSEWHERE}/?{reply.addressee.acs_url}")),
    ),
    "recipient_shorter": Misbehaviour(
        "the Recipient is a part of our URL",
        "RECIPIENT",
        saying(lambda reply: replace(reply, recipient=reply.addressee.acs_url[:-1])),
    ),
    "no_recipient": _refused("RECIPIENT", "no Recipient", recipient=None),
    "wrong_audience": _refused(
        "AUDIENCE", "meant for another service provider", audiences=((f"{ELSEWHERE}/sp",),)
    ),
    "no_audience": _refused("AUDIENCE", "no AudienceRestriction", audiences=()),
    "audience_not_in_each": Misbehaviour(
        "one of two AudienceRestrictions does not name us",
        "AUDIENCE",
        saying(lambda reply: replace(reply, audiences=(*reply.audiences, (f"{ELSEWHERE}/sp",)))),
    ),
    "audience_longer": Misbehaviour(
        "the Audience only begins with our entity ID",
        "AUDIENCE",
        saying(lambda reply: replace(reply, audiences=((reply.addressee.entity_id + "/other",),))),
    ),
    "no_conditions": _refused("AUDIENCE", "no Conditions at all", conditions=False),
    "unknown_condition": Misbehaviour(
        "a Condition of a type that nobody knows",
        "SCHEMA",
        saying(
            lambda reply: replace(
                reply,
                conditions_xml=(
                    f'<saml:Condition xmlns:xsi="{terms.XSI}" xmlns:x="{ELSEWHERE}/ns"'
                    ' xsi:type="x:OnlyOnSundays"/>'
                ),
            )
        ),
    ),
    "condition_of_known_type": Misbehaviour(
        "a bare Condition that passes the schema by an xsi:type",
        "CONDITIONS",
        saying(
            lambda reply: replace(
                reply,
                conditions_xml=(
                    f'<saml:Condition xmlns:xsi="{terms.XSI}" xsi:type="saml:OneTimeUseType"/>'
                ),
            )
        ),
    ),
}

TIMES: Final[dict[str, Misbehaviour]] = {
    "old": Misbehaviour(
        "an hour old", "EXPIRED", saying(lambda reply: shifted(reply, -timedelta(hours=1)))
    ),
    "just_expired": Misbehaviour(
        "over since exactly the clock skew",
        "EXPIRED",
        saying(lambda reply: shifted(reply, -timedelta(minutes=7))),
    ),
    "future": Misbehaviour(
        "from the next hour",
        "NOT_YET_VALID",
        saying(lambda reply: shifted(reply, timedelta(hours=1))),
    ),
    "bad_clock": Misbehaviour(
        "the IdP's clock is ten minutes ahead",
        "NOT_YET_VALID",
        saying(lambda reply: shifted(reply, timedelta(minutes=10))),
    ),
    "expired_conditions": Misbehaviour(
        "only the Conditions are over",
        "EXPIRED",
        saying(
            lambda reply: replace(
                reply,
                not_before=later(reply, -timedelta(hours=2)),
                not_on_or_after=later(reply, -timedelta(hours=1)),
            )
        ),
    ),
    "expired_confirmation": Misbehaviour(
        "only the SubjectConfirmationData is over",
        "EXPIRED",
        saying(
            lambda reply: replace(
                reply, confirmation_not_on_or_after=later(reply, -timedelta(hours=1))
            )
        ),
    ),
    "session_over": Misbehaviour(
        "SessionNotOnOrAfter lies in the past",
        "EXPIRED",
        saying(
            lambda reply: replace(reply, session_not_on_or_after=later(reply, -timedelta(hours=1)))
        ),
    ),
    "instant_in_words": _refused(
        "SCHEMA", "an instant that is none", not_on_or_after="tomorrow at noon"
    ),
    "instant_far_away": _refused(
        "EXPIRED", "an instant of the year 99999", not_on_or_after="99999-01-01T00:00:00Z"
    ),
}

SUBJECT: Final[dict[str, Misbehaviour]] = {
    "no_confirmation": _refused("CONFIRMATION", "no SubjectConfirmation", confirmation_method=None),
    "holder_of_key": _refused(
        "CONFIRMATION", "holder-of-key only", confirmation_method=terms.HOLDER_OF_KEY
    ),
    "no_confirmation_expiry": _refused(
        "CONFIRMATION", "bearer without NotOnOrAfter", confirmation_not_on_or_after=None
    ),
    "no_name_id": _refused("NAME_ID", "no NameID", name_id=None),
    "empty_name_id": _refused("NAME_ID", "an empty NameID", name_id=""),
    "blank_name_id": _refused("NAME_ID", "a NameID of white space only", name_id=" \n\t "),
    "long_name_id_value": _refused(
        "NAME_ID", "a NameID of more than 1,024 characters", name_id="x" * 1025
    ),
    "long_name_id_format": _refused(
        "NAME_ID", "a Format longer than any there is", name_id_format="urn:" + "x" * 200
    ),
    "long_name_qualifier": _refused(
        "NAME_ID", "a NameQualifier of more than 1,024 characters", name_qualifier="x" * 1025
    ),
    "long_sp_name_qualifier": _refused(
        "NAME_ID", "an SPNameQualifier of more than 1,024 characters", sp_name_qualifier="x" * 1025
    ),
    "long_session_index": _refused(
        "AUTHN_STATEMENT", "a SessionIndex of more than 1,024 characters", session_index="x" * 1025
    ),
    "no_authn_statement": _refused("AUTHN_STATEMENT", "no AuthnStatement", authn_instant=None),
    "other_authn_context": Misbehaviour(
        "signed in by another method than was asked for",
        "AUTHN_CONTEXT",
        saying(lambda reply: replace(reply, authn_context_class=terms.PASSWORD)),
        policy={"authn_context": terms.PASSWORD_PROTECTED_TRANSPORT},
    ),
}

CORRELATION: Final[dict[str, Misbehaviour]] = {
    "wrong_in_response_to": _refused(
        "IN_RESPONSE_TO",
        "answers a request that nobody made",
        in_response_to="_nobody-asked-this",
        confirmation_in_response_to="_nobody-asked-this",
    ),
    "in_response_to_disagrees": _refused(
        "IN_RESPONSE_TO",
        "the signed InResponseTo is another than that of the unsigned Response",
        confirmation_in_response_to="_nobody-asked-this",
    ),
    "in_response_to_unsigned": _refused(
        "IN_RESPONSE_TO",
        "only the unsigned Response says what it answers",
        confirmation_in_response_to=None,
    ),
    "no_in_response_to": Misbehaviour(
        "answers no request, where that is refused",
        "UNSOLICITED",
        saying(lambda reply: replace(reply, in_response_to=None, confirmation_in_response_to=None)),
        policy={"unsolicited": "refuse"},
    ),
    "replayed": Misbehaviour(
        "the assertion ID of the last response once more",
        "ALREADY_USED",
        saying(_same_assertion_id),
        ledger=True,
    ),
    "want_response_signed": Misbehaviour(
        "only the Assertion is signed, where the Response has to be",
        "SIGNATURE_MISSING",
        build,
        policy={"want_signed": "response"},
    ),
    "want_assertion_signed": Misbehaviour(
        "only the Response is signed, where the Assertion has to be",
        "SIGNATURE_MISSING",
        saying(lambda reply: replace(reply, sign="response")),
        policy={"want_signed": "assertion"},
    ),
    "want_encrypted": Misbehaviour(
        "not encrypted, where that is asked for",
        "ENCRYPTION_REQUIRED",
        build,
        policy={"want_encrypted": "True"},
    ),
}
