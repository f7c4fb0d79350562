"""Accounts: what lets a person sign in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified, Key


class Account(Identified, Base):
    """One person's account with its four identifiers in canonical form.

    `email_key` and `employee_number_key` repeat what the person's row says, so that the
    database itself keeps each identifier unique *among accounts* and one table answers for
    all four matching rules. Only an address marked as shared may stand twice; a NameID that
    hits it twice is ambiguous and lets nobody in.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        Index("uq_accounts_sso_id_key", "tenant_id", "sso_id_key", unique=True),
        Index("uq_accounts_username_key", "tenant_id", "username_key", unique=True),
        Index("uq_accounts_employee_number_key", "tenant_id", "employee_number_key", unique=True),
        Index(
            "uq_accounts_email_key",
            "tenant_id",
            "email_key",
            unique=True,
            sqlite_where=text("email_is_shared = 0"),
            postgresql_where=text("NOT email_is_shared"),
        ),
        Index("ix_accounts_tenant_id_email_key", "tenant_id", "email_key"),
        Index("ix_accounts_sso_id_folded", "tenant_id", "sso_id_folded"),
        Index("ix_accounts_employee_number_folded", "tenant_id", "employee_number_folded"),
        Index("ix_accounts_tenant_id_is_enabled", "tenant_id", "is_enabled", "person_id"),
        Index("ix_accounts_tenant_id_created_at", "tenant_id", "created_at", "id"),
    )

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), unique=True)
    username: Mapped[str] = mapped_column(String(320))
    username_key: Mapped[str] = mapped_column(Key)
    sso_id: Mapped[str | None] = mapped_column(String(320))
    sso_id_key: Mapped[str | None] = mapped_column(Key)
    sso_id_folded: Mapped[str | None] = mapped_column(Key)
    email_key: Mapped[str | None] = mapped_column(Key)
    email_is_shared: Mapped[bool] = mapped_column(default=False)
    employee_number_key: Mapped[str | None] = mapped_column(Key)
    employee_number_folded: Mapped[str | None] = mapped_column(Key)
    is_enabled: Mapped[bool] = mapped_column(default=False)
    is_emergency: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
