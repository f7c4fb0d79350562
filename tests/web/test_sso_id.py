"""The SSO ID of an account: tried, set, confirmed where it would redirect somebody, cleared."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.models import AuditEvent
from app.services import accounts
from app.services.tenants import Tenant
from app.services.transactions import reading
from tests.browser_client import Browser
from tests.factories import make_person
from tests.idp.mock_idp import MockIdp


@dataclass(frozen=True)
class Anna:
    """The employee whose SSO ID is set, and her colleague Ben, whose sign-in could suffer."""

    tenant: Tenant
    account_id: str
    ben_id: str

    @property
    def page(self) -> str:
        return f"/admin/accounts/{self.account_id}/sso-id"

    def sso_id(self) -> str | None:
        return accounts.find(self.tenant, self.account_id).sso_id


@pytest.fixture
def anna(tenant: Tenant, now: datetime) -> Anna:
    made = make_person(tenant, "Anna Larsen", now=now, username="anna", number="1")
    ben = make_person(
        tenant, "Ben Okoye", now=now, username="ben", email="ben@northwind.example", sso_id="BO-1"
    )
    assert made.account_id is not None and ben.account_id is not None
    return Anna(tenant, made.account_id, ben.account_id)


def events(account_id: str) -> list[AuditEvent]:
    """What the audit trail says of an account's SSO ID."""
    with reading() as session:
        rows = session.query(AuditEvent).filter_by(object_id=account_id).all()
    return [row for row in rows if row.action == "account.sso-id-set"]


def test_a_refused_employee_gets_in_once_the_sso_id_is_set(
    administrator: Browser, app: Flask, sso_tenant: Tenant, anna: Anna, idp: MockIdp
) -> None:
    """S2.28, S2.32, S2.23: from the refusal's reference to the employee inside, by links alone."""
    employee = Browser(app, sso_tenant.base_url)
    refused = employee.sign_in(idp, "larsen.a@corp.example")
    reference = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", refused.text)
    assert refused.status_code == 403 and reference is not None

    found = administrator.get("/admin/sign-ins", query_string={"reference": reference[0].lower()})
    attempt = administrator.get(found.location).text
    link = re.search(rf'href="({anna.page}\?value=[^"]+)"', attempt)
    assert link is not None, "Anna is called like the NameID, so she is offered"
    form = administrator.get(unescape(link[1])).text
    assert 'value="larsen.a@corp.example"' in form
    assert "Nobody is found by this today" in form

    saved = administrator.submit(anna.page, {"value": "larsen.a@corp.example"})
    assert saved.status_code == 303
    assert "finds Anna Larsen." in administrator.get(saved.location).text

    employee.sign_in(idp, "larsen.a@corp.example")
    who = employee.get("/session").get_json()
    assert (who["accountId"], who["signedInBy"]["rule"]) == (anna.account_id, "sso-id")
    (event,) = events(anna.account_id)
    assert (event.actor_label, event.channel) == ("admin", "page")
    assert (event.before, event.after) == (
        {"ssoId": None},
        {"ssoId": "larsen.a@corp.example", "confirmed": False},
    )


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("somebody@x.example", "Nobody is found by this today"),
        ("ANNA", "This finds Anna Larsen already"),
        ("ben", "It would let Anna Larsen in instead"),
        ("BEN@northwind.example", "by the rule Primary email"),
        ("BO-1", "Another account has this very SSO ID"),
        ("\N{KELVIN SIGN}elvin", "This cannot be an SSO ID"),
        ("a\x01b", "This cannot be an SSO ID"),
        ("x" * 257, "This cannot be an SSO ID"),
        ("  ", "Anna Larsen has no SSO ID."),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_a_value_is_tried_before_it_is_saved(
    administrator: Browser, anna: Anna, value: str, told: str
) -> None:
    """What a value would do is told while it is typed, and on the page without JavaScript."""
    fragment = administrator.get(f"{anna.page}/check", query_string={"value": value})
    page = administrator.get(anna.page, query_string={"value": value})
    assert (fragment.status_code, page.status_code) == (200, 200)
    assert told in fragment.text
    assert told in page.text
    assert "<html" not in fragment.text
    assert anna.sso_id() is None


def test_what_would_redirect_a_sign_in_has_to_be_typed_again(
    administrator: Browser, app: Flask, sso_tenant: Tenant, anna: Anna, idp: MockIdp
) -> None:
    """Ben's username as Anna's SSO ID takes his sign-in away: said, asked again, then done."""
    for retype in ("", "Ben", "b e n"):
        asked = administrator.submit(anna.page, {"value": "ben", "retype": retype})
        assert asked.status_code == 409
        assert "It would let Anna Larsen in instead" in asked.text
        assert 'name="retype"' in asked.text
        assert anna.sso_id() is None
    done = administrator.submit(anna.page, {"value": "ben", "retype": "ben"})
    assert done.status_code == 303
    (event,) = events(anna.account_id)
    assert event.after == {"ssoId": "ben", "confirmed": True}
    browser = Browser(app, sso_tenant.base_url)
    browser.sign_in(idp, "ben")
    assert browser.get("/session").get_json()["accountId"] == anna.account_id


def test_clearing_what_gave_way_to_somebody_else_has_to_be_confirmed_too(
    administrator: Browser, anna: Anna
) -> None:
    """An SSO ID that shadows Ben's username gives his sign-in back when it goes: also told."""
    administrator.submit(anna.page, {"value": "ben", "retype": "ben"})
    asked = administrator.submit(anna.page, {"value": ""})
    assert asked.status_code == 409
    assert "by the rule Username" in asked.text
    assert anna.sso_id() == "ben"
    assert administrator.submit(anna.page, {"value": "", "retype": "ben"}).status_code == 303
    assert anna.sso_id() is None


def test_another_accounts_sso_id_is_an_error_that_nobody_can_confirm(
    administrator: Browser, anna: Anna
) -> None:
    """Duplicates are refused, retyped or not."""
    for retype in ("", "BO-1"):
        refused = administrator.submit(anna.page, {"value": "BO-1", "retype": retype})
        assert refused.status_code == 409
        assert 'class="field-error"' in refused.text
        assert 'name="retype"' not in refused.text
    assert anna.sso_id() is None


def test_an_unusable_value_is_refused_and_kept_in_the_form(
    administrator: Browser, anna: Anna
) -> None:
    """What no NameID could ever match is not saved; the page says why and keeps the text."""
    refused = administrator.submit(anna.page, {"value": "a\tb"})
    assert refused.status_code == 422
    assert "No sign-in could ever match this" in refused.text
    assert administrator.submit(anna.page, {"value": "x" * 5000}).status_code == 422
    assert anna.sso_id() is None


def test_it_is_cleared_and_saving_the_same_again_changes_nothing(
    administrator: Browser, anna: Anna
) -> None:
    """White space around it is no part of it; an empty value clears it; no event for no change."""
    administrator.submit(anna.page, {"value": " AL-1 "})
    administrator.submit(anna.page, {"value": "AL-1"})
    assert anna.sso_id() == "AL-1"
    cleared = administrator.submit(anna.page, {"value": ""})
    assert "has no SSO ID any more" in administrator.get(cleared.location).text
    assert anna.sso_id() is None
    assert [event.after for event in events(anna.account_id)] == [
        {"ssoId": "AL-1", "confirmed": False},
        {"ssoId": None, "confirmed": False},
    ]


Put = Callable[..., TestResponse]


@pytest.fixture
def put(administrator: Browser, anna: Anna) -> Put:
    """Sends JSON to Anna's SSO ID as the administrator, with the CSRF token of a page."""
    token = administrator.csrf(anna.page)

    def send(body: Any, path: str = "", **headers: str) -> TestResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"X-CSRFToken": token, "Content-Type": "application/json"}
        for name, value in headers.items():
            given[name.replace("_", "-")] = value
        return administrator.put(path or anna.page, data=data, headers=given)

    return send


def test_json_sets_and_clears_it(put: Put, anna: Anna) -> None:
    """PUT answers with the account, the value as it is kept, and no collisions."""
    response = put({"ssoId": " AL-1 "})
    assert response.status_code == 200
    assert response.get_json() == {
        "accountId": anna.account_id,
        "ssoId": "AL-1",
        "collisions": [],
    }
    assert anna.sso_id() == "AL-1"
    assert put({"ssoId": None}).get_json()["ssoId"] is None
    assert anna.sso_id() is None


def test_json_has_to_confirm_what_would_redirect_a_sign_in(put: Put, anna: Anna) -> None:
    """409 names rule and account and what to repeat; with `confirm` it is done."""
    refused = put({"ssoId": "ben"})
    assert refused.status_code == 409
    assert refused.mimetype == "application/problem+json"
    problem = refused.get_json()
    assert problem["errors"] == [
        {"pointer": "/ssoId", "code": "confirmation-required", "rule": "username"}
    ]
    collision = {
        "nameId": "ben",
        "rule": "username",
        "accountId": anna.ben_id,
        "username": "ben",
        "isDuplicate": False,
    }
    assert problem["collisions"] == [collision]
    assert problem["toRetype"] == "ben"
    assert put({"ssoId": "ben", "confirm": "Ben"}).status_code == 409
    assert anna.sso_id() is None
    done = put({"ssoId": "ben", "confirm": "ben"})
    assert (done.status_code, done.get_json()["collisions"]) == (200, [collision])
    duplicate = put({"ssoId": "BO-1", "confirm": "BO-1"})
    assert duplicate.status_code == 409
    assert duplicate.get_json()["errors"][0]["code"] == "duplicate"
    assert anna.sso_id() == "ben"


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b"", 400, ""),
        (b"{", 400, ""),
        (b"\xff{}", 400, ""),
        (b"[" * 9000, 400, ""),
        (b'{"ssoId": NaN}', 400, ""),
        (b'{"ssoId": "a", "ssoId": "b"}', 400, "twice"),
        (b'["ssoId"]', 400, "object"),
        (b"{}", 422, "/ssoId"),
        (b'{"ssoId": "a", "isEnabled": true}', 422, "/isEnabled"),
        (b'{"ssoId": "a", "username": "b"}', 422, "/username"),
        (b'{"ssoId": 1}', 422, "/ssoId"),
        (b'{"ssoId": ["a"]}', 422, "/ssoId"),
        (b'{"ssoId": "a", "confirm": true}', 422, "/confirm"),
        (b'{"ssoId": "\\u0000"}', 422, "/ssoId"),
        (b'{"ssoId": "\\ud800"}', 422, "/ssoId"),
        (b'{"ssoId": "' + b"x" * 257 + b'"}', 422, "/ssoId"),
        (b'{"ssoId": "ben", "confirm": "\\ud800"}', 409, "/ssoId"),
        (b'{"ssoId": "a", "padding": "' + b"x" * 20_000 + b'"}', 413, ""),
    ],
)
def test_json_is_read_strictly(put: Put, anna: Anna, body: bytes, status: int, named: str) -> None:
    """What is not understood is refused with its cause, and nothing is changed."""
    response = put(body)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert named in response.text
    assert anna.sso_id() is None
    assert events(anna.account_id) == []


def test_json_is_for_a_persons_session_alone(
    put: Put, administrator: Browser, app: Flask, anna: Anna, now: datetime
) -> None:
    """S2.31, S2.32: an API credential, a stranger, an employee and a forged page are refused."""
    body = {"ssoId": "AL-1"}
    assert put(body, Authorization="Bearer dw_something").status_code == 403
    assert put(body, Content_Type="text/plain").status_code == 415
    assert put(body, X_CSRFToken="").status_code == 400
    assert put(body, X_CSRFToken="forged").status_code == 400

    stranger = Browser(app, anna.tenant.base_url)
    machine = {"Authorization": "Bearer dw_something", "Tenant": "northwind"}
    for headers in ({}, machine, {"Authorization": "Basic YWRtaW46YSBsb25nIHBhc3N3b3Jk"}):
        refused = stranger.put(anna.page, json=body, headers=headers)
        assert refused.status_code == 401
        assert refused.mimetype == "application/problem+json"

    make_person(anna.tenant, "Eve Staff", now=now, username="eve", password="a long password")
    employee = Browser(app, anna.tenant.base_url)
    employee.sign_in_with_password("eve", "a long password")
    token = employee.csrf("/account")
    refused = employee.put(anna.page, json=body, headers={"X-CSRFToken": token})
    assert refused.status_code == 403
    assert anna.sso_id() is None


def test_json_knows_no_account_of_another_tenant(
    put: Put, other_tenant: Tenant, now: datetime
) -> None:
    """Another tenant's account is 404, as one that does not exist."""
    theirs = make_person(other_tenant, now=now, username="anna").account_id
    unknown = "00000000-0000-4000-8000-000000000000"
    for account_id in (theirs, unknown, "nonsense"):
        response = put({"ssoId": "x"}, path=f"/admin/accounts/{account_id}/sso-id")
        assert (response.status_code, response.mimetype) == (404, "application/problem+json")
