"""The words that pages use for closed lists of the domain."""

from flask_babel import gettext

from app.domain.identifiers import Identifier
from app.domain.refusals import N_

_RULES = {
    Identifier.SSO_ID: N_("SSO ID"),
    Identifier.PRIMARY_EMAIL: N_("Primary email"),
    Identifier.USERNAME: N_("Username"),
    Identifier.EMPLOYEE_NUMBER: N_("Employee number"),
}


def rule_label(rule: str) -> str:
    """Return what a matching rule is called, in the page's language."""
    return str(gettext(_RULES[Identifier(rule)]))
