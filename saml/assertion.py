"""What a verified Response says, as frozen values that hold only what was signed."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NameID:
    """The name of the person at the IdP. The qualifiers are kept for logout, never compared."""

    value: str
    format: str | None = None
    name_qualifier: str | None = None
    sp_name_qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Assertion:
    """One verified Assertion. All instants are UTC.

    `usable_until` is the instant, skew included, after which no check would accept this
    Assertion any more: its ID has to be remembered until then.
    """

    id: str
    issuer: str
    name_id: NameID
    issue_instant: datetime
    usable_until: datetime
    authn_instant: datetime
    authn_context_class: str | None
    session_index: str | None
    session_not_on_or_after: datetime | None
    in_response_to: str | None
