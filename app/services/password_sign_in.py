"""Signing in with a password: where SSO is off or not enforced, or in an emergency."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.identifiers import Identifier, canonical
from app.domain.refusals import Reason, SignInRefused
from app.domain.return_paths import HOME, local_path
from app.models import Account
from app.services import audit, passwords, sessions, sign_in_attempts, throttle
from app.services.clients import Client
from app.services.errors import Invalid
from app.services.sign_in import Completed
from app.services.sign_in_attempts import Outcome
from app.services.tenants import Tenant
from app.services.throttle import Limit
from app.services.transactions import writing

PASSWORD = "password"  # noqa: S105 - the name of a method
EMERGENCY = "emergency"
_WINDOW = timedelta(minutes=15)
# One address may try an account a few times; all addresses together more often, so that an
# attacker cannot keep the account's owner out with a handful of wrong guesses.
_PAIR, _ACCOUNT, _ADDRESS = Limit(5, _WINDOW), Limit(50, _WINDOW), Limit(100, _WINDOW)
_MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class _Found:
    account_id: str
    username: str
    password_hash: str | None
    is_enabled: bool
    is_emergency: bool


def sign_in(
    tenant: Tenant,
    *,
    username: str,
    password: str,
    return_path: str | None,
    client: Client,
    now: datetime,
    replaces: str | None = None,
) -> Completed:
    """Check a username (or primary e-mail) with its password and start a session.

    Raises SignInRefused: PASSWORD_WRONG for everything that is wrong, an unknown or disabled
    account among it; THROTTLED; SSO_ENFORCED where passwords are refused.
    """
    return _sign_in(tenant, PASSWORD, username, password, return_path, None, client, now, replaces)


def sign_in_in_emergency(
    tenant: Tenant,
    *,
    username: str,
    password: str,
    reason: str,
    client: Client,
    now: datetime,
    replaces: str | None = None,
) -> Completed:
    """Let a named emergency administrator in by password while SSO is on, with a reason.

    The reason goes into the audit trail and is shown to all administrators. Raises Invalid
    without a reason, SignInRefused as `sign_in` does and NOT_EMERGENCY.
    """
    reason = "".join(
        character
        for character in " ".join(reason.split())
        if unicodedata.category(character) not in ("Cc", "Cs")
    )
    if not 5 <= len(reason) <= _MAX_REASON:
        raise Invalid("reason", f"Give a reason of 5 to {_MAX_REASON} characters.")
    return _sign_in(tenant, EMERGENCY, username, password, "/admin/", reason, client, now, replaces)


def _sign_in(
    tenant: Tenant,
    method: str,
    username: str,
    password: str,
    return_path: str | None,
    reason: str | None,
    client: Client,
    now: datetime,
    replaces: str | None,
) -> Completed:
    name = canonical(Identifier.USERNAME, username) or ""
    limits = {
        throttle.key("password", tenant.id, name, client.network): _PAIR,
        throttle.key("password", tenant.id, name): _ACCOUNT,
        throttle.key("password", client.network): _ADDRESS,
    }
    with writing() as session:
        is_allowed = throttle.take(session, limits, now=now)
        found = _by_name(session, tenant, name) if name else None
    # Outside the transaction: hashing takes its time, and nobody should wait for it.
    is_right = is_allowed and passwords.is_password(
        password, found.password_hash if found is not None else None
    )
    outcome = Outcome(
        method,
        _reason(tenant, method, found, is_allowed=is_allowed, is_right=is_right),
        name_id=username[:256],
        account_id=found.account_id if found is not None else None,
    )
    with writing() as session:
        if outcome.reason is None:
            # The account may have been disabled while the hash was computed.
            found = _by_name(session, tenant, name)
            if found is None or not found.is_enabled:
                outcome = replace(outcome, reason=Reason.PASSWORD_WRONG, detail="just disabled")
        reference = sign_in_attempts.record(session, tenant.id, outcome, client, now=now)
        if outcome.reason is None:
            assert found is not None
            throttle.give_back(session, limits)
            throttle.sweep(session, now=now)
            session_id, token = sessions.start(
                session,
                tenant,
                found.account_id,
                sessions.SignedInBy(method),
                client,
                now=now,
                replaces=replaces,
            )
            audit.record(
                session,
                tenant.id,
                audit.Actor("account", found.account_id, found.username, "sign-in"),
                "session.started" if method == PASSWORD else "session.started-in-emergency",
                "session",
                session_id,
                now=now,
                after={"method": method},
                reason=reason,
            )
            return Completed(token, local_path(return_path) or HOME)
    raise SignInRefused(outcome.reason, outcome.detail, reference)


def _reason(
    tenant: Tenant, method: str, found: _Found | None, *, is_allowed: bool, is_right: bool
) -> Reason | None:
    if not is_allowed:
        return Reason.THROTTLED
    if found is None or not is_right or not found.is_enabled:
        return Reason.PASSWORD_WRONG
    if method == EMERGENCY:
        return None if found.is_emergency else Reason.NOT_EMERGENCY
    if tenant.sso_enabled and tenant.sso_enforced:
        return Reason.SSO_ENFORCED
    return None


def _by_name(session: Session, tenant: Tenant, name: str) -> _Found | None:
    """Find by username, else by primary e-mail; an address that several share finds nobody."""
    for column in (Account.username_key, Account.email_key):
        rows = session.execute(
            select(
                Account.id,
                Account.username,
                Account.password_hash,
                Account.is_enabled,
                Account.is_emergency,
            )
            .where(Account.tenant_id == tenant.id, column == name)
            .limit(2)
        ).all()
        if rows:
            return _Found(*rows[0]) if len(rows) == 1 else None
    return None
