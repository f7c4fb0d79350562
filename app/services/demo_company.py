"""The people of the demo's company, made in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.models import Company, StructureLevel, new_id
from app.services import accounts, audit, people, permission_groups
from app.services.accounts import AccountData
from app.services.people import PersonData
from app.services.tenants import Tenant
from app.services.transactions import writing


@dataclass(frozen=True, slots=True)
class Employee:
    """A person to be made; with a username, the account too."""

    given_name: str
    family_name: str
    employee_number: str
    primary_email: str | None
    email_is_shared: bool
    username: str | None
    sso_id: str | None
    is_enabled: bool
    company: str
    structure_level: str
    groups: tuple[str, ...]


def settle(tenant: Tenant, employees: Sequence[Employee], *, now: datetime) -> None:
    """Make all these people, with their companies and structure levels, in a new tenant."""
    with writing() as session:
        companies = _named(session, Company, tenant, (one.company for one in employees))
        levels = _named(session, StructureLevel, tenant, (one.structure_level for one in employees))
        groups = permission_groups.ids_by_name(session, tenant.id)
        for one in employees:
            data = PersonData(
                one.given_name,
                one.family_name,
                one.primary_email,
                one.email_is_shared,
                one.employee_number,
                companies[one.company],
                levels[one.structure_level],
            )
            person = people.add(session, tenant.id, data, now=now)
            if one.username is not None:
                account = AccountData(
                    one.username,
                    one.sso_id,
                    one.is_enabled,
                    group_ids=tuple(groups[name] for name in one.groups),
                )
                accounts.add(session, person, account, now=now)
        audit.record(
            session,
            tenant.id,
            audit.OPERATOR,
            "people.imported",
            "tenant",
            tenant.id,
            now=now,
            after={"people": len(employees)},
        )


def _named(
    session: Session,
    kind: type[Company] | type[StructureLevel],
    tenant: Tenant,
    names: Iterable[str],
) -> dict[str, str]:
    ids = {name: new_id() for name in sorted(set(names))}
    session.add_all(kind(id=ids[name], tenant_id=tenant.id, name=name) for name in ids)
    session.flush()
    return ids
