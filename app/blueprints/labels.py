"""The words that pages use for closed lists of the domain."""

from flask_babel import gettext

from app.domain import explanations
from app.domain.identifiers import Identifier
from app.domain.refusals import N_
from app.domain.user_agents import browser_and_system
from saml.errors import Reason

_RULES = {
    Identifier.SSO_ID: N_("SSO ID"),
    Identifier.PRIMARY_EMAIL: N_("Primary email"),
    Identifier.USERNAME: N_("Username"),
    Identifier.EMPLOYEE_NUMBER: N_("Employee number"),
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


def reason_sentence(reason: str) -> str:
    """Return what a refusal's reason means, for administrators."""
    sentences = explanations.SENTENCES
    return str(gettext(sentences[reason] if reason in sentences else Reason(reason).sentence))


def reason_advice(reason: str) -> str:
    """Return what an administrator can do about a refusal."""
    return str(gettext(explanations.ADVICE[reason]))
