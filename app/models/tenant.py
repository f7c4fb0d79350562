"""A company: every other row carries its ID."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified


class Tenant(Identified, Base):
    """A company and its sign-in settings.

    `host` is the host part (with port, if any) of `base_url`, by which a browser's tenant is
    found. `settings_version` grows with every change of sign-in settings or IdPs, so that
    workers know when what they keep in memory is stale.
    """

    __tablename__ = "tenants"

    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    base_url: Mapped[str] = mapped_column(String(500), unique=True)
    host: Mapped[str] = mapped_column(String(300), unique=True)
    default_language: Mapped[str] = mapped_column(String(8), default="en")
    settings_version: Mapped[int] = mapped_column(default=1)
    sso_enabled: Mapped[bool] = mapped_column(default=False)
    sso_enforced: Mapped[bool] = mapped_column(default=False)
    sso_redirects_at_once: Mapped[bool] = mapped_column(default=False)
    session_idle_minutes: Mapped[int] = mapped_column(default=60)
    session_absolute_minutes: Mapped[int] = mapped_column(default=12 * 60)
    next_person_number: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
