"""The database's schema: brought up to date, or found to be behind the code."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.models import db
from app.services.transactions import reading

_MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def upgrade() -> None:
    """Run all migrations that the database has not seen yet. Raises DatabaseAway."""
    if is_current():
        return
    config = alembic_config()
    with db.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current() -> bool:
    """Say whether the database has exactly the code's schema. Raises DatabaseAway."""
    with reading() as session:
        present = MigrationContext.configure(session.connection()).get_current_heads()
    return set(present) == set(ScriptDirectory.from_config(alembic_config()).get_heads())


def alembic_config() -> AlembicConfig:
    """Return Alembic's configuration; a command needs `attributes["connection"]` besides."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
