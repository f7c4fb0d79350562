"""Live browser sessions: a row each, so that each can be ended."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified


class Session(Identified, Base):
    """A signed-in browser. Only the hash of its cookie is kept."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("uq_sessions_token_hash", "token_hash", unique=True),
        Index("ix_sessions_account_id", "account_id"),
        Index("ix_sessions_expires_at", "expires_at"),
    )

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    token_hash: Mapped[str] = mapped_column(String(64))
    method: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str | None] = mapped_column(String(20))
    idp_entity_id: Mapped[str | None] = mapped_column(String(1024))
    name_id: Mapped[str | None] = mapped_column(String(1024))
    name_id_format: Mapped[str | None] = mapped_column(String(200))
    name_qualifier: Mapped[str | None] = mapped_column(String(1024))
    sp_name_qualifier: Mapped[str | None] = mapped_column(String(1024))
    session_index: Mapped[str | None] = mapped_column(String(1024))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ip_address: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(300))
