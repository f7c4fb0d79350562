"""Runs migrations on the connection that `services.migrations` hands over."""

from alembic import context

from app.models import Base


def run() -> None:
    """Migrate within one transaction; SQLite rebuilds tables instead of altering them."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


run()
