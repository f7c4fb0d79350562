"""Employee records: made by import or command, whether or not they get an account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.domain.identifiers import MAX_LENGTH, Identifier, canonical, spelled
from app.models import Person
from app.models import Tenant as TenantRow
from app.services.errors import Invalid


@dataclass(frozen=True, slots=True)
class PersonData:
    """What is known of a person at first. Empty values are None."""

    given_name: str
    family_name: str
    primary_email: str | None = None
    email_is_shared: bool = False
    employee_number: str | None = None
    company_id: str | None = None
    structure_level_id: str | None = None


def add(session: Session, tenant_id: str, data: PersonData, *, now: datetime) -> Person:
    """Add a person within the caller's transaction. Raises Invalid, naming the field."""
    checked = columns(data)
    person = Person(
        **checked,
        tenant_id=tenant_id,
        number=_next_number(session, tenant_id),
        created_at=now,
        updated_at=now,
    )
    session.add(person)
    session.flush()
    return person


def columns(data: PersonData) -> dict[str, Any]:
    """Return what a person's row keeps of `data`, checked. Raises Invalid, naming the field."""
    for field, name in (("givenName", data.given_name), ("familyName", data.family_name)):
        if not name.strip() or len(name) > 200 or not name.isprintable():
            raise Invalid(field, f"{field} must have 1 to 200 printable characters.")
    return {
        "given_name": data.given_name.strip(),
        "family_name": data.family_name.strip(),
        "primary_email": spelled(data.primary_email),
        "email_key": key("primaryEmail", Identifier.PRIMARY_EMAIL, data.primary_email),
        "email_is_shared": data.email_is_shared,
        "employee_number": spelled(data.employee_number),
        "employee_number_key": key(
            "employeeNumber", Identifier.EMPLOYEE_NUMBER, data.employee_number
        ),
        "company_id": data.company_id,
        "structure_level_id": data.structure_level_id,
    }


def key(field: str, identifier: Identifier, value: str | None) -> str | None:
    """Return the canonical form of a value that is about to be stored; None stays None.

    Raises Invalid for what no NameID could ever match. An e-mail needs an @ with something
    on both sides: what else an address may be is the mail system's business.
    """
    if value is None:
        return None
    found = canonical(identifier, value)
    if found is None:
        raise Invalid(
            field,
            f"{field} must have 1 to {MAX_LENGTH} characters, without control characters "
            "and look-alikes of ASCII letters.",
        )
    if identifier is Identifier.PRIMARY_EMAIL:
        local, _, domain = found.rpartition("@")
        if not local or not domain or any(character.isspace() for character in found):
            raise Invalid(field, f"{field} is not an e-mail address.")
    return found


def _next_number(session: Session, tenant_id: str) -> int:
    return (
        session.execute(
            update(TenantRow)
            .where(TenantRow.id == tenant_id)
            .values(next_person_number=TenantRow.next_person_number + 1)
            .returning(TenantRow.next_person_number)
            .execution_options(synchronize_session=False)
        ).scalar_one()
        - 1
    )
