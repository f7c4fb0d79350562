"""What a sign-in leaves behind: pending requests, used assertions, attempts."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified


class PendingSignIn(Base):
    """A sign-in under way, from the AuthnRequest to the session.

    `relay_state` is the random key that travels as RelayState. `browser_hash` is the hash of
    the random value in the browser's cookie. When the Response has come, `assertion` keeps
    what it said and `ticket_hash` the one-time ticket that fetches it; the ticket is used up
    by setting `completed_at`. An unsolicited response is born received, without a request.
    """

    __tablename__ = "pending_sign_ins"
    __table_args__ = (
        Index("uq_pending_sign_ins_request_id", "tenant_id", "request_id", unique=True),
        Index("uq_pending_sign_ins_ticket_hash", "ticket_hash", unique=True),
        Index("ix_pending_sign_ins_expires_at", "expires_at"),
    )

    relay_state: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    identity_provider_id: Mapped[str] = mapped_column(String(36))
    request_id: Mapped[str | None] = mapped_column(String(64))
    return_path: Mapped[str] = mapped_column(String(2000))
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    ticket_hash: Mapped[str | None] = mapped_column(String(64))
    ticket_expires_at: Mapped[datetime | None]
    assertion: Mapped[dict[str, Any] | None]
    completed_at: Mapped[datetime | None]


class UsedAssertion(Base):
    """The assertion ledger: an assertion's ID, kept as long as it could be accepted again.

    `id_hash` is the SHA-256 of tenant, issuer and assertion ID; the primary key is what makes
    a second use fail, in whichever worker.
    """

    __tablename__ = "used_assertions"
    __table_args__ = (Index("ix_used_assertions_expires_at", "expires_at"),)

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    used_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInAttempt(Identified, Base):
    """One attempt to sign in, accepted or refused, as administrators see it.

    `reason` is the closed code of a refusal, None for an accepted attempt; `detail` is
    private. `trace` is the matching trace as plain data. `name_id` is cut to what an index of
    PostgreSQL can hold; what is longer than 256 characters matches nobody anyway.
    """

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("uq_sign_in_attempts_reference", "tenant_id", "reference", unique=True),
        # The log is read by time; reason and rule are here so that it is filtered in the index.
        Index("ix_sign_in_attempts_tenant_id_at", "tenant_id", "at", "id", "reason", "rule"),
        Index("ix_sign_in_attempts_tenant_id_reason", "tenant_id", "reason", "at", "id"),
        Index("ix_sign_in_attempts_tenant_id_name_id", "tenant_id", "name_id", "at"),
        Index("ix_sign_in_attempts_account_id_at", "account_id", "at"),
    )

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    reference: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    method: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[str | None] = mapped_column(String(2000))
    name_id: Mapped[str | None] = mapped_column(String(512))
    name_id_format: Mapped[str | None] = mapped_column(String(200))
    rule: Mapped[str | None] = mapped_column(String(20))
    account_id: Mapped[str | None] = mapped_column(String(36))
    idp_entity_id: Mapped[str | None] = mapped_column(String(1024))
    trace: Mapped[list[Any] | None]
    assertion: Mapped[dict[str, Any] | None]
    ip_address: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(300))
