"""`doorward metadata`: what the identity provider has to know of us."""

import click

from app.cli.running import config, now, tenant_option, with_app
from app.services import service_provider, tenants


@click.command()
@tenant_option
@with_app
def metadata(tenant_slug: str | None) -> None:
    """Print the tenant's service provider metadata."""
    tenant = tenants.by_slug(tenant_slug)
    document = service_provider.metadata_of(tenant, config().certs, now=now())
    click.echo(document, nl=False)
