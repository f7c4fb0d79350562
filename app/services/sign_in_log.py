"""The sign-in log as administrators read it: filtered, page by page, one attempt with its trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from app.domain.identifiers import Identifier, canonical
from app.domain.matching import RULES
from app.domain.refusals import Reason
from app.models import Account, Person, SignInAttempt
from app.services.directory import SqlDirectory
from app.services.errors import NotFound
from app.services.tenants import Tenant
from app.services.transactions import reading


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to show of the log; None shows everything.

    `user` is a NameID as it came, or any whole identifier of an account. `since` is included,
    `until` is not.
    """

    is_accepted: bool | None = None
    reason: str | None = None
    rule: str | None = None
    user: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One attempt as a row of the log; `reason` is None where it was accepted."""

    reference: str
    at: datetime
    method: str
    reason: str | None
    name_id: str | None
    rule: str | None
    account_id: str | None
    display_name: str | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some attempts, newest first. `is_cut`: older ones come before the last one's reference."""

    entries: tuple[LogEntry, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class TracedAccount:
    """An account that a rule hit, as it was called at that moment."""

    account_id: str
    username: str
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class TracedRule:
    """What one rule compared and whom it hit; `compared` None: nothing that could match."""

    rule: Identifier
    compared: str | None
    hits: tuple[TracedAccount, ...]


@dataclass(frozen=True, slots=True)
class AssertionFacts:
    """What the verified Assertion said, beside the NameID."""

    id: str
    issuer: str
    issue_instant: datetime
    authn_instant: datetime
    authn_context_class: str | None
    session_index: str | None
    session_not_on_or_after: datetime | None
    in_response_to: str | None
    name_qualifier: str | None
    sp_name_qualifier: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """All there is to know of one attempt; `detail` is for administrators only."""

    entry: LogEntry
    detail: str | None
    name_id_format: str | None
    idp_entity_id: str | None
    ip_address: str | None
    user_agent: str | None
    trace: tuple[TracedRule, ...] | None
    assertion: AssertionFacts | None


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A NameID that matched nobody: how often, and when last."""

    name_id: str
    count: int
    last_at: datetime


def page(
    tenant: Tenant, wanted: LogFilter, *, before: str | None = None, size: int = 50
) -> LogPage:
    """Return the newest attempts, or those older than the one with the reference `before`."""
    place = (SignInAttempt.at, SignInAttempt.id)
    query = _entries(tenant).order_by(place[0].desc(), place[1].desc()).limit(size + 1)
    with reading() as session:
        if before is not None:
            start = session.execute(
                select(*place).where(
                    SignInAttempt.tenant_id == tenant.id, SignInAttempt.reference == before
                )
            ).one_or_none()
            if start is not None:
                values = (
                    literal(value, column.type) for column, value in zip(place, start, strict=True)
                )
                query = query.where(tuple_(*place) < tuple_(*values))
        rows = session.execute(_narrowed(session, tenant, query, wanted)).all()
        return LogPage(tuple(_entry(row) for row in rows[:size]), len(rows) > size)


def of_account(tenant: Tenant, account_id: str, *, most: int = 10) -> tuple[LogEntry, ...]:
    """Return the latest attempts that concern an account."""
    with reading() as session:
        rows = session.execute(
            _entries(tenant)
            .where(SignInAttempt.account_id == account_id)
            .order_by(SignInAttempt.at.desc())
            .limit(most)
        )
        return tuple(_entry(row) for row in rows)


def find(tenant: Tenant, reference: str) -> Attempt:
    """Return the attempt with this reference, in its one spelling. Raises NotFound."""
    with reading() as session:
        row = session.execute(
            _entries(tenant)
            .add_columns(
                SignInAttempt.detail,
                SignInAttempt.name_id_format,
                SignInAttempt.idp_entity_id,
                SignInAttempt.ip_address,
                SignInAttempt.user_agent,
                SignInAttempt.trace,
                SignInAttempt.assertion,
            )
            .where(SignInAttempt.reference == reference)
        ).one_or_none()
    if row is None:
        raise NotFound("There is no sign-in with this reference.")
    return Attempt(
        entry=_entry(row),
        detail=row.detail or None,
        name_id_format=row.name_id_format,
        idp_entity_id=row.idp_entity_id,
        ip_address=row.ip_address,
        user_agent=row.user_agent,
        trace=_trace(row.trace) if row.trace is not None else None,
        assertion=_assertion(row.assertion) if row.assertion is not None else None,
    )


def counts(tenant: Tenant, *, since: datetime) -> Mapping[str | None, int]:
    """Count the attempts since then by reason, the accepted ones under None."""
    with reading() as session:
        rows = session.execute(
            select(SignInAttempt.reason, func.count())
            .where(SignInAttempt.tenant_id == tenant.id, SignInAttempt.at >= since)
            .group_by(SignInAttempt.reason)
        )
        return dict(rows.all())


def unknown_names(tenant: Tenant, *, since: datetime, most: int = 5) -> tuple[UnknownName, ...]:
    """Return the NameIDs that matched nobody most often since then."""
    count, last_at = func.count(), func.max(SignInAttempt.at)
    with reading() as session:
        rows = session.execute(
            select(SignInAttempt.name_id, count, last_at)
            .where(
                SignInAttempt.tenant_id == tenant.id,
                SignInAttempt.reason == Reason.NO_MATCH.value,
                SignInAttempt.at >= since,
                SignInAttempt.name_id.is_not(None),
            )
            .group_by(SignInAttempt.name_id)
            .order_by(count.desc(), last_at.desc())
            .limit(most)
        )
        return tuple(UnknownName(name or "", times, last) for name, times, last in rows)


def _entries(tenant: Tenant) -> Select[*tuple[Any, ...]]:
    return (
        select(
            SignInAttempt.reference,
            SignInAttempt.at,
            SignInAttempt.method,
            SignInAttempt.reason,
            SignInAttempt.name_id,
            SignInAttempt.rule,
            SignInAttempt.account_id,
            Account.id.label("present_account_id"),
            Person.given_name,
            Person.family_name,
        )
        .outerjoin(Account, Account.id == SignInAttempt.account_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .where(SignInAttempt.tenant_id == tenant.id)
    )


def _narrowed(
    session: Session, tenant: Tenant, query: Select[*tuple[Any, ...]], wanted: LogFilter
) -> Select[*tuple[Any, ...]]:
    if wanted.is_accepted is not None:
        reason = SignInAttempt.reason
        query = query.where(reason.is_(None) if wanted.is_accepted else reason.is_not(None))
    if wanted.reason is not None:
        query = query.where(SignInAttempt.reason == wanted.reason)
    if wanted.rule is not None:
        query = query.where(SignInAttempt.rule == wanted.rule)
    if wanted.since is not None:
        query = query.where(SignInAttempt.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(SignInAttempt.at < wanted.until)
    if wanted.user is not None:
        keys = {rule: canonical(rule, wanted.user) for rule in RULES}
        held = SqlDirectory(session, tenant.id).holders(
            {rule: key for rule, key in keys.items() if key is not None}
        )
        ids = {candidate.account_id for hits in held.values() for candidate in hits}
        concerns = SignInAttempt.name_id == wanted.user
        if ids:
            concerns = or_(concerns, SignInAttempt.account_id.in_(ids))
        query = query.where(concerns)
    return query


def _entry(row: Row[*tuple[Any, ...]]) -> LogEntry:
    is_there = row.present_account_id is not None
    return LogEntry(
        reference=row.reference,
        at=row.at,
        method=row.method,
        reason=row.reason,
        name_id=row.name_id,
        rule=row.rule,
        account_id=row.present_account_id,
        display_name=f"{row.given_name} {row.family_name}".strip() if is_there else None,
    )


def _trace(data: list[dict[str, Any]]) -> tuple[TracedRule, ...]:
    return tuple(
        TracedRule(
            rule=Identifier(step["rule"]),
            compared=step["compared"],
            hits=tuple(
                TracedAccount(hit["accountId"], hit["username"], hit["isEnabled"])
                for hit in step["accounts"]
            ),
        )
        for step in data
    )


def _assertion(data: dict[str, Any]) -> AssertionFacts:
    ends = data["session_not_on_or_after"]
    return AssertionFacts(
        id=data["id"],
        issuer=data["issuer"],
        issue_instant=datetime.fromisoformat(data["issue_instant"]),
        authn_instant=datetime.fromisoformat(data["authn_instant"]),
        authn_context_class=data["authn_context_class"],
        session_index=data["session_index"],
        session_not_on_or_after=datetime.fromisoformat(ends) if ends else None,
        in_response_to=data["in_response_to"],
        name_qualifier=data["name_id"]["name_qualifier"],
        sp_name_qualifier=data["name_id"]["sp_name_qualifier"],
    )
