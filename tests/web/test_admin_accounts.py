"""Administrators find people, look at their accounts, and decide who may come in."""

import re
from datetime import datetime
from html import unescape

import pytest
from flask import Flask

from app.services.tenants import Tenant
from tests.browser_client import Browser
from tests.factories import Someone, make_person
from tests.idp.mock_idp import MockIdp

_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_ROW = re.compile(r'<th scope="row">(?:<a [^>]*>)?([^<]+)')


def names(page: str) -> list[str]:
    """Whom a list of people shows, in its order."""
    return [unescape(name) for name in _ROW.findall(page)]


@pytest.fixture
def zoe(tenant: Tenant, now: datetime) -> Someone:
    return make_person(
        tenant,
        "Zoë Sørensen",
        now=now,
        username="z.soerensen",
        email="Zoe@Northwind.example",
        number="00042",
        sso_id="SSO-Zoe-1",
    )


@pytest.mark.parametrize(
    "typed",
    [
        "Zoë Sørensen",
        "sorensen zoe",
        "  ZOE  ",
        "søren",
        "z.soer",
        "Z.SOERENSEN",
        "zoe@northwind.example",
        "00042",
        "000",
        "sso-zoe",
    ],
)
def test_people_are_found_by_whatever_is_known_of_them(
    administrator: Browser, tenant: Tenant, zoe: Someone, now: datetime, typed: str
) -> None:
    """A name in either order, with or without accents, and the beginning of any identifier."""
    make_person(tenant, "Bo Berg", now=now, username="bo", number="7")
    page = administrator.get("/admin/accounts", query_string={"q": typed})
    assert names(page.text) == ["Zoë Sørensen"]
    assert f"/admin/accounts/{zoe.account_id}" in page.text


@pytest.mark.parametrize(
    "typed", ["42", "oren", "northwind.example", "%", "_", "a\x01b", "Z" * 600]
)
def test_what_does_not_begin_like_it_is_not_found(
    administrator: Browser, zoe: Someone, typed: str
) -> None:
    """The search looks at beginnings, takes no wildcards, and bears whatever is typed."""
    page = administrator.get("/admin/accounts", query_string={"q": typed})
    assert page.status_code == 200
    assert "Zoë" not in page.text


def test_a_whole_identifier_comes_before_names_that_begin_alike(
    administrator: Browser, tenant: Tenant, now: datetime
) -> None:
    """Who typed a whole username wants that account first, whatever its person is called."""
    make_person(tenant, "Anna Aa", now=now, username="u1")
    make_person(tenant, "Xaver Zz", now=now, username="anna")
    page = administrator.get("/admin/accounts?q=anna").text
    assert names(page) == ["Xaver Zz", "Anna Aa"]


def test_an_empty_search_offers_to_try_the_rules_on_the_value(
    administrator: Browser, zoe: Someone
) -> None:
    """What is not found may be a NameID: one click tells what a sign-in as it comes to."""
    page = administrator.get("/admin/accounts?q=nobody@x.example").text
    assert 'href="/admin/accounts/match-check?name_id=nobody@x.example"' in page
    tried = administrator.get("/admin/accounts/match-check?name_id=Z.Soerensen").text
    assert "z.soerensen would get in" in tried
    assert "Not tried: an earlier rule decided" in tried
    assert "Nobody would get in" in administrator.get("/admin/accounts/match-check?name_id=x").text


def test_everybody_is_listed_once_page_by_page(
    administrator: Browser, tenant: Tenant, now: datetime
) -> None:
    """The list goes on after its last row, also where names are alike and people join."""
    made = {f"Given{number:03d} Family{number % 3}" for number in range(107)}
    for number, name in enumerate(sorted(made)):
        make_person(tenant, name, now=now, username=f"u{number}" if number % 2 else None)
    seen: list[str] = []
    url = "/admin/accounts"
    while url:
        page = administrator.get(url).text
        seen += names(page)
        make_person(tenant, "Aaron Aaronson", now=now)
        following = _NEXT.search(page)
        url = unescape(following[1]) if following else ""
    assert len(seen) == len(set(seen)) == 108
    assert set(seen) == made | {"Ada Admin"}
    assert seen == sorted(seen, key=lambda name: name.split()[::-1])


def test_the_list_is_narrowed_by_state(
    administrator: Browser, tenant: Tenant, now: datetime
) -> None:
    """Enabled, disabled, and people without account (S2.2), in the list and in a search."""
    make_person(tenant, "Eva Larsen", now=now, username="eva")
    make_person(tenant, "Dora Larsen", now=now, username="dora", is_enabled=False)
    make_person(tenant, "Nora Larsen", now=now, email="nora@northwind.example")
    expected = {
        "enabled": {"Eva Larsen", "Ada Admin"},
        "disabled": {"Dora Larsen"},
        "without-account": {"Nora Larsen"},
        "": {"Eva Larsen", "Dora Larsen", "Nora Larsen", "Ada Admin"},
    }
    for state, people in expected.items():
        assert set(names(administrator.get(f"/admin/accounts?state={state}").text)) == people
        searched = names(administrator.get(f"/admin/accounts?state={state}&q=larsen").text)
        assert set(searched) == people - {"Ada Admin"}


def test_it_shows_which_rule_each_identifier_finds_the_account_by(
    administrator: Browser, tenant: Tenant, now: datetime
) -> None:
    """S2.46: what finds the account, what finds somebody else, and what finds several."""
    make_person(tenant, "Bo Berg", now=now, username="bo", sso_id="00042")
    someone = make_person(
        tenant,
        "Anna Larsen",
        now=now,
        username="anna",
        email="desk@northwind.example",
        email_is_shared=True,
    )
    make_person(
        tenant,
        "Ben Larsen",
        now=now,
        username="ben",
        email="desk@northwind.example",
        email_is_shared=True,
    )
    page = administrator.get(f"/admin/accounts/{someone.account_id}").text
    rows = re.findall(r"<tr>\s*<th scope=\"row\".*?</tr>", page, re.DOTALL)
    told = {re.sub(r"<[^>]+>|\s+", " ", row).split()[0]: row for row in rows}
    assert "does not happen" in told["SSO"]
    assert "finds several" in told["Primary"]
    assert "finds this account" in told["Username"]


def test_disabling_says_what_it_does_and_shuts_out_at_once(
    administrator: Browser, app: Flask, sso_tenant: Tenant, idp: MockIdp, now: datetime
) -> None:
    """S2.19, S2.40, S2.45: sessions end with the account; enabling it restores everything."""
    someone = make_person(sso_tenant, "Anna Larsen", now=now, username="anna")
    employee = Browser(app, sso_tenant.base_url)
    employee.sign_in(idp, "anna")
    assert employee.get("/session").status_code == 200

    page = f"/admin/accounts/{someone.account_id}"
    asked = administrator.get(f"{page}/disable").text
    assert "Disable the account of Anna Larsen?" in asked
    assert "The session it has now ends at once." in asked
    assert employee.get("/session").status_code == 200

    done = administrator.submit(f"{page}/disable", {})
    assert (done.status_code, done.location) == (303, page)
    assert "Anna Larsen can no longer sign in." in administrator.get(page).text
    assert employee.get("/session").status_code == 401
    refused = employee.sign_in(idp, "anna")
    assert refused.status_code == 403
    assert "ACCOUNT_DISABLED" in refused.text

    administrator.submit(f"{page}/enable", {}, form_at=page)
    assert employee.sign_in(idp, "anna").status_code == 303
    assert employee.get("/session").get_json()["username"] == "anna"


def test_nobody_disables_their_own_account(administrator: Browser) -> None:
    """An administrator is always left: their own page offers no button and refuses the post."""
    own = f"/admin/accounts/{administrator.get('/session').get_json()['accountId']}"
    assert "/disable" not in administrator.get(own).text
    done = administrator.submit(f"{own}/disable", {})
    assert "You cannot disable your own account." in administrator.get(done.location).text
    assert administrator.get("/session").status_code == 200


def test_sessions_are_ended_one_by_one_and_all_together(
    administrator: Browser, app: Flask, sso_tenant: Tenant, idp: MockIdp, now: datetime
) -> None:
    """The account's page lists where it is signed in, and signs it out there."""
    someone = make_person(sso_tenant, "Anna Larsen", now=now, username="anna")
    first, second, third = (Browser(app, sso_tenant.base_url) for _ in range(3))
    for browser in (first, second, third):
        browser.sign_in(idp, "anna")
    page = f"/admin/accounts/{someone.account_id}"
    ends = re.findall(rf'action="({page}/sessions/[0-9a-f-]+/end)"', administrator.get(page).text)
    assert len(ends) == 3
    administrator.submit(ends[0], {}, form_at=page)
    assert sum(each.get("/session").status_code == 200 for each in (first, second, third)) == 2
    administrator.submit(f"{page}/sessions/end", {}, form_at=page)
    assert all(each.get("/session").status_code == 401 for each in (first, second, third))
    assert administrator.get("/session").status_code == 200


def test_the_overview_tells_who_got_in_and_who_did_not(
    administrator: Browser, app: Flask, sso_tenant: Tenant, idp: MockIdp, now: datetime
) -> None:
    """Counts of the last day by reason, and NameIDs without a match with the way to the log."""
    make_person(sso_tenant, "Anna Larsen", now=now, username="anna")
    for name_id in ("anna", "who@x.example", "who@x.example", "else@x.example"):
        Browser(app, sso_tenant.base_url).sign_in(idp, name_id)
    page = administrator.get("/admin/").text
    assert re.search(r"Signed in, last 24 hours</dt><dd>2<", page)
    assert re.search(r"Refused, last 24 hours</dt><dd>3<", page)
    link = re.search(r'href="(/admin/sign-ins\?user=who[^"]*code=NO_MATCH[^"]*)"', page)
    assert link is not None
    listed = administrator.get(unescape(link[1])).text
    assert listed.count("<code>who@x.example</code>") == 2
    assert "else@x.example" not in listed


def test_the_overview_says_what_single_sign_on_still_needs(administrator: Browser) -> None:
    """A new tenant's overview lists the gates, done and missing, with what to do."""
    page = administrator.get("/admin/").text
    assert "Before single sign-on can be turned on" in page
    assert "Import the metadata of your identity provider." in page
    assert page.count(">Missing<") == 2
    assert page.count(">Done<") == 3


def test_an_emergency_sign_in_is_told_to_every_administrator(
    administrator: Browser, app: Flask, sso_tenant: Tenant
) -> None:
    """Who, when and why stands on each of the administrators' pages."""
    other = Browser(app, sso_tenant.base_url)
    form = {"username": "admin", "password": "a long password", "reason": "The IdP <is> down"}
    assert other.submit("/login/emergency", form).status_code == 303
    for path in ("/admin/", "/admin/accounts", "/admin/sign-ins", "/admin/accounts/match-check"):
        page = administrator.get(path).text
        assert "An administrator used the emergency sign-in" in page
        assert "The IdP &lt;is&gt; down" in page


def test_what_is_not_there_is_said_in_the_pages_language(administrator: Browser) -> None:
    """A wrong address is told in French to whoever reads French."""
    page = administrator.get("/admin/accounts/00000000-0000-4000-8000-000000000000?lang=fr")
    assert page.status_code == 404
    assert "L’adresse est peut-être mal saisie" in page.text
    assert "There is no such account" not in page.text
