"""Every test in this folder runs twice: on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app import create_app
from app.services import migrations
from tests.conftest import config_for
from tests.postgres import Cluster

SQLITE = pytest.param("sqlite", id="sqlite")
POSTGRESQL = pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres)


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database of the test's own, on each of the two in turn.

    The fixtures of one kind are asked for by name, so that a run of the SQLite tests alone
    starts no server.
    """
    if request.param == "sqlite":
        path = tmp_path / "doorward.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    template: str = request.getfixturevalue("migrated_postgres")
    database = f"test_{uuid4().hex}"
    cluster.create(database, template)
    yield cluster.url(database)
    cluster.drop(database)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with today's schema, made once a run, to copy from."""

    def migrate(url: str) -> None:
        app = create_app(config_for(tmp_path_factory.mktemp("migrated-postgres"), url))
        with app.app_context():
            migrations.upgrade()
            from app.models import db

            db.engine.dispose()

    return postgres_cluster.template("migrated", migrate)
