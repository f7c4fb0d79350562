"""The front door as strangers try it: cookies, hosts, headers, methods, tokens, redirects."""

import re
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.models import base
from app.services import identity_providers
from app.services.audit import OPERATOR
from app.services.tenants import Tenant
from tests.browser_client import Browser
from tests.factories import make_person, make_tenant, set_up_idp
from tests.idp.client import answer
from tests.idp.mock_idp import MockIdp
from tests.idp.reply import Addressee

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


@pytest.fixture
def other(app: Flask, idp: MockIdp, now: datetime, tmp_path: Path) -> Tenant:
    """Another company with the same identity provider."""
    tenant = make_tenant("contoso", base_url="https://contoso.example", now=now)
    return set_up_idp(tenant, idp.metadata, tmp_path / "certs", now=now)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("northwind.example", 200),
        ("NORTHWIND.Example", 200),
        ("northwind.example:443", 200),
        ("northwind.example:80", 200),
        ("northwind.example:8443", 404),
        ("northwind.example.", 404),
        ("evil.example", 404),
        ("northwind.example,evil.example", 404),
        ("evil.example/northwind.example", 404),
        ("", 404),
    ],
)
def test_a_host_is_somebodys_or_nobodys(
    browser: Browser, tenant: Tenant, other: Tenant, host: str, status: int
) -> None:
    """Where there are several companies, a Host that none of them has leads to no page at all."""
    forged = {"X-Forwarded-Host": "contoso.example", "Forwarded": "host=contoso.example"}
    page = browser.get("/login", headers={"Host": host, **forged})
    assert page.status_code == status
    assert ("Northwind" in page.text) == (status == 200)
    assert "Contoso" not in page.text


def test_nothing_that_leaves_the_house_names_the_requests_host(
    browser: Browser, sso_tenant: Tenant
) -> None:
    """Redirects are paths; metadata and AuthnRequest name the configured address only."""
    evil = {"Host": "evil.example"}
    assert browser.get("/", headers=evil).location == "/login?next=/"
    assert b"evil.example" not in browser.get("/saml/metadata", headers=evil).data
    to_idp = browser.get("/saml/login", headers=evil).location
    assert to_idp.startswith("https://login.northwind.example/sso?")
    idp_form = answer(MockIdp(), to_idp, name_id="anna", now=datetime.now().astimezone())
    assert idp_form["RelayState"]


def test_a_session_opens_its_own_company_only(
    app: Flask, sso_tenant: Tenant, other: Tenant, browser: Browser, idp: MockIdp, now: datetime
) -> None:
    """The cookie of one company, carried to another by hand, is nobody's there."""
    for tenant in (sso_tenant, other):
        make_person(tenant, now=now, username="anna")
    browser.sign_in(idp, "anna")
    token = browser.cookie("__Host-doorward_session")
    assert token is not None
    elsewhere = Browser(app, other.base_url)
    elsewhere.set_cookie("__Host-doorward_session", token)
    assert elsewhere.get("/session").status_code == 401
    assert elsewhere.get("/account").status_code == 303
    assert browser.get("/session").status_code == 200


def test_a_ticket_is_good_at_its_own_company_only(
    app: Flask, sso_tenant: Tenant, other: Tenant, browser: Browser, idp: MockIdp, now: datetime
) -> None:
    """Neither is it accepted elsewhere nor used up there."""
    make_person(sso_tenant, now=now, username="anna")
    make_person(other, now=now, username="anna")
    form = answer(idp, browser.go_to_idp(), name_id="anna", now=now)
    ticket = browser.cross_site_post("/saml/acs", form).location
    elsewhere = Browser(app, other.base_url)
    bound = browser.cookie("__Host-doorward_browser")
    assert bound is not None
    elsewhere.set_cookie("__Host-doorward_browser", bound)
    assert elsewhere.get(ticket).status_code == 403
    assert browser.get(ticket).location == "/account"


def test_nobody_is_signed_in_as_somebody_else_by_a_link(
    app: Flask, sso_tenant: Tenant, browser: Browser, idp: MockIdp, now: datetime
) -> None:
    """Login CSRF: a ticket, or a whole Response, of another browser's sign-in opens nothing."""
    make_person(sso_tenant, now=now, username="mallory")
    victim = Browser(app, sso_tenant.base_url)
    victim.get("/saml/login")
    form = answer(idp, browser.go_to_idp(), name_id="mallory", now=now)
    ticket = victim.cross_site_post("/saml/acs", form).location
    refused = victim.get(ticket)
    assert refused.status_code == 403
    assert victim.cookie("__Host-doorward_session") is None
    assert browser.get(ticket).status_code == 403, "it was used up"


def test_a_session_cookie_that_was_there_before_is_never_let_in(
    sso_tenant: Tenant, browser: Browser, idp: MockIdp, now: datetime
) -> None:
    """Session fixation: signing in gives a value that nobody knew, in a cookie of its own kind."""
    make_person(sso_tenant, now=now, username="anna")
    browser.set_cookie("__Host-doorward_session", "known-to-somebody-else")
    response = browser.sign_in(idp, "anna")
    token = browser.cookie("__Host-doorward_session")
    assert token is not None and len(token) >= 43 and token != "known-to-somebody-else"
    (cookie,) = [c for c in response.headers.getlist("Set-Cookie") if "doorward_session" in c]
    name, *attributes = cookie.split("; ")
    assert name == f"__Host-doorward_session={token}"
    assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "\t//evil.example/",
    " //evil.example/",
    "/ /evil.example/",
    "/\r\nLocation: https://evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    ".evil.example",
    "/\u2044/evil.example",
    "/\uff0fevil.example/",
    "https:/evil.example",
    "https:evil.example",
    "%2f%2fevil.example",
    "/saml/login",
    "/login?next=//evil.example",
    "/logout",
    "/" + "x" * 2000,
    "",
]


def test_a_sign_in_leads_to_no_other_site(
    app: Flask, sso_tenant: Tenant, idp: MockIdp, now: datetime
) -> None:
    """Whatever was asked for as the page to go on with: a path of this site, or the account."""
    make_person(sso_tenant, now=now, username="anna", password=PASSWORD)
    identity_providers.set_policy(
        sso_tenant,
        idp.entity_id,
        {"unsolicited": "accept"},
        confirmed=["unsolicited"],
        actor=OPERATOR,
        now=now,
    )
    addressee = Addressee(sso_tenant.entity_id, sso_tenant.acs_url)
    for wanted in ELSEWHERE:
        browser = Browser(app, sso_tenant.base_url)
        form = answer(
            idp,
            browser.get("/saml/login", query_string={"next": wanted}).location,
            name_id="anna",
            now=now,
        )
        ticket = browser.cross_site_post("/saml/acs", form).location
        assert browser.get(ticket).location == "/account", wanted
        already_in = browser.get("/login", query_string={"next": wanted})
        assert already_in.location == "/account", wanted
        unsolicited = idp.respond(addressee, name_id="anna", now=now)
        form = {"SAMLResponse": unsolicited, "RelayState": wanted}
        ticket = browser.cross_site_post("/saml/acs", form).location
        assert browser.get(ticket).location == "/account", wanted


def test_a_password_sign_in_leads_to_no_other_site(
    app: Flask, tenant: Tenant, now: datetime
) -> None:
    """The hidden field is as little trusted as the address was."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    for wanted in ELSEWHERE[:6]:
        browser = Browser(app, tenant.base_url)
        form = {"username": "anna", "password": PASSWORD, "next": wanted}
        assert browser.submit("/login/password", form).location == "/account", wanted


def test_no_link_of_a_page_leads_to_another_site(browser: Browser, tenant: Tenant) -> None:
    """An address that begins with two slashes is not what the page's own links are made of."""
    page = browser.get("//evil.example/%2e%2e")
    assert page.status_code == 404
    for target in re.findall(r'(?:href|src|action)="([^"]*)"', page.text):
        assert re.match(r"[?#]|/(?!/)", target), target


ONCE = {
    "Content-Security-Policy": "default-src 'none'; ",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def check_headers(response: TestResponse) -> None:
    for name, beginning in ONCE.items():
        values = response.headers.getlist(name)
        assert len(values) == 1 and values[0].startswith(beginning), (response.request.path, name)
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_every_answer_has_its_headers(
    browser: Browser,
    sso_tenant: Tenant,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Errors are answers too: what protects a page protects them."""
    too_large = {
        "CONTENT_LENGTH": str(2 * 1024 * 1024),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
    }
    seen = {
        200: browser.get("/login"),
        303: browser.get("/account"),
        400: browser.post("/logout"),
        401: browser.get("/session"),
        403: browser.cross_site_post("/saml/acs", {"SAMLResponse": "x"}),
        404: browser.get("/nothing-here"),
        405: browser.get("/saml/acs"),
        413: browser.cross_site_post("/saml/acs", {}, environ_overrides=too_large),
        415: browser.cross_site_post("/saml/acs", {}, content_type="text/plain"),
        422: browser.submit("/login/password", {"username": "", "password": ""}),
    }
    monkeypatch.setattr(base, "BUSY_TIMEOUT_MS", 50)
    base.db.engine.dispose()
    writer = sqlite3.connect(tmp_path / "doorward.sqlite3", isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    seen[503] = browser.get("/saml/login")
    writer.close()
    assert seen[503].headers["Retry-After"] == "5"
    assert {status: response.status_code for status, response in seen.items()} == {
        status: status for status in seen
    }
    for response in seen.values():
        check_headers(response)


def test_no_form_of_the_front_door_works_without_its_token(
    app: Flask, sso_tenant: Tenant, browser: Browser, idp: MockIdp, now: datetime
) -> None:
    """Only the ACS takes a post from another site; a token of another browser is none."""
    make_person(sso_tenant, now=now, username="anna")
    stolen = Browser(app, sso_tenant.base_url).csrf("/login/password")
    browser.sign_in(idp, "anna")
    posts = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.rule.startswith("/admin")
    ]
    assert "/logout" in posts
    open_to_all = []
    for path in posts:
        for form in ({}, {"csrf_token": "x"}, {"csrf_token": stolen}):
            status = browser.post(re.sub(r"<[^>]*>", "x", path), form).status_code
            if status != 400:
                open_to_all.append((path, status))
    assert {path for path, _ in open_to_all} <= {"/saml/acs", "/saml/slo"}
    assert browser.get("/session").status_code == 200


def test_no_secret_of_a_sign_in_is_in_the_log_or_on_a_page(
    sso_tenant: Tenant,
    browser: Browser,
    idp: MockIdp,
    now: datetime,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Ticket, cookies, Response and NameID: the log names the reference, and lines stay whole."""
    name_id = 'nobody&#10;{"event": "forged"}'
    form = answer(idp, browser.go_to_idp(), name_id="nobody", now=now, name_id_xml=name_id)
    ticket = browser.cross_site_post("/saml/acs", form).location
    refused = browser.get(ticket)
    assert refused.status_code == 403
    again = browser.get(ticket)
    secrets = [ticket.partition("=")[2], form["SAMLResponse"][:40], form["RelayState"]]
    secrets.append(browser.cookie("__Host-doorward_browser") or "")
    log = capsys.readouterr().err
    assert log.count("\n") == 2 and "NO_MATCH" in log and "forged" not in log
    for secret in secrets:
        assert secret not in log + refused.text + again.text
