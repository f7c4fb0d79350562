"""Bad input at the doors that anybody can reach: a clear 4xx, nothing changed, never a 5xx."""

import io
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.models import PendingSignIn, Session, SignInAttempt, UsedAssertion
from app.services.tenants import Tenant
from app.services.transactions import reading
from tests.browser_client import Browser
from tests.factories import make_person
from tests.idp.client import answer
from tests.idp.mock_idp import MockIdp

FORM = "application/x-www-form-urlencoded"
PASSWORD = "a long password"


@pytest.fixture
def form(browser: Browser, sso_tenant: Tenant, idp: MockIdp, now: datetime) -> dict[str, str]:
    """A good answer of the IdP for Anna, not posted yet."""
    make_person(sso_tenant, now=now, username="anna", password=PASSWORD)
    return answer(idp, browser.go_to_idp(), name_id="anna", now=now)


def raw_post(browser: Browser, body: bytes, content_type: str = FORM, **kwargs: Any) -> int:
    """Post bytes to the ACS as another site's page would; return the status."""
    stream = io.BytesIO(body)
    response = browser.cross_site_post(
        "/saml/acs",
        None,  # type: ignore[arg-type]
        input_stream=stream,
        content_type=content_type,
        content_length=len(body),
        **kwargs,
    )
    if response.status_code == 303:
        assert response.location.startswith("/saml/complete?ticket=")
    return response.status_code


def last_reason() -> str | None:
    with reading() as session:
        latest = select(SignInAttempt.reason).order_by(SignInAttempt.at.desc()).limit(1)
        return session.execute(latest).scalar_one_or_none()


def rows() -> tuple[int, ...]:
    """How much the tables of a sign-in hold, attempts left out."""
    with reading() as session:
        return tuple(
            session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (PendingSignIn, UsedAssertion, Session)
        )


def test_the_acs_takes_forms_of_one_kind_only(browser: Browser, form: dict[str, str]) -> None:
    """HTTP-POST is a form (bindings 3.5.4): whatever else holds a good Response is refused."""
    before = rows()
    parts = browser.cross_site_post("/saml/acs", form, content_type="multipart/form-data")
    assert parts.status_code == 415
    body = f"SAMLResponse={form['SAMLResponse']}".encode()
    for content_type in ("", "text/plain", "application/json", "application/xml", "nonsense"):
        assert raw_post(browser, body, content_type) == 415, content_type
    assert rows() == before
    assert browser.cross_site_post("/saml/acs", form).status_code == 303


def test_the_acs_takes_posts_only(browser: Browser, form: dict[str, str], app: Flask) -> None:
    """A Response in a query, or sent in any other way, is not even looked at."""
    before = rows()
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "FOO"):
        response = app.test_client().open(
            "/saml/acs", method=method, base_url=browser.base_url, query_string=form
        )
        assert response.status_code == 405, method
        assert set(response.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert (rows(), last_reason()) == (before, None)


@pytest.mark.parametrize("field", ["SAMLResponse", "RelayState"])
def test_a_field_that_comes_twice_is_refused(
    browser: Browser, form: dict[str, str], field: str
) -> None:
    """Two readers could read two different ones, even where both are the same."""
    twice: dict[str, Any] = {**form, field: [form[field], form[field]]}
    assert browser.cross_site_post("/saml/acs", twice).status_code == 403
    assert last_reason() == "MALFORMED"
    assert browser.cross_site_post("/saml/acs", form).status_code == 303


BROKEN = [
    (b"", "MALFORMED"),
    (b"RelayState=x", "MALFORMED"),
    (b"SAMLResponse", "MALFORMED"),
    (b"SAMLResponse=%", "MALFORMED"),
    (b"SAMLResponse=%00", "MALFORMED"),
    (b"SAMLResponse=%ED%A0%80", "MALFORMED"),
    (b"SAMLResponse=\xff\xfe", "MALFORMED"),
    (b"samlresponse=PHg%2BPC94Pg%3D%3D", "MALFORMED"),
    (b"SAMLResponse[]=PHg%2BPC94Pg%3D%3D", "MALFORMED"),
    (b"SAMLResponse=PHgvPg%3D%3D%3D%3D", "MALFORMED"),
    (b"SAMLResponse=PHgvPg==&" * 2, "MALFORMED"),
    (b"SAMLResponse=" + b"%41" * 170_000, "MALFORMED"),
    (b"SAMLResponse=" + b"A" * 400_000, "TOO_LARGE"),
    (b"&" * 400_000, "MALFORMED"),
    (b"a=1&" * 100_000, "MALFORMED"),
]


def test_a_broken_form_is_refused_and_logged(browser: Browser, form: dict[str, str]) -> None:
    """Whatever is not one base64 field under its own name, an attempt tells what it was."""
    before = rows()
    for body, reason in BROKEN:
        assert raw_post(browser, body) == 403, body[:40]
        assert last_reason() == reason, body[:40]
    assert rows() == before


def test_no_charset_makes_another_field_of_the_same_bytes(
    browser: Browser, form: dict[str, str]
) -> None:
    """Forms are UTF-8 whatever the header says: no decoder is chosen by a stranger."""
    body = f"SAMLResponse={form['SAMLResponse'].replace('+', '%2B')}".encode()
    assert raw_post(browser, body, f"{FORM}; charset=utf-16") == 303


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=b", "application/json"])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(
    browser: Browser, sso_tenant: Tenant, kind: str
) -> None:
    """A megabyte is more than any form here holds."""

    class Unread(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            raise AssertionError("somebody reads it")

    body = {
        "wsgi.input": Unread(),
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(1024 * 1024 + 1),
    }
    for path in ("/saml/acs", "/login/password"):
        response = browser.cross_site_post(path, {}, environ_overrides=body)
        other_kind = kind == "application/json" or (path == "/saml/acs" and kind != FORM)
        assert response.status_code in ({401, 413, 415} if other_kind else {413})


def test_only_who_is_signed_in_may_send_more(app: Flask, browser: Browser, tenant: Tenant) -> None:
    """Metadata may be megabytes; from a stranger the form is not even read."""
    taking = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "takes", None) is not None
    ]
    assert taking
    for path in taking:
        assert browser.post(path, {"metadata": "x" * (1024 * 1024 + 1)}).status_code == 413


ODD = ["\0", "a\0b", "\x1b[31m", "\u202e", "é" * 2000, "%00", "'\"<", "//x", "..", "x" * 9000]


@pytest.mark.parametrize(
    "path",
    [
        "/saml/login?next=%s",
        "/saml/login?idp=%s",
        "/saml/complete?ticket=%s",
        "/login?next=%s",
        "/login?lang=%s",
        "/sign-in/refused/%s",
        "/%s",
        "/static/%s",
    ],
)
def test_odd_values_in_an_address_are_answered_plainly(
    browser: Browser, sso_tenant: Tenant, path: str
) -> None:
    """Control characters, quotes, too much of anything: never a 5xx, never echoed raw."""
    for value in ODD:
        response = browser.get(path % quote(value))
        assert response.status_code < 500, value
        assert "'\"<" not in response.text
        assert "\0" not in str(response.headers)


def test_odd_hosts_are_answered_plainly(browser: Browser, sso_tenant: Tenant) -> None:
    """A Host that is none leads to the only tenant or to nobody's page, not to an error."""
    for host in (
        "",
        "a b",
        '"><script>',
        "é.example",
        "a:99999",
        "[::1",
        "x" * 64,
        "\xff",
        ".",
        "a..b",
    ):
        for path in ("/login", "/saml/login", "/nothing-here"):
            response = browser.get(path, headers={"Host": host})
            assert response.status_code in {200, 303, 400, 404}, host
            assert "<script>" not in response.text


def test_a_password_of_a_megabyte_costs_nothing(browser: Browser, tenant: Tenant) -> None:
    """It is refused by its length, before anybody counts it as a try or hashes it."""
    form = {"username": "anna", "csrf_token": browser.csrf("/login")}
    for length in (257, 1_000_000):
        refused = browser.post("/login/password", form | {"password": "x" * length})
        assert refused.status_code == 422
    with reading() as session:
        assert session.execute(select(func.count()).select_from(SignInAttempt)).scalar_one() == 0


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    body=st.binary(max_size=300)
    | st.text(max_size=100).map(lambda text: f"SAMLResponse={text}&RelayState={text}".encode())
)
def test_no_body_makes_the_acs_fail(browser: Browser, sso_tenant: Tenant, body: bytes) -> None:
    """Whatever bytes are posted as a form: refused, in the log, and told in plain words."""
    assert raw_post(browser, body) == 403
    assert last_reason() is not None


def test_a_late_answer_after_much_rubbish_still_counts(
    browser: Browser, form: dict[str, str]
) -> None:
    """What strangers post does not use up what an employee is waiting for."""
    for body in (b"SAMLResponse=x", b"", b"SAMLResponse=" + b"A" * 400_000):
        raw_post(browser, body)
    received = browser.cross_site_post("/saml/acs", form)
    assert browser.get(received.location).location == "/account"
