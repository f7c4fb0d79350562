"""People and their accounts, listed by name or found by the beginning of what is known of them.

Served by indexes, so that it costs the same in a company of a million: a list goes on from the
last person shown, and a search looks up what *begins* with the text. Only the list of people
without an account has to pass those who have one.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, literal, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.domain.identifiers import Identifier, canonical, folded
from app.domain.names import search_key
from app.models import Account, Person, SignInAttempt
from app.services.tenants import Tenant
from app.services.transactions import reading

#: Sorts behind every text that begins with what it is put after.
_LAST = "\U0010ffff"
_MOST_WORDS = 8
#: A search with a filter looks at this many of what each index knows, before it filters.
_LOOKED_AT = 500
#: Up to so many accounts of a state are sorted; of more, one is met soon when going by name.
_FEW = 10_000


class State(StrEnum):
    """What an account lets its person do, as lists are filtered by it."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    WITHOUT_ACCOUNT = "without-account"


@dataclass(frozen=True, slots=True)
class LastSignIn:
    """When somebody last came in, and by which matching rule (None for a password)."""

    at: datetime
    rule: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A person as a row of a list; without an account, what an account has is None."""

    person_id: str
    display_name: str
    primary_email: str | None
    employee_number: str | None
    account_id: str | None
    username: str | None
    sso_id: str | None
    state: State
    last_sign_in: LastSignIn | None


@dataclass(frozen=True, slots=True)
class People:
    """Some people. `is_cut`: there are more; a list goes on after the last one's `person_id`."""

    rows: tuple[Listed, ...]
    is_cut: bool


def browse(
    tenant: Tenant, *, state: State | None = None, after: str | None = None, size: int = 50
) -> People:
    """Return people by family name, from the first or after the person with the ID `after`."""
    names = (Person.family_name_key, Person.given_name_key, Person.id)
    query = select(Person.id).where(Person.tenant_id == tenant.id)
    with reading() as session:
        if state is State.WITHOUT_ACCOUNT:
            query = query.where(~exists().where(Account.person_id == Person.id))
        elif state is not None:
            query = _having(session, tenant, query, state)
        if after is not None:
            place = session.execute(
                select(*names).where(Person.id == after, Person.tenant_id == tenant.id)
            ).one_or_none()
            if place is not None:
                query = query.where(tuple_(*names) > tuple_(*place))
        ids = session.execute(query.order_by(*names).limit(size + 1)).scalars().all()
        found = {row.id: row for row in _rows(session, ids[:size])}
        # Who is gone between the two statements is left out.
        rows = [found[person_id] for person_id in ids[:size] if person_id in found]
        return People(_listed(session, rows), len(ids) > size)


def search(tenant: Tenant, text: str, *, state: State | None = None, most: int = 50) -> People:
    """Return whose name or identifier begins with `text`, whole identifiers first, then by name.

    Names are found without regard to case and accents, in either order; identifiers without
    regard to ASCII case, since an administrator looks for what somebody dictates. With a
    `state`, it is asked of the first few hundred found only.
    """
    limit = most + 1 if state is None else _LOOKED_AT
    parts = [
        select(literal(number).label("part"), part.limit(limit).subquery())
        for number, part in enumerate(_parts(tenant, text))
    ]
    if not parts:
        return People((), is_cut=False)
    with reading() as session:
        found = session.execute(union_all(*parts)).all()
        full = any(count == limit for count in Counter(part for part, _ in found).values())
        rows = [
            row
            for row in _rows(session, {person_id for _, person_id in found})
            if state is None or _state(row) is state
        ]
        value = folded(canonical(Identifier.SSO_ID, text) or "")
        rows.sort(key=lambda row: _rank(row, value))
        return People(_listed(session, rows[:most]), full or len(rows) > most)


def _having(session: Session, tenant: Tenant, query: Select[str], state: State) -> Select[str]:
    """Narrow `query` to people whose account is in this state, few as they may be."""
    of_state = select(Account.person_id).where(
        Account.tenant_id == tenant.id, Account.is_enabled.is_(state is State.ENABLED)
    )
    few = of_state.limit(_FEW + 1).subquery()
    if session.execute(select(func.count()).select_from(few)).scalar_one() <= _FEW:
        return query.join(few, few.c.person_id == Person.id)
    return query.where(
        exists().where(
            Account.person_id == Person.id, Account.is_enabled.is_(state is State.ENABLED)
        )
    )


def _parts(tenant: Tenant, text: str) -> Iterator[Select[str]]:
    """Yield a query of people's IDs for each index that may know the text."""
    of_people = select(Person.id).where(Person.tenant_id == tenant.id)
    of_accounts = select(Account.person_id).where(Account.tenant_id == tenant.id)
    value = canonical(Identifier.SSO_ID, text)
    if value is not None:
        yield _beginning(of_people, Person.email_key, folded(value))
        yield _beginning(of_people, Person.employee_number_key, value)
        yield _beginning(of_accounts, Account.username_key, folded(value))
        yield _beginning(of_accounts, Account.sso_id_folded, folded(value))
        yield _beginning(of_accounts, Account.employee_number_folded, folded(value))
    words = search_key(text).split()[:_MOST_WORDS]
    if words:
        yield _beginning(of_people, Person.family_name_key, " ".join(words))
        yield _beginning(of_people, Person.given_name_key, " ".join(words))
    for count in range(1, len(words)):
        first, second = " ".join(words[:count]), " ".join(words[count:])
        for given_name, family_name in ((first, second), (second, first)):
            query = _beginning(of_people, Person.family_name_key, family_name)
            yield _beginning(query, Person.given_name_key, given_name)


def _beginning(query: Select[str], column: InstrumentedAttribute[Any], prefix: str) -> Select[str]:
    return query.where(column >= prefix, column < prefix + _LAST).order_by(column)


def _rows(session: Session, person_ids: Collection[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what lists show of these people of one tenant, in no order."""
    if not person_ids:
        return ()
    # No condition on the tenant, which the IDs stand for: SQLite would go by its index instead.
    return session.execute(
        select(
            Person.id,
            Person.given_name,
            Person.family_name,
            Person.family_name_key,
            Person.given_name_key,
            Person.primary_email,
            Person.email_key,
            Person.employee_number,
            Person.employee_number_key,
            Account.id.label("account_id"),
            Account.username,
            Account.username_key,
            Account.sso_id,
            Account.sso_id_folded,
            Account.is_enabled,
        )
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id.in_(person_ids))
    ).all()


def _rank(row: Row[Any], value: str) -> tuple[Any, ...]:
    whole = value in (
        row.email_key,
        row.username_key,
        row.sso_id_folded,
        folded(row.employee_number_key or ""),
    )
    return (not (value and whole), row.family_name_key, row.given_name_key, row.id)


def _listed(session: Session, rows: Sequence[Row[Any]]) -> tuple[Listed, ...]:
    last = _last_sign_ins(session, [row.account_id for row in rows if row.account_id])
    return tuple(
        Listed(
            person_id=row.id,
            display_name=f"{row.given_name} {row.family_name}".strip(),
            primary_email=row.primary_email,
            employee_number=row.employee_number,
            account_id=row.account_id,
            username=row.username,
            sso_id=row.sso_id,
            state=_state(row),
            last_sign_in=last.get(row.account_id),
        )
        for row in rows
    )


def _state(row: Row[Any]) -> State:
    if row.account_id is None:
        return State.WITHOUT_ACCOUNT
    return State.ENABLED if row.is_enabled else State.DISABLED


def _last_sign_ins(session: Session, account_ids: Iterable[str]) -> dict[str, LastSignIn]:
    # One look at the end of each account's own stretch of the index, not a scan of the log.
    latest = (
        select(SignInAttempt.id)
        .where(and_(SignInAttempt.account_id == Account.id, SignInAttempt.reason.is_(None)))
        .order_by(SignInAttempt.at.desc())
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )
    ids = select(latest).where(Account.id.in_(tuple(account_ids)))
    rows = session.execute(
        select(SignInAttempt.account_id, SignInAttempt.at, SignInAttempt.rule).where(
            SignInAttempt.id.in_(ids)
        )
    )
    return {account_id: LastSignIn(at, rule) for account_id, at, rule in rows if account_id}
