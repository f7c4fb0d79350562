"""The attempts log: every sign-in, accepted or refused, under its reference."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from app.domain.matching import Trace, trace_as_data
from app.domain.references import new_reference
from app.models import SignInAttempt, new_id
from app.services.clients import Client
from app.services.errors import NotFound
from app.services.prepared import Prepared
from app.services.tenants import Tenant
from app.services.transactions import reading
from saml.assertion import Assertion

_TABLE = SignInAttempt.__table__
_INSERT = Prepared(insert(_TABLE))
_DETAIL = 2000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt; `reason` is None where it was accepted."""

    method: str
    reason: str | None
    detail: str = ""
    name_id: str | None = None
    name_id_format: str | None = None
    rule: str | None = None
    account_id: str | None = None
    idp_entity_id: str | None = None
    trace: Trace | None = None
    assertion: dict[str, Any] | None = None


def record(
    executor: Session | Connection,
    tenant_id: str,
    outcome: Outcome,
    client: Client,
    *,
    now: datetime,
) -> str:
    """Write one attempt within the caller's transaction and return its reference."""
    reference = new_reference(secrets.choice)
    connection = executor.connection() if isinstance(executor, Session) else executor
    _INSERT.execute(
        connection,
        {
            "id": new_id(),
            "tenant_id": tenant_id,
            "reference": reference,
            "at": now,
            "method": outcome.method,
            "reason": outcome.reason,
            "detail": _clean(outcome.detail, _DETAIL),
            "name_id": _clean(outcome.name_id, 512),
            "name_id_format": _clean(outcome.name_id_format, 200),
            "rule": outcome.rule,
            "account_id": outcome.account_id,
            "idp_entity_id": outcome.idp_entity_id,
            "trace": trace_as_data(outcome.trace) if outcome.trace is not None else None,
            "assertion": outcome.assertion,
            "ip_address": client.ip_address[:64],
            "user_agent": _clean(client.user_agent, 300),
        },
    )
    return reference


@dataclass(frozen=True, slots=True)
class RefusedAttempt:
    """What the person at the door may read again of an attempt that was refused."""

    reference: str
    reason: str
    at: datetime
    name_id: str | None


def refused(tenant: Tenant, reference: str, *, now: datetime) -> RefusedAttempt:
    """Return a refused attempt of the last day by its reference. Raises NotFound."""
    with reading() as session:
        row = session.execute(
            select(_TABLE.c.reference, _TABLE.c.reason, _TABLE.c.at, _TABLE.c.name_id).where(
                _TABLE.c.tenant_id == tenant.id,
                _TABLE.c.reference == reference,
                _TABLE.c.reason.is_not(None),
                _TABLE.c.at > now - timedelta(days=1),
            )
        ).one_or_none()
    if row is None:
        raise NotFound("There is no such sign-in.")
    return RefusedAttempt(*row)


def assertion_as_data(assertion: Assertion) -> dict[str, Any]:
    """An Assertion as plain JSON data, instants in ISO 8601."""
    name_id, ends = assertion.name_id, assertion.session_not_on_or_after
    return {
        "id": assertion.id,
        "issuer": assertion.issuer,
        "name_id": {
            "value": name_id.value,
            "format": name_id.format,
            "name_qualifier": name_id.name_qualifier,
            "sp_name_qualifier": name_id.sp_name_qualifier,
        },
        "issue_instant": assertion.issue_instant.isoformat(),
        "usable_until": assertion.usable_until.isoformat(),
        "authn_instant": assertion.authn_instant.isoformat(),
        "authn_context_class": assertion.authn_context_class,
        "session_index": assertion.session_index,
        "session_not_on_or_after": ends.isoformat() if ends is not None else None,
        "in_response_to": assertion.in_response_to,
    }


def _clean(text: str | None, limit: int) -> str | None:
    """Cut to `limit`, without what PostgreSQL cannot store: NUL and lone surrogates."""
    if text is None:
        return None
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()[:limit]
