"""`doorward admin`: system administrators."""

import sys

import click

from app.cli.running import now, tenant_option, with_app
from app.services import accounts, tenants
from app.services.audit import OPERATOR
from app.services.people import PersonData


@click.group()
def admin() -> None:
    """System administrators."""


@admin.command()
@tenant_option
@click.option("--username", required=True)
@click.option("--email", required=True)
@click.option("--name", default=None, help="Given and family name; else taken from the username.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password's line.")
@click.option("--emergency", is_flag=True, help="May sign in by password when SSO fails.")
@with_app
def create(
    tenant_slug: str | None,
    username: str,
    email: str,
    name: str | None,
    password_stdin: bool,
    emergency: bool,
) -> None:
    """Make a person with an account that is a system administrator."""
    given, _, family = (name or username).partition(" ")
    tenant = tenants.by_slug(tenant_slug)
    account_id = accounts.create_administrator(
        tenant,
        PersonData(given, family or "Administrator", email),
        username=username,
        password=sys.stdin.readline().rstrip("\r\n"),
        is_emergency=emergency,
        actor=OPERATOR,
        now=now(),
    )
    click.echo(f"Administrator {username} has account {account_id}")
