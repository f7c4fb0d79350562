"""Permission groups: the two that the system makes, and who is in which."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Membership, PermissionGroup

SYSTEM_ADMINISTRATOR = "system_administrator"
STAFF_MEMBER = "staff_member"
_SYSTEM_GROUPS = {SYSTEM_ADMINISTRATOR: "System administrator", STAFF_MEMBER: "Staff member"}


def create_system_groups(session: Session, tenant_id: str, *, now: datetime) -> None:
    """Give a new tenant its "System administrator" and "Staff member" groups."""
    session.add_all(
        PermissionGroup(tenant_id=tenant_id, name=name, kind=kind, created_at=now)
        for kind, name in _SYSTEM_GROUPS.items()
    )


def ids_by_name(session: Session, tenant_id: str) -> dict[str, str]:
    """Return the IDs of all groups of a tenant by name."""
    rows = session.execute(
        select(PermissionGroup.name, PermissionGroup.id).where(
            PermissionGroup.tenant_id == tenant_id
        )
    )
    return {row.name: row.id for row in rows}


def id_of_kind(session: Session, tenant_id: str, kind: str) -> str:
    """Return the ID of a tenant's system group of this kind."""
    return session.execute(
        select(PermissionGroup.id).where(
            PermissionGroup.tenant_id == tenant_id, PermissionGroup.kind == kind
        )
    ).scalar_one()


def add_member(session: Session, tenant_id: str, account_id: str, group_ids: Iterable[str]) -> None:
    """Put an account into groups, within the caller's transaction."""
    session.add_all(
        Membership(tenant_id=tenant_id, account_id=account_id, permission_group_id=group_id)
        for group_id in group_ids
    )
