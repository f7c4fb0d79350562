"""The migrations make exactly the tables that the code has, and can be taken back."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from app.models import Base, db
from app.services import migrations


def test_migrations_and_models_agree(app: Flask) -> None:
    """Nobody adds a column without a migration, or the other way round."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrations_can_be_taken_back_and_run_again(app: Flask) -> None:
    """Down to an empty database and up again."""
    config = migrations.alembic_config()
    with db.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    assert not migrations.is_current()
    migrations.upgrade()
    assert migrations.is_current()
