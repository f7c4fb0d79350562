"""The front door as strangers try it: cookies, hosts, headers, methods, tokens, redirects."""

from datetime import datetime

import pytest
from flask import Flask

from app.services.tenants import Tenant
from tests.browser_client import Browser
from tests.factories import make_person, make_tenant

PASSWORD = "a long password"


@pytest.mark.parametrize("base_url", ["https://northwind.example", "http://hr.example:8000"])
def test_forms_work_on_a_site_of_either_scheme(app: Flask, now: datetime, base_url: str) -> None:
    """The cookie that holds a form's token is found again under the name it was given."""
    tenant = make_tenant(base_url=base_url, now=now)
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    browser = Browser(app, base_url)
    assert browser.sign_in_with_password("anna", PASSWORD).status_code == 303
    assert browser.submit("/logout", {}, form_at="/account").status_code == 303
    assert browser.get("/session").status_code == 401


def test_a_page_cookie_planted_from_a_subdomain_gives_no_form_token(
    app: Flask, tenant: Tenant, now: datetime
) -> None:
    """On HTTPS only the `__Host-` cookie counts, which no other host can set."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    attacker, victim = Browser(app, tenant.base_url), Browser(app, tenant.base_url)
    token = attacker.csrf("/login/password")
    planted = attacker.cookie("__Host-doorward_page")
    assert planted is not None
    victim.set_cookie("doorward_page", planted)
    form = {"csrf_token": token, "username": "anna", "password": PASSWORD}
    assert victim.post("/login/password", form).status_code == 400
    assert attacker.post("/login/password", form).status_code == 303
