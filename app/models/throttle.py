"""Counters that slow guessing down, shared by all workers."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Throttle(Base):
    """How often something was tried since `since`. `key_hash` tells nothing of what it counts."""

    __tablename__ = "throttles"
    __table_args__ = (Index("ix_throttles_since", "since"),)

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime]
    count: Mapped[int]
