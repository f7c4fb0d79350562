"""Accounts: made, found, enabled, disabled, and given their SSO ID."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.collisions import Collision
from app.domain.identifiers import Identifier, folded, spelled
from app.domain.matching import Candidate, Match, NoMatch, match_account
from app.models import Account, Membership, PermissionGroup, Person, new_id
from app.services import audit, guard_on_writes, passwords, permission_groups, sessions
from app.services.directory import SqlDirectory
from app.services.errors import Conflict, NotFound
from app.services.people import PersonData, key
from app.services.people import add as add_person
from app.services.tenants import Tenant
from app.services.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class AccountData:
    """A new account. `password_hash` is what `passwords.hash_password` gave, or None."""

    username: str
    sso_id: str | None = None
    is_enabled: bool = False
    is_emergency: bool = False
    password_hash: str | None = None
    group_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account with its person, as pages show it."""

    id: str
    person_id: str
    display_name: str
    username: str
    primary_email: str | None
    email_is_shared: bool
    employee_number: str | None
    sso_id: str | None
    is_enabled: bool
    is_emergency: bool
    has_password: bool
    groups: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SsoIdCheck:
    """What setting an SSO ID would do: whom it would touch, before anything is saved.

    `today` is what a sign-in as this value comes to now, None for no value. `to_retype` is what
    confirms the collisions: the value, or the one that is cleared.
    """

    value: str | None
    collisions: tuple[Collision, ...]
    today: Match | NoMatch | None
    to_retype: str

    @property
    def is_duplicate(self) -> bool:
        """Whether another account has this very SSO ID: nobody can confirm that away."""
        return any(collision.is_duplicate for collision in self.collisions)


def add(session: Session, person: Person, data: AccountData, *, now: datetime) -> Account:
    """Give a person an account within the caller's transaction.

    Raises Invalid or Conflict, naming the field, where an identifier cannot be used or would
    change whom some NameID finds.
    """
    account = Account(
        **columns(data),
        **columns_of_person(person.email_key, person.email_is_shared, person.employee_number_key),
        id=new_id(),
        tenant_id=person.tenant_id,
        person_id=person.id,
        created_at=now,
        updated_at=now,
    )
    guard_on_writes.take_turns(session, person.tenant_id)
    found = guard_on_writes.find_collisions(
        session,
        person.tenant_id,
        _candidate(account),
        {},
        guard_on_writes.keys_of(account),
        shares_email=account.email_is_shared,
    )
    for collision in found:
        raise guard_on_writes.conflict(collision)
    session.add(account)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("username", "Another account has one of these identifiers.") from None
    permission_groups.add_member(session, person.tenant_id, account.id, data.group_ids)
    return account


def columns(data: AccountData) -> dict[str, Any]:
    """Return what an account's row keeps of `data`, checked. Raises Invalid, naming the field."""
    return {
        "username": spelled(data.username),
        "username_key": key("username", Identifier.USERNAME, data.username),
        **_sso_id_columns(data.sso_id),
        "is_enabled": data.is_enabled,
        "is_emergency": data.is_emergency,
        "password_hash": data.password_hash,
    }


def columns_of_person(
    email_key: str | None, email_is_shared: bool, employee_number_key: str | None
) -> dict[str, Any]:
    """Return what an account's row repeats of its person's."""
    return {
        "email_key": email_key,
        "email_is_shared": email_is_shared,
        "employee_number_key": employee_number_key,
        "employee_number_folded": _folded(employee_number_key),
    }


def create_administrator(
    tenant: Tenant,
    person: PersonData,
    *,
    username: str,
    password: str,
    is_emergency: bool,
    actor: audit.Actor,
    now: datetime,
) -> str:
    """Make a person, an enabled account and its place among the system administrators."""
    hashed = passwords.hash_password(password)
    with writing() as session:
        group = permission_groups.id_of_kind(
            session, tenant.id, permission_groups.SYSTEM_ADMINISTRATOR
        )
        data = AccountData(
            username=username,
            is_enabled=True,
            is_emergency=is_emergency,
            password_hash=hashed,
            group_ids=(group,),
        )
        account = add(session, add_person(session, tenant.id, person, now=now), data, now=now)
        audit.record(
            session,
            tenant.id,
            actor,
            "account.created",
            "account",
            account.id,
            now=now,
            after={
                "username": account.username,
                "permissionGroups": ["System administrator"],
                "isEmergency": is_emergency,
            },
        )
        return account.id


def find(tenant: Tenant, account_id: str) -> AccountView:
    """Return one account of the tenant. Raises NotFound."""
    with reading() as session:
        return _view(session, *_get(session, tenant, account_id))


def set_enabled(
    tenant: Tenant, account_id: str, is_enabled: bool, *, actor: audit.Actor, now: datetime
) -> None:
    """Enable or disable an account. Disabling ends its sessions in the same transaction.

    Raises NotFound, or Conflict where somebody would disable their own account: so an
    administrator is always left.
    """
    if not is_enabled and actor.kind == "account" and actor.id == account_id:
        raise Conflict("isEnabled", "You cannot disable your own account.")
    with writing() as session:
        account, _ = _get(session, tenant, account_id)
        if account.is_enabled is is_enabled:
            return
        account.is_enabled = is_enabled
        account.updated_at = now
        # Enabling ends them too: a sign-in that was being completed while the account was
        # disabled may have left a session, which must not come alive now.
        ended = sessions.end_all(session, account.id, now=now)
        session.flush()
        audit.record(
            session,
            tenant.id,
            actor,
            "account.enabled" if is_enabled else "account.disabled",
            "account",
            account.id,
            now=now,
            before={"isEnabled": not is_enabled},
            after={"isEnabled": is_enabled, "sessionsEnded": ended},
        )


def check_sso_id(tenant: Tenant, account_id: str, value: str | None) -> SsoIdCheck:
    """Tell what setting this SSO ID would do, and change nothing.

    Raises NotFound, or Invalid for a value that could never match.
    """
    with reading() as session:
        account, _ = _get(session, tenant, account_id)
        return _check(session, account, value)


def set_sso_id(
    tenant: Tenant,
    account_id: str,
    value: str | None,
    *,
    confirmed: str | None,
    actor: audit.Actor,
    now: datetime,
) -> SsoIdCheck:
    """Set (or clear, with None) an account's SSO ID.

    Where that would change whom some NameID finds, `confirmed` must repeat the value (or the
    one that is cleared); else Conflict, and nothing is changed. Another account's own SSO ID
    is a Conflict always. Raises NotFound, Invalid.
    """
    with writing() as session:
        guard_on_writes.take_turns(session, tenant.id)
        account, _ = _get(session, tenant, account_id)
        check = _check(session, account, value)
        for collision in check.collisions:
            if collision.is_duplicate or spelled(confirmed) != check.to_retype:
                raise guard_on_writes.conflict(collision)
        before = account.sso_id
        if before == check.value:
            return check
        for column, found in _sso_id_columns(check.value).items():
            setattr(account, column, found)
        account.updated_at = now
        try:
            session.flush()
        except IntegrityError:
            raise Conflict("ssoId", "Another account has this ssoId.", rule="sso-id") from None
        audit.record(
            session,
            tenant.id,
            actor,
            "account.sso-id-set",
            "account",
            account.id,
            now=now,
            before={"ssoId": before},
            after={"ssoId": check.value, "confirmed": bool(check.collisions)},
        )
        return check


def _check(session: Session, account: Account, value: str | None) -> SsoIdCheck:
    sso_id_key = key("ssoId", Identifier.SSO_ID, value) if value and value.strip() else None
    value = spelled(value) if sso_id_key is not None else None
    before = guard_on_writes.keys_of(account)
    after = {**before, Identifier.SSO_ID: sso_id_key}
    return SsoIdCheck(
        value,
        guard_on_writes.find_collisions(
            session, account.tenant_id, _candidate(account), before, after
        ),
        today=match_account(value, SqlDirectory(session, account.tenant_id)) if value else None,
        to_retype=value or account.sso_id or "",
    )


def _sso_id_columns(value: str | None) -> dict[str, str | None]:
    sso_id_key = key("ssoId", Identifier.SSO_ID, value)
    return {
        "sso_id": spelled(value),
        "sso_id_key": sso_id_key,
        "sso_id_folded": _folded(sso_id_key),
    }


def _folded(value: str | None) -> str | None:
    return folded(value) if value is not None else None


def _candidate(account: Account) -> Candidate:
    return Candidate(account.id, account.person_id, account.username, account.is_enabled)


def _get(session: Session, tenant: Tenant, account_id: str) -> tuple[Account, Person]:
    row = session.execute(
        select(Account, Person)
        .join(Person, Person.id == Account.person_id)
        .where(Account.id == account_id, Account.tenant_id == tenant.id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such account.")
    account, person = row
    return account, person


def _view(session: Session, account: Account, person: Person) -> AccountView:
    return AccountView(
        id=account.id,
        person_id=person.id,
        display_name=person.display_name,
        username=account.username,
        primary_email=person.primary_email,
        email_is_shared=person.email_is_shared,
        employee_number=person.employee_number,
        sso_id=account.sso_id,
        is_enabled=account.is_enabled,
        is_emergency=account.is_emergency,
        has_password=account.password_hash is not None,
        groups=tuple(_group_names(session, account.id)),
        created_at=account.created_at,
        updated_at=account.updated_at,
    )


def _group_names(session: Session, account_id: str) -> Iterable[str]:
    return session.execute(
        select(PermissionGroup.name)
        .join(Membership, Membership.permission_group_id == PermissionGroup.id)
        .where(Membership.account_id == account_id)
        .order_by(PermissionGroup.name)
    ).scalars()
