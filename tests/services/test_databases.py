"""The folder's promise: each test has a database of its own, of both kinds."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import make_url

from app.services import tenants
from app.services.tenants import Tenant
from tests.factories import make_tenant


def test_a_database_is_of_its_kind(
    app: Flask, request: pytest.FixtureRequest, database_url: str
) -> None:
    """The application runs on the database that the test's name says."""
    from app.models import db

    assert f"[{db.engine.dialect.name}]" in request.node.name
    assert db.engine.url == make_url(database_url)


def test_a_database_is_empty(tenant: Tenant, now: datetime) -> None:
    """What one test writes, the next does not find."""
    make_tenant("contoso", base_url="https://contoso.example", now=now)
    assert [found.slug for found in tenants.every()] == ["contoso", "northwind"]


test_the_next_database_is_empty_too = test_a_database_is_empty
