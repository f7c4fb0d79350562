"""The demo's company: who works there, and who shows what can come of a sign-in."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

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
        metadata_fetch,
        metadata_import,
        migrations,
        people_import,
        service_provider,
        sso_settings,
        tenants,
    )
    from app.services.audit import OPERATOR
    from app.services.people import PersonData
    from app.services.transactions import disconnect

    with create_app().app_context():
        migrations.upgrade()
        tenant = tenants.create("northwind", name=NAME, base_url=base_url, now=now())
        with _PEOPLE.open("rb") as file:
            people_import.import_people(
                tenant, file, file_name=_PEOPLE.name, actor=OPERATOR, now=now()
            )
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
        document = metadata_fetch.fetch(
            idp_metadata_url, may_connect=metadata_fetch.as_typed(idp_metadata_url)
        )
        metadata_import.save(
            tenant, document, name="Mock identity provider", actor=OPERATOR, now=now()
        )
        # Read anew: its settings have another version now. Forced: the emergency administrator
        # has never signed in yet.
        tenant = tenants.by_slug(tenant.slug)
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
