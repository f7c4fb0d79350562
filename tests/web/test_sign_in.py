"""An employee signs in through the identity provider."""

from datetime import datetime

import pytest

from app.services.tenants import Tenant
from tests.browser_client import Browser
from tests.factories import make_person
from tests.idp.mock_idp import MockIdp


@pytest.mark.parametrize(
    ("rule", "name_id"),
    [
        ("sso-id", "AL-77"),
        ("primary-email", "Anna.Larsen@Northwind.example"),
        ("username", "Anna.Larsen"),
        ("employee-number", "00042"),
    ],
)
def test_each_rule_lets_its_employee_in(
    browser: Browser, sso_tenant: Tenant, idp: MockIdp, now: datetime, rule: str, name_id: str
) -> None:
    """S2.23 to S2.26, S2.29: a NameID that is one of the four identifiers gives a session."""
    someone = make_person(
        sso_tenant,
        now=now,
        username="anna.larsen",
        email="anna.larsen@northwind.example",
        number="00042",
        sso_id="AL-77",
    )
    response = browser.sign_in(idp, name_id)
    assert (response.status_code, response.location) == (303, "/account")
    who = browser.get("/session").get_json()
    assert who["username"] == "anna.larsen"
    assert who["accountId"] == someone.account_id
    assert who["personId"] == someone.person_id
    assert who["tenant"] == "northwind"
    assert who["signedInBy"] == {"method": "sso", "rule": rule, "idp": idp.entity_id}
