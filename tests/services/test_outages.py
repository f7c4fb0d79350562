"""The database away: 503 with Retry-After, and the sign-in goes on when it is back."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url, text

from app.models import base
from app.services.errors import Invalid
from app.services.prepared import Prepared
from app.services.tenants import Tenant
from app.services.transactions import DatabaseAway, reading, reading_core
from tests.browser_client import Browser
from tests.factories import make_person
from tests.idp.client import answer
from tests.idp.mock_idp import MockIdp

PASSWORD = "a long password"
Outage = Callable[[], AbstractContextManager[None]]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process holds SQLite's write lock for longer than anybody waits."""
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        writer.close()


@contextmanager
def unreadable(path: Path) -> Iterator[None]:
    """What lies where the database was is none."""
    base.db.engine.dispose()
    content = path.read_bytes()
    path.write_bytes(b"x" * len(content))
    try:
        yield
    finally:
        base.db.engine.dispose()
        path.write_bytes(content)


@contextmanager
def closed(database_url: str) -> Iterator[None]:
    """PostgreSQL ends all connections to the database and takes no new ones."""
    url = make_url(database_url)
    conninfo = f"host={url.query['host']} user={url.username} dbname=postgres"
    name = url.database or ""
    with psycopg.connect(conninfo, autocommit=True) as operator:
        operator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        operator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        try:
            yield
        finally:
            operator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())


@pytest.fixture
def outages(database_url: str, monkeypatch: pytest.MonkeyPatch) -> list[Outage]:
    """The ways in which the database can be away."""
    monkeypatch.setattr(base, "BUSY_TIMEOUT_MS", 50)
    if not database_url.startswith("sqlite"):
        return [partial(closed, database_url)]
    path = Path(database_url.removeprefix("sqlite:///"))
    return [partial(locked, path), partial(unreadable, path)]


def test_an_outage_loses_no_sign_in(
    outages: list[Outage], browser: Browser, sso_tenant: Tenant, idp: MockIdp, now: datetime
) -> None:
    """At the ACS and at the last step: told to try again, and trying again works."""
    make_person(sso_tenant, now=now, username="anna", password=PASSWORD)
    for outage in outages:
        first, second = (
            answer(idp, browser.go_to_idp(), name_id="anna", now=now) for _ in range(2)
        )
        ticket = browser.cross_site_post("/saml/acs", first).location
        password = {"csrf_token": browser.csrf("/login/password"), "username": "anna"}
        with outage():
            answers = [
                browser.get("/saml/login"),
                browser.cross_site_post("/saml/acs", second),
                browser.get(ticket),
                browser.post("/login/password", {**password, "password": PASSWORD}),
            ]
            assert browser.get("/healthz").status_code == 200
            assert browser.get("/nothing-here").status_code == 404
        for told in answers:
            assert (told.status_code, told.headers["Retry-After"]) == (503, "5")
            assert "Set-Cookie" not in told.headers
            assert "Traceback" not in told.text and "sql" not in told.text.lower()
        assert browser.get(ticket).location == "/account"
        ticket = browser.cross_site_post("/saml/acs", second).location
        assert browser.get(ticket).location == "/account"
        browser.submit("/logout", {}, form_at="/account")


def test_what_fails_between_two_rows_is_an_outage_too(app: Flask) -> None:
    """A database that answers at first and breaks while rows are fetched: told as any other."""
    breaks = Prepared(text("SELECT abs(a) FROM (SELECT 1 AS a UNION ALL SELECT ~0 << 63) AS b"))
    with pytest.raises((DatabaseAway, Invalid)), reading_core() as connection:
        breaks.rows(connection, {})


def test_a_full_pool_is_an_outage(app: Flask) -> None:
    """More at once than there are connections: try again soon, nothing is broken."""
    engine = base.db.engine
    engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    held = [engine.connect() for _ in range(15)]
    try:
        with pytest.raises(DatabaseAway), reading() as session:
            session.execute(text("SELECT 1"))
    finally:
        for connection in held:
            connection.close()
