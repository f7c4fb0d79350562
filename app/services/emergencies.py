"""Emergency sign-ins as they are announced to every administrator."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import literal_column, select

from app.models import AuditEvent
from app.services.tenants import Tenant
from app.services.transactions import reading

ANNOUNCED_FOR = timedelta(hours=72)
_MOST = 5


@dataclass(frozen=True, slots=True)
class EmergencySignIn:
    """Who came in by the emergency way, when, and the reason they gave."""

    account_id: str | None
    username: str
    at: datetime
    reason: str


def recent(tenant: Tenant, *, now: datetime) -> tuple[EmergencySignIn, ...]:
    """Return the emergency sign-ins of the last 72 hours, the latest first, five at most."""
    with reading() as session:
        rows = session.execute(
            select(AuditEvent.actor_id, AuditEvent.actor_label, AuditEvent.at, AuditEvent.reason)
            .where(
                AuditEvent.tenant_id == tenant.id,
                AuditEvent.at >= now - ANNOUNCED_FOR,
                # Written out, as in the partial index that holds these events alone.
                AuditEvent.action == literal_column("'session.started-in-emergency'"),
            )
            .order_by(AuditEvent.at.desc())
            .limit(_MOST)
        )
        return tuple(
            EmergencySignIn(account_id, username, at, reason or "")
            for account_id, username, at, reason in rows
        )
