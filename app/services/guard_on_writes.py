"""The guard on writes, over SQL: who else holds what an account is about to get or give up."""

from collections.abc import Mapping

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.domain.collisions import Collision, Holder, Keys, affected_values, collisions
from app.domain.identifiers import Identifier
from app.domain.matching import Candidate
from app.models import Account
from app.services.errors import Conflict

_MOST_HOLDERS = 200
FIELD_NAMES: Mapping[Identifier, str] = {
    Identifier.SSO_ID: "ssoId",
    Identifier.PRIMARY_EMAIL: "primaryEmail",
    Identifier.USERNAME: "username",
    Identifier.EMPLOYEE_NUMBER: "employeeNumber",
}


def keys_of(account: Account) -> Keys:
    """Return an account's canonical identifiers."""
    return {
        Identifier.SSO_ID: account.sso_id_key,
        Identifier.PRIMARY_EMAIL: account.email_key,
        Identifier.USERNAME: account.username_key,
        Identifier.EMPLOYEE_NUMBER: account.employee_number_key,
    }


def find_collisions(
    session: Session, tenant_id: str, account: Candidate, before: Keys, after: Keys
) -> tuple[Collision, ...]:
    """Return what the write would do to others; see `domain.collisions`.

    Within the caller's transaction, before anything is written.
    """
    values = affected_values(before, after)
    if not values:
        return ()
    rows = session.execute(
        select(Account)
        .where(
            Account.tenant_id == tenant_id,
            Account.id != account.account_id,
            or_(
                Account.sso_id_folded.in_(values),
                Account.email_key.in_(values),
                Account.username_key.in_(values),
                Account.employee_number_folded.in_(values),
            ),
        )
        .limit(_MOST_HOLDERS)
    ).scalars()
    others = [
        Holder(Candidate(row.id, row.person_id, row.username, row.is_enabled), keys_of(row))
        for row in rows
    ]
    return collisions(account, before, after, others)


def conflict(collision: Collision) -> Conflict:
    """Return the refusal of a write: it names the field and the rule, never the other person."""
    field = FIELD_NAMES[collision.field]
    if collision.is_duplicate:
        return Conflict(field, f"Another account has this {field}.", rule=collision.rule.value)
    return Conflict(
        field,
        f"This {field} would change whom a sign-in finds: another account is found by it "
        f"under the rule {collision.rule.value}.",
        rule=collision.rule.value,
    )
