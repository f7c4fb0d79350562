"""The audit trail: append-only, chained by hash within each tenant."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class AuditHead(Base):
    """The end of a tenant's chain; its row lock puts the writers in order."""

    __tablename__ = "audit_heads"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    sequence: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class AuditEvent(Base):
    """Who did what to which object, when, through which channel, before and after."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_tenant_id_at", "tenant_id", "at"),
        # All of them are announced on every administrator's page, so they are found at once.
        Index(
            "ix_audit_events_emergencies",
            "tenant_id",
            "at",
            sqlite_where=text("action = 'session.started-in-emergency'"),
            postgresql_where=text("action = 'session.started-in-emergency'"),
        ),
        Index("ix_audit_events_object", "tenant_id", "object_kind", "object_id"),
    )

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str | None] = mapped_column(String(36))
    actor_label: Mapped[str] = mapped_column(String(320))
    channel: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(60))
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str | None] = mapped_column(String(36))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None] = mapped_column(String(500))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
