"""Employee records, and where in the company they belong."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.names import search_key
from app.models.base import Base, Identified, Key


def _key_of(column: str) -> Callable[[DefaultExecutionContext], str]:
    """A default that spells the row's own name for searching, in whatever way it is inserted."""

    def spell(context: DefaultExecutionContext) -> str:
        parameters = context.get_current_parameters()  # type: ignore[no-untyped-call]
        return search_key(parameters[column])

    return spell


class Company(Identified, Base):
    """A legal entity of a tenant."""

    __tablename__ = "companies"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(String(200))


class StructureLevel(Identified, Base):
    """A node of a tenant's administrative structure."""

    __tablename__ = "structure_levels"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("structure_levels.id"))


class Person(Identified, Base):
    """An employee, with or without an account.

    `number` counts people within the tenant (the API's `autoIncrementIntellihrId`). The keys
    are canonical identifiers; they are not unique here, since a person without an account
    may share an address with one who has it. The names' keys are for sorting and searching:
    they come by themselves with a new row, and who changes a name sets its key too.
    """

    __tablename__ = "people"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        Index("ix_people_tenant_id_email_key", "tenant_id", "email_key"),
        Index("ix_people_tenant_id_employee_number_key", "tenant_id", "employee_number_key"),
        Index("ix_people_tenant_id_name", "tenant_id", "family_name_key", "given_name_key", "id"),
        Index("ix_people_tenant_id_given_name_key", "tenant_id", "given_name_key"),
        Index("ix_people_tenant_id_created_at", "tenant_id", "created_at", "id"),
    )

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    number: Mapped[int]
    given_name: Mapped[str] = mapped_column(String(200))
    family_name: Mapped[str] = mapped_column(String(200))
    given_name_key: Mapped[str] = mapped_column(Key, default=_key_of("given_name"))
    family_name_key: Mapped[str] = mapped_column(Key, default=_key_of("family_name"))
    primary_email: Mapped[str | None] = mapped_column(String(320))
    email_key: Mapped[str | None] = mapped_column(Key)
    email_is_shared: Mapped[bool] = mapped_column(default=False)
    employee_number: Mapped[str | None] = mapped_column(String(320))
    employee_number_key: Mapped[str | None] = mapped_column(Key)
    company_id: Mapped[str | None] = mapped_column(ForeignKey("companies.id"))
    structure_level_id: Mapped[str | None] = mapped_column(ForeignKey("structure_levels.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def display_name(self) -> str:
        """Given name, then family name."""
        return f"{self.given_name} {self.family_name}".strip()
