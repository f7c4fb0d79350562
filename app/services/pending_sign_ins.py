"""Sign-ins under way: a row from the AuthnRequest until its ticket is used or it expires."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from app.domain.return_paths import HOME, local_path
from app.models import PendingSignIn
from app.services.prepared import Prepared
from app.services.tokens import hash_token, new_token

PENDING_FOR = timedelta(minutes=10)
TICKET_FOR = timedelta(seconds=60)

_PENDING = PendingSignIn.__table__
#: What a pending sign-in gets when its Response has come.
_ANSWER = ("received_at", "ticket_hash", "ticket_expires_at", "assertion")
_INSERT = Prepared(insert(_PENDING))
_TAKE_REQUEST = Prepared(
    update(_PENDING)
    .where(
        _PENDING.c.tenant_id == bindparam("tenant"),
        _PENDING.c.request_id == bindparam("request"),
        _PENDING.c.expires_at > bindparam("now"),
        _PENDING.c.received_at.is_(None),
    )
    .values({name: bindparam(f"set_{name}") for name in _ANSWER})
    .returning(_PENDING.c.relay_state, _PENDING.c.identity_provider_id)
)
_TAKE_TICKET = Prepared(
    update(_PENDING)
    .where(
        _PENDING.c.tenant_id == bindparam("tenant"),
        _PENDING.c.ticket_hash == bindparam("ticket"),
        _PENDING.c.ticket_expires_at > bindparam("now"),
        _PENDING.c.completed_at.is_(None),
    )
    .values(completed_at=bindparam("now"))
    .returning(_PENDING.c.return_path, _PENDING.c.browser_hash, _PENDING.c.assertion)
)


@dataclass(frozen=True, slots=True)
class SentRequest:
    """What was remembered of the AuthnRequest that a Response answers."""

    relay_state: str
    identity_provider_id: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket fetches: the page to go on with, and the Assertion as plain data.

    `browser_hash` is None where no browser began: the response was unsolicited.
    """

    return_path: str
    browser_hash: str | None
    assertion: dict[str, Any]

    def belongs_to(self, browser: str | None) -> bool:
        """Say whether the browser with this cookie value may use the ticket."""
        if self.browser_hash is None:
            return True
        return browser is not None and secrets.compare_digest(
            hash_token(browser), self.browser_hash
        )


def add(
    connection: Connection,
    tenant_id: str,
    *,
    relay_state: str,
    request_id: str,
    identity_provider_id: str,
    return_path: str | None,
    browser: str,
    now: datetime,
) -> None:
    """Remember an AuthnRequest. `return_path` is dropped unless it is a path on this site."""
    row = _row(tenant_id, relay_state, identity_provider_id, return_path, now)
    row |= {"request_id": request_id, "browser_hash": hash_token(browser)}
    _INSERT.execute(connection, row)


def answer(
    connection: Connection,
    tenant_id: str,
    request_id: str,
    assertion: dict[str, Any],
    *,
    now: datetime,
) -> tuple[SentRequest, str] | None:
    """Use a pending request up and return it with a new ticket; None where none is pending."""
    ticket = new_token()
    wanted = {"tenant": tenant_id, "request": request_id, "now": now}
    wanted |= {f"set_{name}": value for name, value in _answer(ticket, assertion, now).items()}
    rows = _TAKE_REQUEST.rows(connection, wanted)
    return (SentRequest(*rows[0]), ticket) if rows else None


def answered_at(connection: Connection, tenant_id: str, request_id: str) -> datetime | None:
    """Say when a request was answered, if it was."""
    return connection.execute(
        select(_PENDING.c.received_at).where(
            _PENDING.c.tenant_id == tenant_id, _PENDING.c.request_id == request_id
        )
    ).scalar_one_or_none()


def add_unsolicited(
    connection: Connection,
    tenant_id: str,
    *,
    identity_provider_id: str,
    return_path: str | None,
    assertion: dict[str, Any],
    now: datetime,
) -> str:
    """Keep an unsolicited Assertion that was accepted, and return its ticket."""
    ticket = new_token()
    row = _row(tenant_id, new_token(), identity_provider_id, return_path, now)
    _INSERT.execute(connection, row | _answer(ticket, assertion, now))
    return ticket


def take(connection: Connection, tenant_id: str, ticket: str, *, now: datetime) -> Ticket | None:
    """Use a ticket up and return what it stands for; None where it is unknown or used or old."""
    wanted = {"tenant": tenant_id, "ticket": hash_token(ticket), "now": now}
    rows = _TAKE_TICKET.rows(connection, wanted)
    return Ticket(*rows[0]) if rows else None


def sweep(connection: Connection, *, now: datetime) -> None:
    """Forget the sign-ins that nobody can complete any more."""
    connection.execute(delete(_PENDING).where(_PENDING.c.expires_at < now - PENDING_FOR))


def _answer(ticket: str, assertion: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "received_at": now,
        "ticket_hash": hash_token(ticket),
        "ticket_expires_at": now + TICKET_FOR,
        "assertion": assertion,
    }


def _row(
    tenant_id: str,
    relay_state: str,
    identity_provider_id: str,
    return_path: str | None,
    now: datetime,
) -> dict[str, Any]:
    return {
        "relay_state": relay_state,
        "tenant_id": tenant_id,
        "identity_provider_id": identity_provider_id,
        "return_path": local_path(return_path) or HOME,
        "created_at": now,
        "expires_at": now + PENDING_FOR,
        "request_id": None,
        "browser_hash": None,
        "completed_at": None,
        **dict.fromkeys(_ANSWER),
    }
