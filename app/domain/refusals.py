"""Why a sign-in was refused: a closed list, each with what the person at the door is told.

The reason is for the administrators' log. The person reads the sentence and sees the public
code, which is coarser on purpose: it never tells which check of the protocol failed nor
whether an account exists.
"""

from dataclasses import dataclass
from enum import StrEnum


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a sentence for translation without translating it here."""
    return sentence


class Reason(StrEnum):
    """Every reason that Doorward itself (not the SAML reader) refuses a sign-in for."""

    NO_MATCH = "NO_MATCH"
    AMBIGUOUS = "AMBIGUOUS"
    ACCOUNT_DISABLED = "ACCOUNT_DISABLED"
    SSO_OFF = "SSO_OFF"
    NO_IDP = "NO_IDP"
    UNKNOWN_REQUEST = "UNKNOWN_REQUEST"
    ALREADY_USED = "ALREADY_USED"
    RELAY_STATE = "RELAY_STATE"
    RESTART_LOOP = "RESTART_LOOP"
    TICKET_UNKNOWN = "TICKET_UNKNOWN"
    OTHER_BROWSER = "OTHER_BROWSER"
    PASSWORD_WRONG = "PASSWORD_WRONG"  # noqa: S105 - a reason code, not a password
    THROTTLED = "THROTTLED"
    SSO_ENFORCED = "SSO_ENFORCED"
    NOT_EMERGENCY = "NOT_EMERGENCY"


class PublicCode(StrEnum):
    """What an employee may quote to an administrator beside the reference."""

    NO_MATCH = "NO_MATCH"
    ACCOUNT_DISABLED = "ACCOUNT_DISABLED"
    EXPIRED = "EXPIRED"
    CLOCK = "CLOCK"
    ALREADY_USED = "ALREADY_USED"
    IDP_DENIED = "IDP_DENIED"
    IDP_CONFIG = "IDP_CONFIG"
    SSO_OFF = "SSO_OFF"
    CREDENTIALS = "CREDENTIALS"
    THROTTLED = "THROTTLED"


@dataclass(frozen=True, slots=True)
class PublicRefusal:
    """What the person is told: a code, a sentence, advice, and whether trying again can help."""

    code: PublicCode
    sentence: str
    advice: str
    retry_helps: bool
    status: int = 403


_TELL_ADMINISTRATOR = N_("Send the reference below to your administrator.")
_START_AGAIN = N_("Start again from the sign-in page.")

PUBLIC: dict[PublicCode, PublicRefusal] = {
    refusal.code: refusal
    for refusal in (
        PublicRefusal(
            PublicCode.NO_MATCH,
            N_("Your company sign-in worked, but no account here belongs to it."),
            _TELL_ADMINISTRATOR,
            retry_helps=False,
        ),
        PublicRefusal(
            PublicCode.ACCOUNT_DISABLED,
            N_("Your account is switched off at the moment."),
            _TELL_ADMINISTRATOR,
            retry_helps=False,
        ),
        PublicRefusal(
            PublicCode.EXPIRED,
            N_("The sign-in took too long, or came back to a different browser."),
            _START_AGAIN,
            retry_helps=True,
        ),
        PublicRefusal(
            PublicCode.CLOCK,
            N_("The clock of your company's sign-in service differs too much from ours."),
            _TELL_ADMINISTRATOR,
            retry_helps=True,
        ),
        PublicRefusal(
            PublicCode.ALREADY_USED,
            N_("This sign-in was already used once."),
            _START_AGAIN,
            retry_helps=True,
        ),
        PublicRefusal(
            PublicCode.IDP_DENIED,
            N_("Your company's sign-in service did not sign you in."),
            _START_AGAIN,
            retry_helps=True,
        ),
        PublicRefusal(
            PublicCode.IDP_CONFIG,
            N_("The answer of your company's sign-in service could not be accepted."),
            _TELL_ADMINISTRATOR,
            retry_helps=False,
        ),
        PublicRefusal(
            PublicCode.SSO_OFF,
            N_("Company sign-in is switched off here. Sign in with your password instead."),
            _START_AGAIN,
            retry_helps=False,
        ),
        PublicRefusal(
            PublicCode.CREDENTIALS,
            N_("This username and password do not let you in."),
            N_("Check both and try again."),
            retry_helps=True,
        ),
        PublicRefusal(
            PublicCode.THROTTLED,
            N_("There were too many attempts. Wait a few minutes, then try again."),
            N_("Wait a few minutes, then try again."),
            retry_helps=True,
            status=429,
        ),
    )
}

PUBLIC_CODE_OF: dict[str, PublicCode] = {
    Reason.NO_MATCH: PublicCode.NO_MATCH,
    Reason.AMBIGUOUS: PublicCode.NO_MATCH,
    Reason.ACCOUNT_DISABLED: PublicCode.ACCOUNT_DISABLED,
    Reason.SSO_OFF: PublicCode.SSO_OFF,
    Reason.NO_IDP: PublicCode.IDP_CONFIG,
    Reason.UNKNOWN_REQUEST: PublicCode.EXPIRED,
    Reason.ALREADY_USED: PublicCode.ALREADY_USED,
    Reason.RELAY_STATE: PublicCode.EXPIRED,
    Reason.RESTART_LOOP: PublicCode.IDP_CONFIG,
    Reason.TICKET_UNKNOWN: PublicCode.EXPIRED,
    Reason.OTHER_BROWSER: PublicCode.EXPIRED,
    Reason.PASSWORD_WRONG: PublicCode.CREDENTIALS,
    Reason.THROTTLED: PublicCode.THROTTLED,
    Reason.SSO_ENFORCED: PublicCode.CREDENTIALS,
    Reason.NOT_EMERGENCY: PublicCode.CREDENTIALS,
    # The SAML reader's reasons, by name: `domain` does not know the package `saml`.
    "IDP_STATUS": PublicCode.IDP_DENIED,
    "NO_PASSIVE": PublicCode.IDP_DENIED,
    "EXPIRED": PublicCode.EXPIRED,
    "NOT_YET_VALID": PublicCode.CLOCK,
    "IN_RESPONSE_TO": PublicCode.EXPIRED,
    # Faults between IdP and SP, about which the employee can do nothing.
    **dict.fromkeys(
        (
            "MALFORMED",
            "TOO_LARGE",
            "FORBIDDEN_XML",
            "SCHEMA",
            "VERSION",
            "ASSERTION_COUNT",
            "DUPLICATE_ID",
            "ISSUER",
            "SIGNATURE_MISSING",
            "SIGNATURE_PROFILE",
            "SIGNATURE_ALGORITHM",
            "SIGNATURE_INVALID",
            "ENCRYPTION_REQUIRED",
            "DECRYPTION",
            "DESTINATION",
            "RECIPIENT",
            "AUDIENCE",
            "CONFIRMATION",
            "CONDITIONS",
            "AUTHN_STATEMENT",
            "AUTHN_CONTEXT",
            "NAME_ID",
            "UNSOLICITED",
        ),
        PublicCode.IDP_CONFIG,
    ),
}


def public_refusal(reason: str) -> PublicRefusal:
    """Return what the person is told for `reason`, a `Reason` or a code of the SAML reader."""
    return PUBLIC[PUBLIC_CODE_OF[reason]]


class SignInRefused(Exception):
    """A sign-in was refused; the attempt is in the log under `reference`."""

    def __init__(self, reason: str, detail: str = "", reference: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.reference = reference
