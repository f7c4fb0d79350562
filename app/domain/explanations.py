"""What a refused sign-in means to an administrator, and what to do about it.

The person at the door is told less (see `refusals`). What the SAML reader's reasons mean is
said by `saml.errors`; here is what to do about them, by name.
"""

from app.domain.refusals import N_, Reason

#: What happened, for our own reasons.
SENTENCES: dict[str, str] = {
    Reason.NO_MATCH: N_("The response was accepted, but no account is found by its NameID."),
    Reason.AMBIGUOUS: N_("Several accounts are found by its NameID under one rule."),
    Reason.ACCOUNT_DISABLED: N_("The NameID finds an account that is disabled."),
    Reason.SSO_OFF: N_("Single sign-on was off."),
    Reason.NO_IDP: N_("There is no identity provider, or not the one that was asked for."),
    Reason.UNKNOWN_REQUEST: N_("The response answers a request that is not known, or is too old."),
    Reason.ALREADY_USED: N_("The response was already used once."),
    Reason.RELAY_STATE: N_("The response came back with the RelayState of another sign-in."),
    Reason.RESTART_LOOP: N_(
        "The identity provider answered our request with a response that answers no request."
    ),
    Reason.TICKET_UNKNOWN: N_("The last step came too late, or twice."),
    Reason.OTHER_BROWSER: N_("The sign-in ended in another browser than it began in."),
    Reason.PASSWORD_WRONG: N_("The username or the password was wrong, or the account disabled."),
    Reason.THROTTLED: N_("There were too many attempts from this address or for this name."),
    Reason.SSO_ENFORCED: N_("The password was right, but passwords are refused here."),
    Reason.NOT_EMERGENCY: N_(
        "The password was right, but the account is not on the emergency list."
    ),
}

_CHECK_OUR_VALUES = N_(
    "Compare our entity ID and ACS URL with what the identity provider has on file for us."
)
_IMPORT_AGAIN = N_("Import the identity provider’s metadata again: its keys may have changed.")
_IDP_FAULT = N_(
    "Send the code and the detail to whoever runs the identity provider: its message is at fault."
)
_ATTACK = N_(
    "Once is chance. If it comes again, somebody may be trying forged messages: nobody got in."
)
_TRY_AGAIN = N_("Nothing: the person starts again from the sign-in page.")
_SIGNING = N_("Let the identity provider sign the Assertion or the whole Response.")
_CLOCKS = N_("Check both clocks. A larger difference can be allowed in the provider’s policy.")
_LOOK_THERE = N_("Look into the identity provider’s own log: it says why.")

#: What to do, for every reason there is.
ADVICE: dict[str, str] = {
    Reason.NO_MATCH: N_(
        "Set the NameID as the SSO ID of the right account, or let the identity provider send "
        "another identifier."
    ),
    Reason.AMBIGUOUS: N_(
        "Give each of these people an SSO ID of their own, or let the identity provider send "
        "something that is theirs alone."
    ),
    Reason.ACCOUNT_DISABLED: N_("Enable the account if the person should be able to sign in."),
    Reason.SSO_OFF: N_("Turn single sign-on on, or let people sign in with their password."),
    Reason.NO_IDP: N_("Import the metadata of your identity provider."),
    Reason.UNKNOWN_REQUEST: _TRY_AGAIN,
    Reason.ALREADY_USED: N_(
        "Nothing, if somebody went back or reloaded. If it comes again, find out who replays it."
    ),
    Reason.RELAY_STATE: N_(
        "If it comes again, the identity provider mixes sign-ins up: send it the detail."
    ),
    Reason.RESTART_LOOP: N_(
        "Let the identity provider answer our requests (InResponseTo), or accept unsolicited "
        "responses in its policy."
    ),
    Reason.TICKET_UNKNOWN: _TRY_AGAIN,
    Reason.OTHER_BROWSER: N_(
        "Nothing, if a link was opened elsewhere. If it comes again, cookies may be blocked, or "
        "somebody tries to sign others in."
    ),
    Reason.PASSWORD_WRONG: _TRY_AGAIN,
    Reason.THROTTLED: N_(
        "Wait a few minutes. If the person does not know of it, somebody is guessing."
    ),
    Reason.SSO_ENFORCED: N_("The person signs in through the identity provider."),
    Reason.NOT_EMERGENCY: N_("Only named administrators sign in that way."),
    "MALFORMED": _IDP_FAULT,
    "TOO_LARGE": _ATTACK,
    "FORBIDDEN_XML": _ATTACK,
    "SCHEMA": _IDP_FAULT,
    "VERSION": _IDP_FAULT,
    "ASSERTION_COUNT": _ATTACK,
    "DUPLICATE_ID": _ATTACK,
    "ISSUER": N_("Import the metadata of the identity provider that the detail names, if right."),
    "SIGNATURE_MISSING": _SIGNING,
    "SIGNATURE_PROFILE": _ATTACK,
    "SIGNATURE_ALGORITHM": N_(
        "Let the identity provider sign with RSA or ECDSA and SHA-256 or better."
    ),
    "SIGNATURE_INVALID": _IMPORT_AGAIN,
    "ENCRYPTION_REQUIRED": N_(
        "Let the identity provider encrypt, or stop demanding it in its policy."
    ),
    "DECRYPTION": N_(
        "Give the identity provider our present metadata: it may encrypt for an old key."
    ),
    "IDP_STATUS": _LOOK_THERE,
    "NO_PASSIVE": _TRY_AGAIN,
    "DESTINATION": _CHECK_OUR_VALUES,
    "RECIPIENT": _CHECK_OUR_VALUES,
    "AUDIENCE": _CHECK_OUR_VALUES,
    "CONFIRMATION": _IDP_FAULT,
    "CONDITIONS": _IDP_FAULT,
    "EXPIRED": _CLOCKS,
    "NOT_YET_VALID": _CLOCKS,
    "AUTHN_STATEMENT": _IDP_FAULT,
    "AUTHN_CONTEXT": N_(
        "Let the identity provider use the method asked for, or ask for none in its policy."
    ),
    "NAME_ID": N_("Let the identity provider send a NameID: an e-mail address, for example."),
    "IN_RESPONSE_TO": _TRY_AGAIN,
    "UNSOLICITED": N_(
        "Let people start from our sign-in page, or accept unsolicited responses in the "
        "provider’s policy."
    ),
}
