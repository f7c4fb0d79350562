"""Administrators read what became of every sign-in, and mend what can be mended."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from app.domain.matching import RULES
from app.services import sign_in_attempts
from app.services.clients import Client
from app.services.sign_in_attempts import Outcome
from app.services.tenants import Tenant
from app.services.transactions import writing
from tests.browser_client import Browser
from tests.factories import make_person, set_up_idp
from tests.idp.mock_idp import MockIdp

_REFERENCE = re.compile(r'/admin/sign-ins/([A-Z2-9-]{9})"')
CLIENT = Client("203.0.113.7", "Some Browser/1.0")


def references(page: str) -> list[str]:
    """Which attempts a page of the log lists, in its order."""
    return _REFERENCE.findall(page)


def record(tenant: Tenant, at: datetime, outcome: Outcome) -> str:
    """An attempt of some other time, as the sign-in would have written it."""
    with writing() as session:
        return sign_in_attempts.record(session, tenant.id, outcome, CLIENT, now=at)


@pytest.fixture
def log(tenant: Tenant, now: datetime) -> dict[str, str]:
    """Five attempts of the last days: references by what became of them."""
    anna = make_person(tenant, "Anna Larsen", now=now, username="anna", number="00042")
    outcomes = {
        "audience": Outcome("sso", "AUDIENCE", "https://other.example"),
        "nobody": Outcome("sso", "NO_MATCH", name_id="who@x.example"),
        "password": Outcome("password", None, name_id="anna", account_id=anna.account_id),
        "username": Outcome(
            "sso", None, name_id="ANNA", rule="username", account_id=anna.account_id
        ),
        "number": Outcome(
            "sso", None, name_id="00042", rule="employee-number", account_id=anna.account_id
        ),
    }
    return {
        name: record(tenant, now - timedelta(days=10 - age), outcome)
        for age, (name, outcome) in enumerate(outcomes.items())
    }


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ({}, "number username password nobody audience"),
        ({"result": "accepted"}, "number username password"),
        ({"result": "refused"}, "nobody audience"),
        ({"code": "AUDIENCE"}, "audience"),
        ({"code": "EXPIRED"}, ""),
        ({"rule": "employee-number"}, "number"),
        ({"user": "who@x.example"}, "nobody"),
        ({"user": "anna"}, "number username password"),
        ({"user": "00042"}, "number username password"),
        ({"user": "Larsen"}, ""),
        ({"user": "anna", "result": "accepted", "rule": "username"}, "username"),
        ({"result": "nonsense", "code": "nonsense", "rule": "nonsense"}, None),
        ({"user": "a\x01b"}, ""),
    ],
)
def test_the_log_is_filtered(
    administrator: Browser, log: dict[str, str], query: dict[str, str], listed: str | None
) -> None:
    """By result, code, rule and user; newest first; what is no filter filters nothing."""
    page = administrator.get("/admin/sign-ins", query_string=query)
    assert page.status_code == 200
    known = {reference: name for name, reference in log.items()}
    found = [known[each] for each in references(page.text) if each in known]
    assert (
        found == ("number username password nobody audience" if listed is None else listed).split()
    )


def test_the_log_is_narrowed_to_days(
    administrator: Browser, log: dict[str, str], now: datetime
) -> None:
    """Both days are included, as UTC counts them; what is no date is said, not ignored."""

    def listed(**days: str) -> list[str]:
        page = administrator.get("/admin/sign-ins", query_string=days)
        assert page.status_code == 200
        return references(page.text)

    nobody, password = (now - timedelta(days=age) for age in (9, 8))
    both = {"from": f"{nobody:%Y-%m-%d}", "to": f"{password:%Y-%m-%d}"}
    assert listed(**both) == [log["password"], log["nobody"]]
    assert listed(to=both["from"]) == [log["nobody"], log["audience"]]
    assert log["audience"] in listed(to="9999-12-31")
    assert listed(**{"from": "9999-12-31"}) == []
    wrong = administrator.get("/admin/sign-ins?from=soon")
    assert wrong.status_code == 422
    assert "“soon” is not a date." in wrong.text


def test_the_log_goes_on_page_by_page_while_it_grows(
    administrator: Browser, tenant: Tenant, now: datetime
) -> None:
    """Every attempt is listed once, whatever is written meanwhile; some at the same instant."""
    outcome = Outcome("sso", "NO_MATCH", name_id="who@x.example")
    instant = now - timedelta(hours=1)
    made = {record(tenant, instant - timedelta(seconds=n // 40), outcome) for n in range(120)}
    seen: list[str] = []
    url = "/admin/sign-ins?code=NO_MATCH"
    while url:
        page = administrator.get(url).text
        seen += references(page)
        record(tenant, now, outcome)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        url = unescape(older[1]) if older else ""
        assert not url or "code=NO_MATCH" in url
    assert len(seen) == 120
    assert set(seen) == made


@pytest.mark.parametrize("spelling", ["{}", " {} ", "{lower}", "{spaced}", "{bare}"])
def test_a_reference_finds_its_attempt_however_it_is_typed(
    administrator: Browser, log: dict[str, str], spelling: str
) -> None:
    """From a screenshot or over the telephone: case, hyphen and spaces do not matter."""
    reference = log["audience"]
    typed = spelling.format(
        reference,
        lower=reference.lower(),
        spaced=reference.replace("-", " "),
        bare=reference.replace("-", ""),
    )
    found = administrator.get("/admin/sign-ins", query_string={"reference": typed})
    assert (found.status_code, found.location) == (303, f"/admin/sign-ins/{reference}")
    assert administrator.get(f"/admin/sign-ins/{typed.strip()}").status_code == 200


@pytest.mark.parametrize("typed", ["ZZZZ-ZZZZ", "nonsense", "<b>", "a\x01b", "K7Q2-9FXD'--"])
def test_an_unknown_reference_is_said_to_be_unknown(
    administrator: Browser, log: dict[str, str], typed: str
) -> None:
    """The log stays on the page, with the text that was typed and no attempt of that name."""
    page = administrator.get("/admin/sign-ins", query_string={"reference": typed})
    assert page.status_code == 404
    assert "No sign-in has the reference" in page.text
    assert log["audience"] in page.text
    assert "<b>" not in page.text


def test_an_attempt_explains_itself(
    administrator: Browser, sso_tenant: Tenant, log: dict[str, str]
) -> None:
    """What happened in plain words, what to do, and the detail that employees never see."""
    page = administrator.get(f"/admin/sign-ins/{log['audience']}").text
    assert "The Assertion is meant for another service provider (Audience)." in page
    assert "What to do: Compare our entity ID and ACS URL" in page
    assert "https://other.example" in page
    assert "203.0.113.7" in page and "Some Browser/1.0" in page
    french = administrator.get(f"/admin/sign-ins/{log['audience']}?lang=fr").text
    assert "L’Assertion est destinée à un autre fournisseur de service (Audience)." in french
    assert "Que faire" in french and "What to do" not in french


def test_an_attempt_shows_how_the_account_was_looked_for(
    administrator: Browser, app: Flask, sso_tenant: Tenant, idp: MockIdp, now: datetime
) -> None:
    """The trace has each rule with what it compared and whom it found, and the signed facts."""
    someone = make_person(
        sso_tenant, "Anna Larsen", now=now, username="anna", email="anna@northwind.example"
    )
    Browser(app, sso_tenant.base_url).sign_in(idp, " Anna@Northwind.example ")
    (reference,) = references(administrator.get("/admin/sign-ins?rule=primary-email").text)
    page = administrator.get(f"/admin/sign-ins/{reference}").text
    trace = page[page.index("How the account was looked for") :]
    rows = re.findall(r"<tr>\s*<th scope=\"row\".*?</tr>", trace, re.DOTALL)
    assert len(rows) == len(RULES)
    assert "<code>Anna@Northwind.example</code>" in rows[0] and "Nobody" in rows[0]
    assert "<code>anna@northwind.example</code>" in rows[1] and "Decides" in rows[1]
    assert f"/admin/accounts/{someone.account_id}" in rows[1]
    assert "Not tried" in rows[2] and "Not tried" in rows[3]
    for fact in ("Issuer", idp.entity_id, "InResponseTo", "IssueInstant", "SessionIndex"):
        assert fact in trace


def test_a_name_without_a_match_is_one_click_from_the_account(
    administrator: Browser, tenant: Tenant, now: datetime
) -> None:
    """The person is searched for on the page, and who is called alike is offered at once."""
    roy = make_person(tenant, "Alice Roy", now=now, username="alice")
    make_person(tenant, "Ben Okoye", now=now, username="ben")
    make_person(tenant, "Roya Noor", now=now, email="roya@northwind.example")
    name_id = "roy.a+x@corp.example"
    reference = record(tenant, now, Outcome("sso", "NO_MATCH", name_id=name_id))
    page = administrator.get(f"/admin/sign-ins/{reference}").text
    link = f"/admin/accounts/{roy.account_id}/sso-id?value=roy.a%2Bx@corp.example"
    assert f'href="{link}"' in page
    assert "Roya Noor" in page and "Has no account" in page
    assert "Ben Okoye" not in page
    assert f'value="{name_id}"' in administrator.get(link).text
    searched = administrator.get(f"/admin/sign-ins/{reference}?person=okoye").text
    assert "Ben Okoye" in searched and "Alice Roy" not in searched
    nobody = administrator.get(f"/admin/sign-ins/{reference}?person=zzz").text
    assert "Nobody is found by “zzz”" in nobody


def test_empty_lists_say_what_to_do_next(administrator: Browser, tenant: Tenant) -> None:
    """A filter that nothing fits leads back to everything."""
    assert "No sign-in fits" in administrator.get("/admin/sign-ins?code=EXPIRED").text


def test_no_attempt_of_another_tenant_is_seen(
    administrator: Browser, tenant: Tenant, other_tenant: Tenant, now: datetime
) -> None:
    """Neither in the log, nor by reference, nor by user, nor in the overview's counts."""
    theirs = make_person(other_tenant, "Olga Other", now=now, username="admin")
    reference = record(
        other_tenant,
        now,
        Outcome("sso", "NO_MATCH", name_id="admin", account_id=theirs.account_id),
    )
    assert administrator.get(f"/admin/sign-ins/{reference}").status_code == 404
    for query in ({}, {"user": "admin"}, {"reference": reference}, {"before": reference}):
        page = administrator.get("/admin/sign-ins", query_string=query).text
        assert f"/admin/sign-ins/{reference}" not in page
        assert "Olga" not in page
    assert "Nobody was refused." in administrator.get("/admin/").text


def test_the_clocks_difference_is_told(
    administrator: Browser, app: Flask, tenant: Tenant, idp: MockIdp, now: datetime, tmp_path: Path
) -> None:
    """How long ago the IdP says it wrote the Assertion: far from zero where clocks differ."""
    sso_tenant = set_up_idp(tenant, idp.metadata, tmp_path / "certs", now=now)
    Browser(app, sso_tenant.base_url).sign_in(
        idp, "who@x.example", now=datetime.now(UTC) - timedelta(seconds=90)
    )
    (reference,) = references(administrator.get("/admin/sign-ins?code=NO_MATCH").text)
    page = administrator.get(f"/admin/sign-ins/{reference}").text
    assert re.search(r"Between IssueInstant and the sign-in</dt><dd>9\d seconds<", page)
