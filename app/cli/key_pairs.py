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
    """Make a key pair; it is announced at once and signs when the older ones are retired.

    NAME is the present time where none is given; names sort by age.
    """
    made = service_provider.new_key_pair(config().certs, now=now(), name=name)
    click.echo(f"Key pair {made} is in {config().certs}")
    others = [each for each, _ in service_provider.key_pairs(config().certs) if each != made]
    if others:
        click.echo(
            "Give your identity providers our metadata again. When all of them have read it: "
            f"doorward keys retire {others[0]}"
        )


@keys.command("list")
@with_app
def list_all() -> None:
    """List the key pairs, the signing one first: name, kind, last day, use, SHA-256."""
    pairs = service_provider.key_pairs(config().certs)
    for position, (name, pair) in enumerate(pairs):
        facts = describe(pair.certificate, now())
        role = "signs and decrypts" if position == 0 else "decrypts, announced"
        last_day = f"{facts.not_after:%Y-%m-%d}"
        click.echo("\t".join((name, facts.kind, last_day, role, facts.sha256_fingerprint)))
    if not pairs:
        click.echo(f"No key pair in {config().certs}: make one with `doorward keys new`", err=True)


@keys.command()
@click.argument("name")
@with_app
def retire(name: str) -> None:
    """Take a key pair out of use, when every identity provider knows the newer one."""
    service_provider.retire_key_pair(config().certs, name)
    click.echo(f"Key pair {name} is retired")
