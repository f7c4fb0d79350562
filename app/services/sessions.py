"""Browser sessions: a row each, ended one by one or with their account."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, exists, insert, select, update
from sqlalchemy.orm import Session as OrmSession

from app.models import Account, Membership, PermissionGroup, Person, new_id
from app.models import Session as Row
from app.services import audit
from app.services.clients import Client
from app.services.errors import NotFound
from app.services.permission_groups import SYSTEM_ADMINISTRATOR
from app.services.prepared import Prepared
from app.services.tenants import Tenant
from app.services.tokens import hash_token, new_token
from app.services.transactions import reading, writing
from saml.assertion import NameID

_SESSIONS = Row.__table__
_ACCOUNTS = Account.__table__
_INSERT = Prepared(insert(_SESSIONS))
_END_REPLACED = Prepared(
    update(_SESSIONS)
    .where(
        _SESSIONS.c.token_hash == bindparam("replaced"),
        _SESSIONS.c.tenant_id == bindparam("tenant"),
        _SESSIONS.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("now"))
)
#: A session's last use is written at most this often.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedInBy:
    """How a session began: method sso, password or emergency; the matching rule; the IdP."""

    method: str
    rule: str | None = None
    idp_entity_id: str | None = None
    name_id: NameID | None = None
    session_index: str | None = None
    not_on_or_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that holds right now, with what its account may do right now."""

    id: str
    tenant_id: str
    account_id: str
    person_id: str
    username: str
    language: str | None
    display_name: str
    method: str
    rule: str | None
    idp_entity_id: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    is_system_administrator: bool


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One of an account's sessions, as its owner sees it."""

    id: str
    device: str
    ip_address: str | None
    created_at: datetime
    last_seen_at: datetime
    is_current: bool


def start(
    executor: OrmSession | Connection,
    tenant: Tenant,
    account_id: str,
    signed_in_by: SignedInBy,
    client: Client,
    *,
    now: datetime,
    replaces: str | None = None,
) -> tuple[str, str]:
    """Start a session within the caller's transaction; return (its ID, the cookie's token).

    The absolute limit is the tenant's, or SessionNotOnOrAfter where that comes first.
    `replaces` is the token that the browser held until now: that session ends.
    """
    connection = executor.connection() if isinstance(executor, OrmSession) else executor
    if replaces is not None:
        replaced = {"replaced": hash_token(replaces), "tenant": tenant.id, "now": now}
        _END_REPLACED.execute(connection, replaced)
    token, session_id = new_token(), new_id()
    expires_at = now + timedelta(minutes=tenant.session_absolute_minutes)
    if signed_in_by.not_on_or_after is not None:
        expires_at = min(expires_at, signed_in_by.not_on_or_after)
    name_id = signed_in_by.name_id
    _INSERT.execute(
        connection,
        {
            "id": session_id,
            "tenant_id": tenant.id,
            "account_id": account_id,
            "token_hash": hash_token(token),
            "method": signed_in_by.method,
            "rule": signed_in_by.rule,
            "idp_entity_id": signed_in_by.idp_entity_id,
            "name_id": name_id.value if name_id else None,
            "name_id_format": name_id.format if name_id else None,
            "name_qualifier": name_id.name_qualifier if name_id else None,
            "sp_name_qualifier": name_id.sp_name_qualifier if name_id else None,
            "session_index": signed_in_by.session_index,
            "created_at": now,
            "last_seen_at": now,
            "expires_at": expires_at,
            "ended_at": None,
            "ip_address": client.ip_address,
            "user_agent": client.user_agent[:300],
        },
    )
    return session_id, token


_ADMINISTRATES = exists().where(
    and_(
        Membership.account_id == Account.id,
        PermissionGroup.id == Membership.permission_group_id,
        PermissionGroup.kind == SYSTEM_ADMINISTRATOR,
    )
)
_LIVE = (
    select(
        _SESSIONS.c.id,
        _SESSIONS.c.tenant_id,
        _SESSIONS.c.account_id,
        Account.person_id,
        Account.username,
        Account.language,
        (Person.given_name + " " + Person.family_name).label("display_name"),
        _SESSIONS.c.method,
        _SESSIONS.c.rule,
        _SESSIONS.c.idp_entity_id,
        _SESSIONS.c.created_at,
        _SESSIONS.c.last_seen_at,
        _SESSIONS.c.expires_at,
        _ADMINISTRATES.label("is_system_administrator"),
    )
    .join(Account, Account.id == _SESSIONS.c.account_id)
    .join(Person, Person.id == Account.person_id)
    .where(_SESSIONS.c.ended_at.is_(None), Account.is_enabled)
)


def find(tenant: Tenant, token: str, *, now: datetime) -> LiveSession | None:
    """Return the live session of a cookie in this tenant, and note that it was seen.

    None where it was ended, expired, idle too long, or its account is disabled.
    """
    idle_since = now - timedelta(minutes=tenant.session_idle_minutes)
    with reading() as session:
        row = session.execute(
            _LIVE.where(
                _SESSIONS.c.token_hash == hash_token(token),
                _SESSIONS.c.tenant_id == tenant.id,
                _SESSIONS.c.expires_at > now,
                _SESSIONS.c.last_seen_at > idle_since,
            )
        ).one_or_none()
    if row is None:
        return None
    live = LiveSession(**row._mapping)
    if now - live.last_seen_at >= SEEN_EVERY:
        with writing() as session:
            session.execute(
                update(_SESSIONS).where(_SESSIONS.c.id == live.id).values(last_seen_at=now)
            )
    return live


def of_account(
    tenant: Tenant, account_id: str, current_id: str | None, *, now: datetime
) -> list[SessionSummary]:
    """Return an account's live sessions, the latest first."""
    idle_since = now - timedelta(minutes=tenant.session_idle_minutes)
    with reading() as session:
        rows = session.execute(
            select(Row)
            .where(
                Row.tenant_id == tenant.id,
                Row.account_id == account_id,
                Row.ended_at.is_(None),
                Row.expires_at > now,
                Row.last_seen_at > idle_since,
            )
            .order_by(Row.created_at.desc(), Row.id)
        ).scalars()
        return [
            SessionSummary(
                id=row.id,
                device=row.user_agent or "",
                ip_address=row.ip_address,
                created_at=row.created_at,
                last_seen_at=row.last_seen_at,
                is_current=row.id == current_id,
            )
            for row in rows
        ]


def end(
    tenant: Tenant, account_id: str, session_id: str, *, actor: audit.Actor, now: datetime
) -> None:
    """End one session of an account. Raises NotFound where it is not one of theirs."""
    _end_where(
        tenant, account_id, (Row.id == session_id,), "session.ended", actor, now, must_exist=True
    )


def end_others(
    tenant: Tenant, account_id: str, kept_id: str, *, actor: audit.Actor, now: datetime
) -> int:
    """End all sessions of an account but one; return how many."""
    return _end_where(tenant, account_id, (Row.id != kept_id,), "session.others-ended", actor, now)


def end_all(session: OrmSession, account_id: str, *, now: datetime) -> int:
    """End an account's sessions within the transaction that takes its access away."""
    result = session.execute(
        update(_SESSIONS)
        .where(_SESSIONS.c.account_id == account_id, _SESSIONS.c.ended_at.is_(None))
        .values(ended_at=now)
        .returning(_SESSIONS.c.id)
    )
    return len(result.all())


def _end_where(
    tenant: Tenant,
    account_id: str,
    conditions: tuple[object, ...],
    action: str,
    actor: audit.Actor,
    now: datetime,
    *,
    must_exist: bool = False,
) -> int:
    with writing() as session:
        ended = session.execute(
            update(Row)
            .where(
                Row.tenant_id == tenant.id,
                Row.account_id == account_id,
                Row.ended_at.is_(None),
                *conditions,  # type: ignore[arg-type]  # column expressions of the two callers
            )
            .values(ended_at=now)
            .returning(Row.id)
            .execution_options(synchronize_session=False)
        ).all()
        if not ended:
            if must_exist:
                raise NotFound("There is no such session.")
            return 0
        audit.record(
            session,
            tenant.id,
            actor,
            action,
            "account",
            account_id,
            now=now,
            after={"ended": len(ended)},
        )
        return len(ended)
