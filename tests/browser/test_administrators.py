"""An administrator helps an employee: finds the refusal, mends the match, shuts somebody out."""

from playwright.sync_api import Page, expect

from tests.browser.chromium import Visiting
from tests.browser.company import Company
from tests.browser.steps import (
    administer,
    arrive,
    detail,
    is_signed_out,
    refused_as,
    shows_account_of,
    sign_in,
)


def test_an_administrator_finds_a_refusal_by_its_reference(
    company: Company, visiting: Visiting
) -> None:
    """The reference on the employee's page opens the attempt, with the NameID and every rule."""
    reference = refused_as(visiting().tab(), company, "Alice Roy")
    log = visiting().tab()
    administer(log, company, "/admin/sign-ins")
    log.get_by_label("Reference", exact=True).fill(reference.lower().replace("-", " "))
    log.get_by_role("button", name="Open").click()
    expect(log).to_have_url(company.url(f"/admin/sign-ins/{reference}"))
    expect(detail(log, "Code")).to_have_text("NO_MATCH")
    expect(detail(log, "NameID")).to_have_text("roy.a@northwind.example")
    rules = log.get_by_role("region", name="Rules in their order")
    for rule in ("1 SSO ID", "2 Primary email", "3 Username", "4 Employee number"):
        expect(rules.get_by_role("row").filter(has_text=rule)).to_contain_text("Nobody")


def test_an_administrator_mends_a_match(company: Company, visiting: Visiting) -> None:
    """S2.28, S2.32: refused; the administrator sets the SSO ID; the same employee is in."""
    employee, administrator = visiting().tab(), visiting().tab()
    reference = refused_as(employee, company, "Alice Roy")

    administer(administrator, company, f"/admin/sign-ins/{reference}")
    administrator.get_by_role("link", name="Set SSO ID on Alice Roy").click()
    expect(administrator.get_by_label("SSO ID", exact=True)).to_have_value(
        "roy.a@northwind.example"
    )
    administrator.get_by_role("button", name="Save", exact=True).click()
    expect(administrator.get_by_role("status").filter(has_text="Saved.")).to_be_visible()

    employee.goto(company.url("/account"))
    employee.get_by_role("link", name="Continue with your company sign-in").click()
    shows_account_of(employee, "Alice Roy")
    expect(detail(employee, "Recognised by")).to_have_text("SSO ID")


def test_an_sso_id_is_tried_while_it_is_typed(company: Company, visiting: Visiting) -> None:
    """A value that would take somebody's sign-in away says so at once, and asks for it again."""
    page = visiting().tab()
    administer(page, company, f"/admin/accounts/{company.alice.account_id}/sso-id")
    field = page.get_by_label("SSO ID", exact=True)
    field.press_sequentially("alice-1")
    expect(page.locator("#value-check")).to_contain_text("would let Alice Roy in")
    field.fill("ben.okoye")
    expect(page.locator("#value-check")).to_contain_text("ben.okoye")
    page.get_by_role("button", name="Save", exact=True).click()
    again = page.get_by_label("Type “ben.okoye” again")
    expect(again).to_be_visible()
    again.fill("somebody else")
    page.get_by_role("button", name="Save all the same").click()
    expect(page.get_by_role("alert")).to_be_focused()

    ben = visiting().tab()
    sign_in(ben, company.url("/account"), "Ben Okoye")
    expect(detail(ben, "Recognised by")).to_have_text("Username")


def test_without_javascript_an_sso_id_is_set(company: Company, visiting: Visiting) -> None:
    """The check has a button of its own, and saving needs no script."""
    page = visiting(java_script_enabled=False).tab()
    administer(page, company, f"/admin/accounts/{company.alice.account_id}/sso-id")
    page.get_by_label("SSO ID", exact=True).fill("roy.a@northwind.example")
    page.get_by_role("button", name="Check first").click()
    expect(page.locator("#value-check")).to_contain_text("would let Alice Roy in")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()


def test_whoever_is_disabled_is_out_at_the_next_click(company: Company, visiting: Visiting) -> None:
    """S2.45: disabling ends the live session, refuses the next sign-in; enabling mends it."""
    employee, administrator = visiting().tab(), visiting().tab()
    arrive(employee, company)
    administer(administrator, company, "/admin/accounts")
    administrator.get_by_label("Search").fill("00042")
    administrator.get_by_role("button", name="Find").click()
    administrator.get_by_role("link", name="Anna Larsen").click()
    administrator.get_by_role("link", name="Disable").click()
    administrator.get_by_role("button", name="Yes, disable it").click()
    expect(administrator.get_by_text("Anna Larsen can no longer sign in.")).to_be_visible()

    is_signed_out(employee, company)
    refused_as(employee, company, "Anna Larsen")
    expect(detail(employee, "Code")).to_have_text("ACCOUNT_DISABLED")

    administrator.get_by_role("button", name="Enable").click()
    expect(administrator.get_by_text("Anna Larsen can sign in again.")).to_be_visible()
    employee.goto(company.url("/account"))
    employee.get_by_role("link", name="Continue with your company sign-in").click()
    shows_account_of(employee, "Anna Larsen")


def test_an_empty_log_leads_on(company_without_sso: Company, page: Page) -> None:
    """Where nobody can have signed in through an IdP, the next step is to set one up."""
    administer(page, company_without_sso, "/admin/sign-ins")
    page.get_by_role("link", name="Go to single sign-on").click()
    expect(page.get_by_role("heading", name="Single sign-on")).to_be_visible()


def test_an_employee_has_no_way_into_the_administration(company: Company, page: Page) -> None:
    """No link leads there, and its address answers that one may not."""
    arrive(page, company)
    expect(page.get_by_role("link", name="Administration")).to_have_count(0)
    page.goto(company.url("/admin/accounts"))
    expect(page.get_by_role("heading", name="You may not do that")).to_be_visible()
    assert "Ben Okoye" not in page.content()
