"""Accounts found by many values at once: what a single look-up is for one NameID."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from app.domain.identifiers import Identifier, folded, spelled
from app.domain.matching import Candidate, Holder, InMemory
from app.models import Account

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
#: Far below the number of parameters that SQLite and PostgreSQL take in one statement.
_MOST_VALUES = 2000
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
    not mark it as shared first. The account with the ID `besides` is left out.
    """
    found: dict[str, Holder] = {}
    wanted = sorted(values)
    for start in range(0, len(wanted), _MOST_VALUES):
        part = wanted[start : start + _MOST_VALUES]
        mine = [_ACCOUNTS.c.tenant_id == tenant_id]
        if besides is not None:
            mine.append(_ACCOUNTS.c.id != besides)
        for query in _queries(mine, part, most_sharing):
            for row in executor.execute(query):
                found[row.id] = _holder(row)
    return list(found.values())


def meant_by(
    executor: Session | Connection, tenant_id: str, name_ids: Iterable[str | None]
) -> InMemory:
    """Return a directory that knows everybody whom one of these NameIDs could mean."""
    values = {folded(value) for name_id in name_ids if (value := spelled(name_id)) is not None}
    return InMemory(holding(executor, tenant_id, values))


def _queries(
    mine: list[ColumnElement[bool]], values: list[str], most_sharing: int
) -> Iterable[Select[Any]]:
    for column in (
        _ACCOUNTS.c.sso_id_folded,
        _ACCOUNTS.c.username_key,
        _ACCOUNTS.c.employee_number_folded,
    ):
        yield select(*_COLUMNS).where(*mine, column.in_(values))
    nth = func.row_number().over(
        partition_by=_ACCOUNTS.c.email_key, order_by=(_ACCOUNTS.c.email_is_shared, _ACCOUNTS.c.id)
    )
    with_email = and_(*mine, _ACCOUNTS.c.email_key.in_(values))
    sharing = select(*_COLUMNS, nth.label("nth")).where(with_email).subquery()
    yield select(*(sharing.c[column.name] for column in _COLUMNS)).where(
        sharing.c.nth <= most_sharing
    )


def _holder(row: Row[Any]) -> Holder:
    keys = {
        Identifier.SSO_ID: row.sso_id_key,
        Identifier.PRIMARY_EMAIL: row.email_key,
        Identifier.USERNAME: row.username_key,
        Identifier.EMPLOYEE_NUMBER: row.employee_number_key,
    }
    account = Candidate(row.id, row.person_id, row.username, row.is_enabled)
    return Holder(account, keys, row.email_is_shared)
