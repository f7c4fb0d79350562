"""The demo's company: who works there, and who shows what can come of a sign-in."""

import csv
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.services.demo_company import Employee

NAME = "Northwind"
ADMINISTRATOR = "admin"
_ADMINISTRATOR_EMAIL = "ada.lovett@northwind.example"
_PEOPLE = Path(__file__).with_name("demo_people.csv")


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody to sign in as: the NameID that the identity provider sends, what comes of it."""

    name: str
    name_id: str
    outcome: str
    name_id_format: str = "unspecified"


#: One for each rule, in their order; then what goes wrong; then who sets it right.
ROLES = (
    Role("Anna Larsen", "NW-7Q2K9", "found by SSO ID"),
    Role("Bruno Costa", "bruno.costa@northwind.example", "found by primary e-mail", "email"),
    Role("Chloé Martin", "chloe.martin", "found by username"),
    Role("Daniel Okafor", "00042", "found by employee number"),
    Role("Zoe Partner", "zoe@partner.example", "refused: matches nobody", "email"),
    Role("Elena Petrova", "elena.petrova@northwind.example", "refused: disabled", "email"),
    Role("Femi or Greta", "dock-2@northwind.example", "refused: ambiguous, two share it", "email"),
    Role("Ada Lovett", _ADMINISTRATOR_EMAIL, "the administrator", "email"),
)


def for_identity_provider() -> list[dict[str, str]]:
    """Return the roles as the mock identity provider reads its people."""
    return [
        {
            "name": role.name,
            "name_id": role.name_id,
            "name_id_format": role.name_id_format,
            "note": role.outcome,
        }
        for role in ROLES
    ]


def found(folder: Path, *, base_url: str, idp_metadata_url: str) -> None:
    """Make the demo's database: the company, its people, our key pair, the IdP, SSO on.

    The environment must name `folder` already. Nothing of it may be there but the IdP's files.
    """
    from app import create_app
    from app.cli.running import config, now
    from app.services import (
        accounts,
        demo_company,
        identity_providers,
        metadata_fetch,
        migrations,
        service_provider,
        sso_settings,
        tenants,
    )
    from app.services.audit import OPERATOR
    from app.services.people import PersonData
    from app.services.transactions import disconnect
    from saml.metadata import identity_providers as read_metadata

    with create_app().app_context():
        migrations.upgrade()
        tenant = tenants.create("northwind", name=NAME, base_url=base_url, now=now())
        demo_company.settle(tenant, _employees(), now=now())
        accounts.create_administrator(
            tenant,
            PersonData("Ada", "Lovett", _ADMINISTRATOR_EMAIL, employee_number="00001"),
            username=ADMINISTRATOR,
            password=_new_password(folder),
            is_emergency=True,
            actor=OPERATOR,
            now=now(),
        )
        service_provider.new_key_pair(config().certs, now=now())
        document = metadata_fetch.fetch(idp_metadata_url, may_connect=metadata_fetch.anywhere)
        (metadata,) = read_metadata(document, now=now())
        identity_providers.save(
            tenant,
            metadata,
            document=document.decode(),
            name="Mock identity provider",
            actor=OPERATOR,
            now=now(),
        )
        # Forced: the emergency administrator has never signed in yet.
        sso_settings.turn_on(tenant, config().certs, force=True, actor=OPERATOR, now=now())
        disconnect()


def password(folder: Path) -> str:
    """Return the administrator's password, which was made for this folder."""
    return (folder / "administrator-password").read_text().strip()


def _new_password(folder: Path) -> str:
    made = secrets.token_urlsafe(12)
    descriptor = os.open(
        folder / "administrator-password", os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600
    )
    with os.fdopen(descriptor, "w") as file:
        file.write(made + "\n")
    return made


def _employees() -> list["Employee"]:
    from app.services.demo_company import Employee

    with _PEOPLE.open(encoding="utf-8", newline="") as file:
        return [
            Employee(
                given_name=row["givenName"],
                family_name=row["familyName"],
                employee_number=row["employeeNumber"],
                primary_email=row["primaryEmail"] or None,
                email_is_shared=row["sharedEmail"] == "true",
                username=row["username"] or None,
                sso_id=row["ssoId"] or None,
                is_enabled=row["isEnabled"] == "true",
                company=row["company"],
                structure_level=row["structureLevel"],
                groups=tuple(filter(None, row["permissionGroups"].split(";"))),
            )
            for row in csv.DictReader(file)
        ]
