"""`doorward db`: the schema."""

import click

from app import create_app
from app.services import migrations


@click.group("db")
def database() -> None:
    """The database's schema."""


@database.command()
def upgrade() -> None:
    """Make the schema, or bring it up to date."""
    with create_app().app_context():
        migrations.upgrade()
    click.echo("The database is up to date.")
