"""Makes what a test starts from: tenants, people, accounts, an identity provider."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from app.services import accounts, identity_providers, passwords, people, sso_settings, tenants
from app.services.accounts import AccountData
from app.services.audit import OPERATOR
from app.services.people import PersonData
from app.services.tenants import Tenant
from app.services.transactions import writing
from saml.metadata import identity_providers as read_metadata

BASE_URL = "https://northwind.example"


def make_tenant(slug: str = "northwind", *, base_url: str = BASE_URL, now: datetime) -> Tenant:
    return tenants.create(slug, name=slug.title(), base_url=base_url, now=now)


@cache
def _hashed(password: str) -> str:
    """Argon2id takes its time on purpose; whoever has the same password may share it here."""
    return passwords.hash_password(password)


@dataclass(frozen=True)
class Someone:
    """A person who was made for a test, with the account's ID if there is one."""

    person_id: str
    account_id: str | None


def make_person(
    tenant: Tenant,
    name: str = "Anna Larsen",
    *,
    now: datetime,
    username: str | None = None,
    email: str | None = None,
    email_is_shared: bool = False,
    number: str | None = None,
    sso_id: str | None = None,
    is_enabled: bool = True,
    is_emergency: bool = False,
    password: str | None = None,
    group_ids: tuple[str, ...] = (),
) -> Someone:
    """A person; with `username` also an account, enabled unless told otherwise."""
    given, _, family = name.partition(" ")
    with writing() as session:
        person = people.add(
            session,
            tenant.id,
            PersonData(given, family, email, email_is_shared, number),
            now=now,
        )
        if username is None:
            return Someone(person.id, None)
        data = AccountData(
            username=username,
            sso_id=sso_id,
            is_enabled=is_enabled,
            is_emergency=is_emergency,
            password_hash=_hashed(password) if password else None,
            group_ids=group_ids,
        )
        return Someone(person.id, accounts.add(session, person, data, now=now).id)


def make_administrator(
    tenant: Tenant,
    username: str = "admin",
    *,
    now: datetime,
    password: str = "a long password",
    is_emergency: bool = True,
) -> str:
    return accounts.create_administrator(
        tenant,
        PersonData("Ada", "Admin", f"{username}@northwind.example"),
        username=username,
        password=password,
        is_emergency=is_emergency,
        actor=OPERATOR,
        now=now,
    )


def set_up_idp(
    tenant: Tenant, metadata: bytes, certs: Path, *, now: datetime, sso_on: bool = True
) -> Tenant:
    """Set an IdP up from its metadata and turn SSO on; return the tenant as it is then."""
    (found,) = read_metadata(metadata, now=now)
    identity_providers.save(
        tenant, found, document=metadata.decode(), name=None, actor=OPERATOR, now=now
    )
    if sso_on:
        sso_settings.turn_on(tenant, certs, force=True, actor=OPERATOR, now=now)
    return tenants.by_slug(tenant.slug)
