"""What every test may use: a database of its own, the application on it, a browser."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.config import Config
from app.services import migrations
from app.services.tenants import Tenant
from tests.browser_client import Browser
from tests.factories import make_tenant, set_up_idp
from tests.idp.mock_idp import MockIdp

pytest_plugins = ["tests.postgres"]

SECRET_KEY = "a secret key for tests only, forty characters"


def config_for(folder: Path, database_url: str) -> Config:
    """A configuration that keeps everything in a test's own folder."""
    return Config(
        instance=folder,
        certs=folder / "certs",
        database_url=database_url,
        secret_key=SECRET_KEY,
    )


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with today's schema and nothing in it, made once per worker."""
    folder = tmp_path_factory.mktemp("migrated")
    path = folder / "empty.sqlite3"
    app = create_app(config_for(folder, f"sqlite:///{path}"))
    with app.app_context():
        migrations.upgrade()
        from app.models import db

        db.engine.dispose()
    return path


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated, empty database of the test's own: SQLite unless a folder says otherwise."""
    path = tmp_path / "doorward.sqlite3"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on the test's database, inside an application context."""
    application = create_app(config_for(tmp_path, database_url))
    application.testing = True
    with application.app_context():
        yield application
        from app.models import db

        db.engine.dispose()


@pytest.fixture
def now() -> datetime:
    """The present moment: what a test does, it does now."""
    return datetime.now(UTC)


@pytest.fixture
def idp() -> MockIdp:
    """An identity provider of its own code."""
    return MockIdp()


@pytest.fixture
def tenant(app: Flask, now: datetime) -> Tenant:
    """A tenant at https://northwind.example, SSO off, no identity provider."""
    return make_tenant(now=now)


@pytest.fixture
def sso_tenant(app: Flask, tenant: Tenant, idp: MockIdp, now: datetime, tmp_path: Path) -> Tenant:
    """The tenant with the mock IdP set up and SSO on."""
    return set_up_idp(tenant, idp.metadata, tmp_path / "certs", now=now)


@pytest.fixture
def browser(app: Flask, tenant: Tenant) -> Browser:
    """A browser at the tenant's site."""
    return Browser(app, tenant.base_url)
