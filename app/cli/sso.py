"""`doorward sso`: single sign-on, also as the rescue from the console."""

import json

import click

from app.cli.running import config, now, tenant_option, with_app
from app.services import sso_settings, tenants
from app.services.audit import OPERATOR


@click.group()
def sso() -> None:
    """Single sign-on on, off, and how it stands."""


@sso.command()
@tenant_option
@click.option("--force", is_flag=True, help="Pass gates that do not hold.")
@with_app
def on(tenant_slug: str | None, force: bool) -> None:
    """Swap the login page to company sign-in."""
    tenant = tenants.by_slug(tenant_slug)
    sso_settings.turn_on(tenant, config().certs, force=force, actor=OPERATOR, now=now())
    click.echo(f"Single sign-on is on for {tenant.slug}")


@sso.command()
@tenant_option
@click.option("--force", is_flag=True, hidden=True, help="Turning off needs no force.")
@with_app
def off(tenant_slug: str | None, force: bool) -> None:
    """Put the password form back on the login page."""
    tenant = tenants.by_slug(tenant_slug)
    sso_settings.turn_off(tenant, actor=OPERATOR, now=now())
    click.echo(f"Single sign-on is off for {tenant.slug}")


@sso.command()
@tenant_option
@click.option("--json", "as_json", is_flag=True)
@with_app
def status(tenant_slug: str | None, as_json: bool) -> None:
    """Say whether SSO is on, with which identity provider, and which gates hold."""
    tenant = tenants.by_slug(tenant_slug)
    found = sso_settings.status(tenant, config().certs, now=now())
    data = {
        "tenant": tenant.slug,
        "ssoEnabled": found.sso_enabled,
        "ssoEnforced": found.sso_enforced,
        "redirectsAtOnce": found.redirects_at_once,
        "entityId": tenant.entity_id,
        "acsUrl": tenant.acs_url,
        "identityProviders": [each.idp.entity_id for each in found.identity_providers],
        "enabledAccounts": found.enabled_accounts,
        "emergencyAdministrators": found.emergency_administrators,
        "gates": [{"name": gate.name, "holds": gate.holds} for gate in found.gates],
    }
    if as_json:
        click.echo(json.dumps(data, indent=2))
        return
    state = "on" if found.sso_enabled else "off"
    enforced = ", enforced" if found.sso_enforced else ""
    click.echo(f"Single sign-on for {tenant.slug}: {state}{enforced}")
    click.echo(f"  our entity ID      {tenant.entity_id}")
    click.echo(f"  our ACS            {tenant.acs_url}")
    for each in found.identity_providers:
        click.echo(f"  identity provider  {each.name} ({each.idp.entity_id})")
    click.echo(f"  enabled accounts   {found.enabled_accounts}")
    for gate in found.gates:
        mark = "holds  " if gate.holds else "MISSING"
        advice = "" if gate.holds else f" {gate.advice}"
        click.echo(f"  {mark}  {gate.sentence}{advice}")
