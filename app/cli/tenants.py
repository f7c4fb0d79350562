"""`doorward tenant`: companies."""

import click

from app.cli.running import now, with_app
from app.services import tenants


@click.group()
def tenant() -> None:
    """Companies: each with its own people, settings and address."""


@tenant.command()
@click.argument("slug")
@click.option("--name", required=True, help="What the company is called.")
@click.option("--url", "base_url", required=True, help="Its address, such as https://hr.example.")
@with_app
def create(slug: str, name: str, base_url: str) -> None:
    """Make a tenant."""
    made = tenants.create(slug, name=name, base_url=base_url, now=now())
    click.echo(f"Tenant {made.slug} answers at {made.base_url}")


@tenant.command("list")
@with_app
def list_all() -> None:
    """List the tenants: slug, name, base URL, whether SSO is on."""
    every = tenants.every()
    for found in every:
        sso = "sso on" if found.sso_enabled else "sso off"
        click.echo(f"{found.slug}\t{found.name}\t{found.base_url}\t{sso}")
    if not every:
        click.echo("No tenant yet: make one with `doorward tenant create`", err=True)
