"""Accounts found by many values at once: what a single look-up is for one NameID."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.orm import Session

from app.domain.identifiers import Identifier, folded, spelled
from app.domain.matching import Candidate, Holder, InMemory
from app.models import Account
from app.services.look_ups import rows_by_value

_ACCOUNTS = Account.__table__
_COLUMNS = (
    _ACCOUNTS.c.id,
    _ACCOUNTS.c.person_id,
    _ACCOUNTS.c.username,
    _ACCOUNTS.c.is_enabled,
    _ACCOUNTS.c.sso_id_key,
    _ACCOUNTS.c.email_key,
    _ACCOUNTS.c.username_key,
    _ACCOUNTS.c.employee_number_key,
    _ACCOUNTS.c.email_is_shared,
)
#: What is unique among accounts, as it is compared without the case of letters.
_FOLDED = (
    _ACCOUNTS.c.sso_id_folded,
    _ACCOUNTS.c.username_key,
    _ACCOUNTS.c.employee_number_folded,
)
#: More holders of one value than this are not worth telling apart, as in `directory`.
_MOST_SHARING = 20


def holding(
    executor: Session | Connection,
    tenant_id: str,
    values: Collection[str],
    *,
    most_sharing: int = _MOST_SHARING,
    besides: str | None = None,
) -> list[Holder]:
    """Return the tenant's accounts that hold one of these folded values under any rule.

    Of the accounts with one e-mail address at most `most_sharing` come back, those that do
    not mark it as shared first. The account with the ID `besides` is left out. They come in
    the order of their usernames.
    """
    mine = [_ACCOUNTS.c.tenant_id == tenant_id]
    if besides is not None:
        mine.append(_ACCOUNTS.c.id != besides)
    found: dict[str, Holder] = {}
    for column in _FOLDED:
        for row in rows_by_value(executor, _COLUMNS, column, values, mine):
            found[row.id] = _holder(row)
    for row in rows_by_value(
        executor,
        _COLUMNS,
        _ACCOUNTS.c.email_key,
        values,
        mine,
        at_most=most_sharing,
        first=(_ACCOUNTS.c.email_is_shared, _ACCOUNTS.c.id),
    ):
        found[row.id] = _holder(row)
    return sorted(found.values(), key=lambda holder: holder.account.username)


def meant_by(
    executor: Session | Connection, tenant_id: str, name_ids: Iterable[str | None]
) -> InMemory:
    """Return a directory that knows everybody whom one of these NameIDs could mean."""
    values = {folded(value) for name_id in name_ids if (value := spelled(name_id)) is not None}
    return InMemory(holding(executor, tenant_id, values))


def _holder(row: Row[Any]) -> Holder:
    keys = {
        Identifier.SSO_ID: row.sso_id_key,
        Identifier.PRIMARY_EMAIL: row.email_key,
        Identifier.USERNAME: row.username_key,
        Identifier.EMPLOYEE_NUMBER: row.employee_number_key,
    }
    account = Candidate(row.id, row.person_id, row.username, row.is_enabled)
    return Holder(account, keys, row.email_is_shared)
