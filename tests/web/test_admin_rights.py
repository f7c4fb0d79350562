"""The administrators' pages are for administrators, of their own tenant, from their own pages."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.services.tenants import Tenant
from tests.browser_client import Browser
from tests.factories import Someone, make_person

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def rules(app: Flask, method: str) -> Iterator[Rule]:
    """The administrators' routes that answer this method."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin") and method in (rule.methods or ()):
            yield rule


def path_of(rule: Rule, **known: str) -> str:
    """An address that fits a route, with what is known and made-up IDs for the rest."""
    built = rule.build({name: known.get(name, UNKNOWN) for name in rule.arguments})
    assert built is not None
    return built[1]


@pytest.fixture
def staff(app: Flask, tenant: Tenant, now: datetime) -> Browser:
    """An employee without any right, signed in."""
    make_person(tenant, "Eve Staff", now=now, username="eve", password="a long password")
    browser = Browser(app, tenant.base_url)
    assert browser.sign_in_with_password("eve", "a long password").status_code == 303
    return browser


@pytest.fixture
def theirs(other_tenant: Tenant, now: datetime) -> Someone:
    return make_person(other_tenant, "Olga Other", now=now, username="olga", number="99")


def test_staff_see_none_of_the_pages(app: Flask, staff: Browser) -> None:
    """S2.33: every page answers 403, whether what it is about exists or not."""
    for rule in rules(app, "GET"):
        answer = staff.get(path_of(rule))
        assert answer.status_code == 403, rule
        assert "You may not do that" in answer.text


def test_staff_change_nothing(app: Flask, staff: Browser) -> None:
    """Every form answers 403, also with a CSRF token of their own."""
    token = staff.csrf("/account")
    for rule in rules(app, "POST"):
        answer = staff.post(path_of(rule), {"csrf_token": token})
        assert answer.status_code == 403, rule


def test_strangers_are_sent_to_the_sign_in_page(app: Flask, tenant: Tenant) -> None:
    """Nobody signed in: a page remembers itself, and no form does anything."""
    stranger = Browser(app, tenant.base_url)
    for rule in rules(app, "GET"):
        answer = stranger.get(path_of(rule))
        assert answer.status_code == 303, rule
        assert answer.location.startswith("/login?next=/admin"), rule
    for rule in rules(app, "POST"):
        assert stranger.post(path_of(rule)).status_code == 400, rule


def test_no_form_works_without_its_token(app: Flask, administrator: Browser) -> None:
    """Another site's page cannot make an administrator's browser do anything."""
    for rule in rules(app, "POST"):
        for token in ({}, {"csrf_token": ""}, {"csrf_token": "forged"}):
            assert administrator.post(path_of(rule), token).status_code == 400, rule


def test_another_tenants_account_does_not_exist(
    app: Flask, administrator: Browser, theirs: Someone
) -> None:
    """Its pages and forms answer 404, as for an ID that nobody has; nothing is changed."""
    token = administrator.csrf("/account")
    assert theirs.account_id is not None
    about_accounts = [
        (method, rule)
        for method in ("GET", "POST")
        for rule in rules(app, method)
        if "account_id" in rule.arguments
    ]
    assert len(about_accounts) >= 9
    for method, rule in about_accounts:
        path = path_of(rule, account_id=theirs.account_id)
        if method == "GET":
            answer = administrator.get(path)
        else:
            answer = administrator.post(path, {"csrf_token": token, "value": "x"})
        assert answer.status_code == 404, (method, rule)
        assert "Olga" not in answer.text


@pytest.mark.parametrize("query", ["", "?q=olga", "?q=99", "?state=enabled", "?q=Other"])
def test_another_tenants_people_are_never_listed(
    administrator: Browser, theirs: Someone, query: str
) -> None:
    """Neither by name nor by identifier nor by going on from one of them."""
    assert "Olga" not in administrator.get(f"/admin/accounts{query}").text
    after = administrator.get(f"/admin/accounts?after={theirs.person_id}").text
    assert "Ada Admin" in after and "Olga" not in after


def test_another_tenants_identifiers_match_nobody(administrator: Browser, theirs: Someone) -> None:
    """The match check looks at this tenant's accounts alone."""
    page = administrator.get("/admin/accounts/match-check?name_id=olga").text
    assert "Nobody would get in" in page
    assert str(theirs.account_id) not in page
