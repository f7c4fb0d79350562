"""Who uses the pages: an administrator, and people of another tenant who must never be seen."""

from datetime import datetime

import pytest
from flask import Flask

from app.services.tenants import Tenant
from tests.browser_client import Browser
from tests.factories import make_administrator, make_tenant


@pytest.fixture
def administrator(app: Flask, tenant: Tenant, now: datetime) -> Browser:
    """A browser in which the administrator "admin" is signed in."""
    make_administrator(tenant, now=now)
    browser = Browser(app, tenant.base_url)
    assert browser.sign_in_with_password("admin", "a long password").status_code == 303
    return browser


@pytest.fixture
def other_tenant(app: Flask, now: datetime) -> Tenant:
    """Another company on the same installation."""
    return make_tenant("southwind", base_url="https://southwind.example", now=now)
