"""The rules over a real database: what `check` says, a sign-in would do."""

from datetime import datetime

import pytest

from app.domain.matching import Match, NoMatch, match_account
from app.domain.refusals import Reason
from app.services.directory import SqlDirectory
from app.services.match_check import check
from app.services.tenants import Tenant
from app.services.transactions import writing_core
from tests.factories import make_person, make_tenant


@pytest.mark.parametrize(
    ("name_id", "rule"),
    [
        ("AL-77", "sso-id"),
        ("ANNA@Northwind.example", "primary-email"),
        ("Anna.Larsen", "username"),
        ("00042", "employee-number"),
        ("E\u0301lodie", "sso-id"),
        ("al-77", None),
        ("42", None),
        ("ann\u0131@northwind.example", None),
        ("%", None),
        ("anna.larse_", None),
        ("' OR 1=1 --", None),
        ("", None),
        ("a\0b", None),
        ("\ud800", None),
        ("x" * 5000, None),
    ],
)
def test_each_rule(tenant: Tenant, now: datetime, name_id: str, rule: str | None) -> None:
    """S2.23 to S2.26, S2.28: both databases compare as the rules say, and fail on nothing."""
    anna = make_person(
        tenant,
        now=now,
        username="anna.larsen",
        email="anna@northwind.example",
        number="00042",
        sso_id="AL-77",
    )
    elodie = make_person(tenant, "Élodie Roy", now=now, username="eroy", sso_id="Élodie")
    found = check(tenant, name_id)
    if rule is None:
        assert isinstance(found, NoMatch)
        assert found.reason is Reason.NO_MATCH
    else:
        assert isinstance(found, Match)
        assert found.rule.value == rule
        assert found.account.is_enabled is True
        expected = elodie if name_id.startswith("E") else anna
        assert found.account.account_id == expected.account_id


def test_a_disabled_account(tenant: Tenant, now: datetime) -> None:
    """S2.45: a disabled account is found and refused, with a trace that names it."""
    gone = make_person(tenant, now=now, username="gone", is_enabled=False)
    found = check(tenant, "gone")
    assert isinstance(found, NoMatch)
    assert found.reason is Reason.ACCOUNT_DISABLED
    (hit,) = found.trace[-1].hits
    assert (hit.account_id, hit.is_enabled) == (gone.account_id, False)


def test_a_shared_address(tenant: Tenant, now: datetime) -> None:
    """I1: two accounts at one address are refused as ambiguous, and both are in the trace."""
    both = [
        make_person(
            tenant,
            f"{name} Desk",
            now=now,
            username=name,
            email="d@x.example",
            email_is_shared=True,
        )
        for name in ("femi", "greta")
    ]
    found = check(tenant, "D@x.example")
    assert isinstance(found, NoMatch)
    assert found.reason is Reason.AMBIGUOUS
    assert {hit.account_id for hit in found.trace[-1].hits} == {one.account_id for one in both}


def test_a_person_without_an_account(tenant: Tenant, now: datetime) -> None:
    """S2.2: a person without an account is found by nothing."""
    make_person(tenant, now=now, email="anna@northwind.example", number="7")
    for name_id in ("anna@northwind.example", "7"):
        assert isinstance(check(tenant, name_id), NoMatch)


def test_another_tenants_account(tenant: Tenant, now: datetime) -> None:
    """What another tenant's accounts hold is nobody's here."""
    other = make_tenant("contoso", base_url="https://contoso.example", now=now)
    make_person(other, now=now, username="anna")
    assert isinstance(check(tenant, "anna"), NoMatch)
    assert isinstance(check(other, "anna"), Match)


def test_a_sign_in_sees_the_same(tenant: Tenant, now: datetime) -> None:
    """The directory answers alike on a sign-in's connection."""
    make_person(tenant, now=now, username="anna")
    with writing_core() as connection:
        found = match_account("anna", SqlDirectory(connection, tenant.id))
    assert isinstance(found, Match)
    assert found == check(tenant, "anna")
