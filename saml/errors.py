"""The closed list of refusals.

Each has a code for the log, a sentence that may be shown to anybody, and, on the exception,
a private detail that may not: it can quote the message.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a sentence for a translation catalogue without translating it here."""
    return sentence


class Notice(str):
    """A sentence for an administrator: a str in English that can still be translated.

    `sentence` is what the catalogue knows (marked with N_), `values` fill its `%(name)s`; a
    value may be a Notice itself. In a page: `gettext(notice.sentence, **notice.values)`.
    """

    __slots__ = ("sentence", "values")
    sentence: str
    values: Mapping[str, str]

    def __new__(cls, sentence: str, **values: object) -> Self:
        """Fill the values in; without any, the sentence is taken as it stands."""
        told = {
            name: value if isinstance(value, str) else str(value) for name, value in values.items()
        }
        notice = super().__new__(cls, sentence % told if told else sentence)
        notice.sentence = sentence
        notice.values = told
        return notice


class Reason(StrEnum):
    """Why a Response was refused. The value is the code; `sentence` explains it."""

    MALFORMED = "MALFORMED"
    TOO_LARGE = "TOO_LARGE"
    FORBIDDEN_XML = "FORBIDDEN_XML"
    SCHEMA = "SCHEMA"
    VERSION = "VERSION"
    ASSERTION_COUNT = "ASSERTION_COUNT"
    DUPLICATE_ID = "DUPLICATE_ID"
    ISSUER = "ISSUER"
    SIGNATURE_MISSING = "SIGNATURE_MISSING"
    SIGNATURE_PROFILE = "SIGNATURE_PROFILE"
    SIGNATURE_ALGORITHM = "SIGNATURE_ALGORITHM"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    ENCRYPTION_REQUIRED = "ENCRYPTION_REQUIRED"
    DECRYPTION = "DECRYPTION"
    IDP_STATUS = "IDP_STATUS"
    NO_PASSIVE = "NO_PASSIVE"
    DESTINATION = "DESTINATION"
    RECIPIENT = "RECIPIENT"
    AUDIENCE = "AUDIENCE"
    CONFIRMATION = "CONFIRMATION"
    CONDITIONS = "CONDITIONS"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    AUTHN_STATEMENT = "AUTHN_STATEMENT"
    AUTHN_CONTEXT = "AUTHN_CONTEXT"
    NAME_ID = "NAME_ID"
    IN_RESPONSE_TO = "IN_RESPONSE_TO"
    UNSOLICITED = "UNSOLICITED"

    @property
    def sentence(self) -> str:
        """What this refusal means, in one sentence that quotes nothing of the message."""
        return SENTENCES[self]


SENTENCES: dict[Reason, str] = {
    Reason.MALFORMED: N_("The message is not a SAML Response in base64."),
    Reason.TOO_LARGE: N_("The message is larger or more deeply nested than any real Response."),
    Reason.FORBIDDEN_XML: N_("The message has a DOCTYPE or a processing instruction."),
    Reason.SCHEMA: N_("The message does not follow SAML's XML schema."),
    Reason.VERSION: N_("The message is not of SAML version 2.0."),
    Reason.ASSERTION_COUNT: N_("A Response must hold exactly one Assertion, at its usual place."),
    Reason.DUPLICATE_ID: N_("The message uses one ID for two elements."),
    Reason.ISSUER: N_("The Response comes from an identity provider that is not set up here."),
    Reason.SIGNATURE_MISSING: N_("The part that has to be signed is not signed."),
    Reason.SIGNATURE_PROFILE: N_("A signature is not of the form that SAML prescribes."),
    Reason.SIGNATURE_ALGORITHM: N_("A signature or encryption algorithm is not allowed here."),
    Reason.SIGNATURE_INVALID: N_(
        "A signature does not fit any certificate of the identity provider."
    ),
    Reason.ENCRYPTION_REQUIRED: N_("The Assertion is not encrypted, but has to be."),
    Reason.DECRYPTION: N_("The encrypted part could not be read with our keys."),
    Reason.IDP_STATUS: N_("The identity provider answered that it did not sign the person in."),
    Reason.NO_PASSIVE: N_("The identity provider would have had to ask the person to sign in."),
    Reason.DESTINATION: N_("The Response is addressed to another URL (Destination)."),
    Reason.RECIPIENT: N_("The Assertion is addressed to another URL (Recipient)."),
    Reason.AUDIENCE: N_("The Assertion is meant for another service provider (Audience)."),
    Reason.CONFIRMATION: N_("The Assertion has no usable bearer SubjectConfirmation."),
    Reason.CONDITIONS: N_("The Assertion has a condition that is missing or not understood."),
    Reason.EXPIRED: N_("The Assertion is no longer valid."),
    Reason.NOT_YET_VALID: N_("The Assertion is not valid yet: the clocks differ too much."),
    Reason.AUTHN_STATEMENT: N_("The Assertion does not say that the person signed in."),
    Reason.AUTHN_CONTEXT: N_("The person did not sign in by the method that was asked for."),
    Reason.NAME_ID: N_("The Assertion has no NameID that can be read as one piece of text."),
    Reason.IN_RESPONSE_TO: N_("The Response answers another request (InResponseTo)."),
    Reason.UNSOLICITED: N_("The Response answers no request, and such are not accepted here."),
}


class ResponseRejected(Exception):
    """A Response was refused: `reason` is the closed code, `detail` is for the log only."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail


class _Explained(Exception):
    def __init__(self, sentence: str, **values: object) -> None:
        self.notice = Notice(sentence, **values)
        super().__init__(self.notice)

    @property
    def sentence(self) -> str:
        """The sentence as the catalogue knows it, its values not filled in."""
        return self.notice.sentence

    @property
    def values(self) -> Mapping[str, str]:
        """What fills the sentence's `%(name)s`."""
        return self.notice.values


class MetadataRejected(_Explained):
    """Metadata cannot be used. The message is one sentence for whoever imports it."""


class KeyUnusable(_Explained):
    """A key or certificate is too weak or not of a usable kind. The message says why."""
