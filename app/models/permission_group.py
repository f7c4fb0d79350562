"""Permission groups and who is in them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified


class PermissionGroup(Identified, Base):
    """A named set of rights. `kind` is system_administrator, staff_member or custom."""

    __tablename__ = "permission_groups"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(30), default="custom")
    created_at: Mapped[datetime]


class Membership(Identified, Base):
    """An account's place in a permission group."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("account_id", "permission_group_id"),
        Index("ix_memberships_permission_group_id", "permission_group_id"),
    )

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    permission_group_id: Mapped[str] = mapped_column(ForeignKey("permission_groups.id"))
