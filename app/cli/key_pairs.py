"""`doorward keys`: the service provider's own key pairs."""

import click

from app.cli.running import config, now, with_app
from app.services import service_provider
from saml.keys import describe


@click.group()
def keys() -> None:
    """Our key pairs: the oldest signs, all of them decrypt and stand in the metadata."""


@keys.command()
@click.argument("name", required=False)
@with_app
def new(name: str | None) -> None:
    """Make a key pair; it is announced at once and signs when the older ones are retired."""
    made = service_provider.new_key_pair(config().certs, now=now(), name=name)
    click.echo(f"Key pair {made} is in {config().certs}")


@keys.command("list")
@with_app
def list_all() -> None:
    """List the key pairs, the signing one first."""
    for position, (name, pair) in enumerate(service_provider.key_pairs(config().certs)):
        facts = describe(pair.certificate, now())
        role = "signs and decrypts" if position == 0 else "decrypts, announced"
        click.echo(f"{name}\t{facts.kind}\t{facts.not_after:%Y-%m-%d}\t{role}")


@keys.command()
@click.argument("name")
@with_app
def retire(name: str) -> None:
    """Take a key pair out of use, when every identity provider knows the newer one."""
    service_provider.retire_key_pair(config().certs, name)
    click.echo(f"Key pair {name} is retired")
