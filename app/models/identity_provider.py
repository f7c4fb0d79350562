"""Identity providers as a tenant set them up."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified


class IdentityProvider(Identified, Base):
    """One IdP: what its metadata said, and the policy that applies to its responses."""

    __tablename__ = "identity_providers"
    __table_args__ = (UniqueConstraint("tenant_id", "entity_id"),)

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    entity_id: Mapped[str] = mapped_column(String(1024))
    name: Mapped[str] = mapped_column(String(200))
    sso_redirect_url: Mapped[str | None] = mapped_column(String(2000))
    sso_post_url: Mapped[str | None] = mapped_column(String(2000))
    slo_redirect_url: Mapped[str | None] = mapped_column(String(2000))
    slo_post_url: Mapped[str | None] = mapped_column(String(2000))
    slo_response_url: Mapped[str | None] = mapped_column(String(2000))
    signing_certificates: Mapped[list[Any]]
    policy: Mapped[dict[str, Any]]
    metadata_xml: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
