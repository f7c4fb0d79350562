"""The database's schema: brought up to date, or found to be behind the code."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.models import db

_MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def upgrade() -> None:
    """Run all migrations that the database has not seen yet."""
    config = alembicalembic_config()
    with db.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current() -> bool:
    """Say whether the database has exactly the code's schema."""
    with db.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
    return set(present) == set(ScriptDirectory.from_config(alembicalembic_config()).get_heads())


def alembicalembic_config() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
