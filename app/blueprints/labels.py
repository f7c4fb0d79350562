"""The words that pages use for closed lists of the domain."""

from collections.abc import Iterable

from flask_babel import gettext

from app.domain import explanations
from app.domain.identifiers import Identifier
from app.domain.refusals import N_
from app.domain.user_agents import browser_and_system
from saml.errors import Notice, Reason

_RULES = {
    Identifier.SSO_ID: N_("SSO ID"),
    Identifier.PRIMARY_EMAIL: N_("Primary email"),
    Identifier.USERNAME: N_("Username"),
    Identifier.EMPLOYEE_NUMBER: N_("Employee number"),
}
#: The fields of an identity provider's policy, in plain words.
POLICY_LABELS = {
    "unsolicited": N_("When a response comes that nobody asked for"),
    "want_signed": N_("What has to be signed"),
    "want_encrypted": N_("Refuse assertions that are not encrypted"),
    "clock_skew": N_("How many seconds the clocks may differ"),
    "sign_requests": N_("Sign what we send"),
    "nameid_format": N_("The kind of NameID to ask for"),
    "authn_context": N_("How people have to sign in there"),
    "signed_logout": N_("Refuse logout messages without a signature"),
}
_POLICY_CHOICES = {
    "unsolicited": {
        "restart": N_("Start over from here (recommended)"),
        "accept": N_("Sign the person in"),
        "refuse": N_("Refuse it"),
    },
    "want_signed": {
        "any": N_("The assertion or the response around it (recommended)"),
        "assertion": N_("The assertion"),
        "response": N_("The response"),
        "both": N_("Both"),
    },
    "nameid_format": {
        "any": N_("Whatever it sends (recommended)"),
        "email": N_("E-mail address"),
        "persistent": N_("Persistent"),
        "transient": N_("Transient: new at every sign-in, finds nobody"),
        "unspecified": N_("Unspecified"),
    },
}
_METHODS = {
    "sso": N_("Company sign-in"),
    "password": N_("Password"),
    "emergency": N_("Administrator emergency sign-in"),
}


def rule_label(rule: str) -> str:
    """Return what a matching rule is called, in the page's language."""
    return str(gettext(_RULES[Identifier(rule)]))


def method_label(method: str) -> str:
    """Return what a way to sign in is called."""
    return str(gettext(_METHODS[method]))


def device_label(user_agent: str) -> str:
    """Return what a session's owner knows their browser and device by."""
    browser, system = browser_and_system(user_agent)
    if browser and system:
        return str(gettext("%(browser)s on %(system)s", browser=browser, system=system))
    return browser or system or str(gettext("Unknown device"))


def notice_text(notice: Notice) -> str:
    """Return a Notice in the page's language; its values may be Notices too."""
    values = {
        name: notice_text(value) if isinstance(value, Notice) else value
        for name, value in notice.values.items()
    }
    return str(gettext(notice.sentence, **values))


def choices(field: str, values: Iterable[str]) -> list[tuple[str, str]]:
    """Return a policy field's values, each with what it is called."""
    return [(value, str(gettext(_POLICY_CHOICES[field][value]))) for value in values]


def reason_sentence(reason: str) -> str:
    """Return what a refusal's reason means, for administrators."""
    sentences = explanations.SENTENCES
    return str(gettext(sentences[reason] if reason in sentences else Reason(reason).sentence))


def reason_advice(reason: str) -> str:
    """Return what an administrator can do about a refusal."""
    return str(gettext(explanations.ADVICE[reason]))
