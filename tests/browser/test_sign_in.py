"""An employee's browser, the whole way round: the site, the identity provider, and back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Visiting
from tests.browser.company import PASSWORD, Company
from tests.browser.steps import (
    arrive,
    choose,
    continue_to_idp,
    detail,
    is_signed_out,
    shows_account_of,
    sign_in_with_password,
)


def test_a_deep_link_survives_the_sign_in(company: Company, page: Page) -> None:
    """S2.1, S2.24, S2.29, S2.30: whoever follows a link is asked by the IdP, and ends there."""
    wanted = company.url("/account?from=a%20mail&page=2")
    page.goto(wanted)
    expect(page.get_by_text("Then: /account?from=a%20mail&page=2")).to_be_visible()
    expect(page.locator("input[type=password]")).to_have_count(0)
    continue_to_idp(page)
    assert page.url.startswith(company.idp.url)
    choose(page, "Anna Larsen")
    expect(page).to_have_url(wanted)
    shows_account_of(page, "Anna Larsen")


def test_the_usual_page_is_not_announced(company: Company, page: Page) -> None:
    """Where every sign-in leads anyway needs no words on the login page."""
    page.goto(company.url("/account"))
    expect(page).to_have_url(company.url("/login?next=/account"))
    expect(page.get_by_text("Then:")).to_have_count(0)


def test_two_tabs_end_at_their_own_pages(company: Company, visiting: Visiting) -> None:
    """Two sign-ins under way in one browser, finished in the other order, do not mix."""
    visitor = visiting()
    first, second = visitor.tab(), visitor.tab()
    for tab, path in ((first, "/account?tab=first"), (second, "/account?tab=second")):
        tab.goto(company.url(path))
        continue_to_idp(tab)
    choose(second, "Anna Larsen")
    expect(second).to_have_url(company.url("/account?tab=second"))
    choose(first, "Anna Larsen")
    expect(first).to_have_url(company.url("/account?tab=first"))
    for tab in (first, second):
        tab.reload()
        shows_account_of(tab, "Anna Larsen")


def test_company_sign_in_works_without_javascript(company: Company, visiting: Visiting) -> None:
    """Every step has a link or a button of its own, the IdP's answer included."""
    page = visiting(java_script_enabled=False).tab()
    wanted = company.url("/account?no=script")
    page.goto(wanted)
    continue_to_idp(page)
    choose(page, "Ben Okoye")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(wanted)
    shows_account_of(page, "Ben Okoye")


def test_password_sign_in_works_without_javascript(
    company_without_sso: Company, visiting: Visiting
) -> None:
    """With SSO off the password form is the front page, and leads to where one wanted to go."""
    page = visiting(java_script_enabled=False).tab()
    wanted = company_without_sso.url("/account?no=script")
    page.goto(wanted)
    sign_in_with_password(page, "anna.larsen", PASSWORD)
    expect(page).to_have_url(wanted)
    shows_account_of(page, "Anna Larsen")


def test_a_wrong_password_says_so_once_and_keeps_the_name(
    company_without_sso: Company, page: Page
) -> None:
    """The summary takes the focus; a wrong name and a wrong password read alike."""
    said = []
    for username in ("anna.larsen", "nobody.at.all"):
        page.goto(company_without_sso.url("/login"))
        sign_in_with_password(page, username, "not the password")
        expect(page).to_have_title(re.compile("^Error:"))
        summary = page.get_by_role("alert")
        expect(summary).to_be_focused()
        expect(page.get_by_label("Username")).to_have_value(username)
        expect(page.get_by_label("Password")).to_have_value("")
        said.append(re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}", "", summary.inner_text()))
    assert said[0] == said[1]
    is_signed_out(page, company_without_sso)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_idp_that_takes_only_posts_is_reached(
    company_without_sso: Company, visiting: Visiting, scripts: bool
) -> None:
    """HTTP-POST binding: the Content Security Policy lets this one form out to the IdP."""
    company = company_without_sso
    company.set_up_sso(only_posts=True)
    page = visiting(java_script_enabled=scripts).tab()
    page.goto(company.url("/account"))
    page.get_by_role("link", name="Continue with your company sign-in").click()
    if not scripts:
        page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Who signs in?")).to_be_visible()
    choose(page, "Anna Larsen")
    if not scripts:
        page.get_by_role("button", name="Continue").click()
    shows_account_of(page, "Anna Larsen")


def test_an_emergency_administrator_gets_in_without_the_idp(company: Company, page: Page) -> None:
    """The IdP does not answer at all: the listed administrator still signs in, and says why."""
    company.idp.stop()
    page.goto(company.url("/login"))
    page.get_by_role("link", name="Administrator emergency sign-in").click()
    page.get_by_label("Username").fill("ada.admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Reason").fill("The identity provider is down since nine.")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Ada Admin").click()
    shows_account_of(page, "Ada Admin")
    expect(detail(page, "Method")).to_have_text("Administrator emergency sign-in")


def test_a_start_at_the_idp_ends_at_the_account(company: Company, page: Page) -> None:
    """An unsolicited Response is turned into a sign-in of ours that the IdP completes unseen."""
    page.goto(f"{company.idp.url}/start")
    choose(page, "Anna Larsen")
    shows_account_of(page, "Anna Larsen")


def test_the_language_stays_after_signing_in(company: Company, page: Page) -> None:
    """Whoever chose French before the sign-in reads French after it, also at the next visit."""
    page.goto(company.url("/login?next=/account"))
    page.get_by_role("link", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page).to_have_url(company.url("/login?next=%2Faccount&lang=fr"))
    page.get_by_role("link", name="Continuer avec la connexion de votre entreprise").click()
    choose(page, "Anna Larsen")
    expect(page).to_have_url(company.url("/account"))
    expect(page.get_by_role("heading", name="Votre compte")).to_be_visible()


def test_a_signed_in_browser_is_not_asked_again(company: Company, page: Page) -> None:
    """The login page sends whoever is in to where they wanted to go."""
    arrive(page, company)
    page.goto(company.url("/login?next=/account%3Fa%3Db"))
    expect(page).to_have_url(company.url("/account?a=b"))
