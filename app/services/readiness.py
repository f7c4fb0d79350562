"""The readiness of a tenant for single sign-on: everybody's sign-in, tried on paper."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnExpressionArgument, Row, func, select, union_all
from sqlalchemy.orm import Session

from app.domain.chunks import in_chunks
from app.domain.identifiers import Identifier, folded
from app.domain.matching import Candidate
from app.domain.readiness import (
    Counts,
    Outcome,
    Overlap,
    Owner,
    Result,
    Tally,
    judge,
    overlaps,
)
from app.models import Account, Person
from app.services.holders import holding, meant_by
from app.services.tenants import Tenant
from app.services.transactions import reading

_CHUNK = 500
#: Where the spelling of each identifier is, as an identity provider would send it.
_SENT: Mapping[Identifier, Any] = {
    Identifier.SSO_ID: Account.sso_id,
    Identifier.PRIMARY_EMAIL: Person.primary_email,
    Identifier.USERNAME: Account.username,
    Identifier.EMPLOYEE_NUMBER: Person.employee_number,
}
_FOLDED = (
    Account.sso_id_folded,
    Account.email_key,
    Account.username_key,
    Account.employee_number_folded,
)


@dataclass(frozen=True, slots=True)
class Report:
    """The readiness of a tenant in numbers, with the first few of what needs a look."""

    counts: Counts
    first: Mapping[Outcome, tuple[Result, ...]]
    overlap_count: int
    first_overlaps: tuple[Overlap, ...]


def report(tenant: Tenant, sent: Identifier, *, keep: int) -> Report:
    """Try every account and every overlap; keep the first few of each kind."""
    tally = Tally(keep)
    for result in of_accounts(tenant, sent):
        tally.add(result)
    count, first = 0, []
    for overlap in overlapping(tenant):
        count += 1
        if count <= keep:
            first.append(overlap)
    return Report(tally.counts(), tally.first(), count, tuple(first))


def account_count(tenant: Tenant) -> int:
    """Return how many accounts there are: how many results `of_accounts` has."""
    with reading() as session:
        return session.execute(
            select(func.count()).select_from(Account).where(Account.tenant_id == tenant.id)
        ).scalar_one()


def of_accounts(tenant: Tenant, sent: Identifier) -> Iterator[Result]:
    """Tell of every account, by username, what comes of it if IdPs send this identifier.

    Memory does not grow with the number of accounts; a read transaction is open meanwhile.
    """
    with reading() as session:
        for rows in _accounts(session, tenant, _SENT[sent]):
            directory = meant_by(session, tenant.id, (row.sent for row in rows))
            for row in rows:
                yield judge(row.sent, _owner(row), directory)


def of_name_ids(tenant: Tenant, name_ids: Iterable[str]) -> Iterator[Result]:
    """Tell of every NameID whom it finds; then which enabled accounts none of them finds."""
    found: set[str] = set()
    with reading() as session:
        for chunk in in_chunks(name_ids, _CHUNK):
            directory = meant_by(session, tenant.id, chunk)
            for name_id in chunk:
                result = judge(name_id, None, directory)
                if result.outcome is Outcome.SIGNS_IN:
                    found.add(result.found[0].account_id)
                yield result
        for rows in _accounts(session, tenant, Account.username, Account.is_enabled):
            for row in rows:
                if row.id not in found:
                    yield Result(None, _owner(row), Outcome.UNREACHED)


def overlapping(tenant: Tenant) -> Iterator[Overlap]:
    """Return every NameID that several of the tenant's accounts hold, in the values' order."""
    held = union_all(
        *(
            select(column.label("value"), Account.id.label("account_id")).where(
                Account.tenant_id == tenant.id, column.is_not(None)
            )
            for column in _FOLDED
        )
    ).subquery()
    several = (
        select(held.c.value)
        .group_by(held.c.value)
        .having(func.count(held.c.account_id.distinct()) > 1)
        .order_by(held.c.value)
        .execution_options(yield_per=_CHUNK)
    )
    with reading() as session:
        for values in session.execute(several).scalars().partitions():
            by_value: dict[str, list[Any]] = {value: [] for value in values}
            for holder in holding(session, tenant.id, values):
                for value in {folded(key) for key in holder.keys.values() if key is not None}:
                    if value in by_value:
                        by_value[value].append(holder)
            for value, holders in by_value.items():
                yield from overlaps(value, holders)


def _accounts(
    session: Session, tenant: Tenant, sent: Any, *conditions: ColumnExpressionArgument[bool]
) -> Iterator[list[Row[Any]]]:
    query = (
        select(
            Account.id,
            Account.person_id,
            Account.username,
            Account.is_enabled,
            Person.given_name,
            Person.family_name,
            sent.label("sent"),
        )
        .join(Person, Person.id == Account.person_id)
        .where(Account.tenant_id == tenant.id, *conditions)
        .order_by(Account.username_key)
        .execution_options(yield_per=_CHUNK)
    )
    for rows in session.execute(query).partitions():
        yield list(rows)


def _owner(row: Row[Any]) -> Owner:
    account = Candidate(row.id, row.person_id, row.username, row.is_enabled)
    return Owner(account, f"{row.given_name} {row.family_name}")
