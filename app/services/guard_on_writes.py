"""The guard on writes, over SQL: who else holds what an account is about to get or give up."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.domain.collisions import Collision, affected_values, collisions
from app.domain.identifiers import Identifier, folded
from app.domain.matching import Candidate, Holder, Keys
from app.models import Account
from app.models import Tenant as TenantRow
from app.services.errors import Conflict
from app.services.holders import holding

#: Of those who share one address, two tell as much as a thousand.
_MOST_SHARING = 2
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


def take_turns(executor: Session | Connection, tenant_id: str) -> None:
    """Let no other transaction write this tenant's identifiers until this one ends.

    Without it two writes at once could each find nothing in their way. SQLite has one writer
    at a time by itself.
    """
    executor.execute(
        select(TenantRow.id).where(TenantRow.id == tenant_id).with_for_update(key_share=True)
    )


def find_collisions(
    session: Session,
    tenant_id: str,
    account: Candidate,
    before: Keys,
    after: Keys,
    *,
    shares_email: bool = False,
) -> tuple[Collision, ...]:
    """Return what the write would do to others; see `domain.collisions`.

    Within the caller's transaction, before anything is written; to be sure that it stays
    true, call `take_turns` first.
    """
    values = affected_values(before, after)
    others = holding(
        session, tenant_id, values, most_sharing=_MOST_SHARING, besides=account.account_id
    )
    return collisions(account, before, after, others, shares_email=shares_email)


class Batch:
    """New accounts one after another: those before count as existing for those after.

    Holds what the database says of the batch's values, so that one look-up serves them all.
    """

    def __init__(
        self, executor: Session | Connection, tenant_id: str, keys: Iterable[Keys]
    ) -> None:
        self._by_value: dict[str, list[Holder]] = {}
        values = {value for each in keys for value in affected_values({}, each)}
        for holder in holding(executor, tenant_id, values, most_sharing=_MOST_SHARING):
            self.add(holder)

    def find_collisions(self, new: Holder) -> tuple[Collision, ...]:
        """Return what adding this account would do to those before it."""
        others = {
            holder.account.account_id: holder
            for value in affected_values({}, new.keys)
            for holder in self._by_value.get(value, ())
        }
        return collisions(
            new.account, {}, new.keys, list(others.values()), shares_email=new.shares_email
        )

    def add(self, holder: Holder) -> None:
        """Count this account as existing from now on."""
        for value in affected_values({}, holder.keys):
            known = self._by_value.setdefault(value, [])
            if sum(_only_shares(other, value) for other in known) < _MOST_SHARING or (
                not _only_shares(holder, value)
            ):
                known.append(holder)


def _only_shares(holder: Holder, value: str) -> bool:
    return holder.shares_email and all(
        rule is Identifier.PRIMARY_EMAIL
        for rule, key in holder.keys.items()
        if key is not None and folded(key) == value
    )


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
