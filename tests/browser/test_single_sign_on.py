"""An administrator sets single sign-on up, turns it on, and off again: nobody is locked out."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.chromium import Visiting
from tests.browser.company import PASSWORD, Company
from tests.browser.steps import (
    administer,
    choose,
    continue_to_idp,
    shows_account_of,
    sign_in_with_password,
)


def test_the_login_page_is_swapped_and_swapped_back(
    company_without_sso: Company, visiting: Visiting, tmp_path: Path
) -> None:
    """S2.30: on, the password form is gone and a click leads to the IdP; off, it is back."""
    company = company_without_sso
    administrator, employee = visiting().tab(), visiting().tab()
    administrator.goto(company.url("/admin/sso"))
    sign_in_with_password(administrator, "ada.admin", PASSWORD)
    expect(administrator.get_by_role("link", name="Turn on…")).to_have_count(0)

    metadata = tmp_path / "idp.xml"
    metadata.write_bytes(company.idp.idp.metadata)
    administrator.get_by_role("link", name="Import metadata").click()
    administrator.get_by_label("A file").set_input_files(metadata)
    administrator.get_by_role("button", name="Show what it says").click()
    expect(administrator.get_by_role("main")).to_contain_text(company.idp.idp.entity_id)
    administrator.get_by_role("button", name="Save").click()
    employee.goto(company.url("/login"))
    expect(employee.get_by_label("Password")).to_be_visible()

    administrator.get_by_role("link", name="Turn on…").click()
    administrator.get_by_role("button", name="Yes, turn it on").click()
    expect(administrator.get_by_text("Single sign-on is on.")).to_be_visible()
    employee.goto(company.url("/account"))
    expect(employee.get_by_label("Password")).to_have_count(0)
    continue_to_idp(employee)
    choose(employee, "Anna Larsen")
    shows_account_of(employee, "Anna Larsen")
    employee.get_by_role("button", name="Sign out").click()

    administrator.get_by_role("link", name="Turn off…").click()
    administrator.get_by_role("button", name="Yes, turn it off").click()
    expect(administrator.get_by_text("Single sign-on is off.")).to_be_visible()
    employee.get_by_role("link", name="Sign in again").click()
    sign_in_with_password(employee, "anna.larsen", PASSWORD)
    shows_account_of(employee, "Anna Larsen")


def test_our_values_can_be_copied_before_anything_is_saved(
    company_without_sso: Company, visiting: Visiting
) -> None:
    """What the identity provider needs to know is there first, one click from the clipboard."""
    page = visiting(permissions=["clipboard-read", "clipboard-write"]).tab()
    administer(page, company_without_sso, "/admin/sso")
    for value, path in (("Entity ID", "/saml/metadata"), ("Assertion Consumer", "/saml/acs")):
        page.get_by_role("button", name=f"Copy {value}").click()
        expect(page.get_by_role("button", name=f"Copied {value}")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == company_without_sso.url(path)


def test_without_javascript_metadata_is_pasted(
    company_without_sso: Company, visiting: Visiting
) -> None:
    """No copy button pretends to work; the metadata is seen, and saved, as text."""
    page = visiting(java_script_enabled=False).tab()
    administer(page, company_without_sso, "/admin/sso")
    expect(page.get_by_text(company_without_sso.url("/saml/acs"), exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.get_by_role("link", name="Import metadata").click()
    page.get_by_label("The text itself").fill(company_without_sso.idp.idp.metadata.decode())
    page.get_by_role("button", name="Show what it says").click()
    expect(page.get_by_role("heading", name="What the metadata says")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="is saved.")).to_be_visible()


def test_our_own_metadata_is_told_apart(company_without_sso: Company, page: Page) -> None:
    """Whoever gives our metadata instead of the IdP's is told so, and nothing is saved."""
    administer(page, company_without_sso, "/admin/sso/idp/import")
    ours = company_without_sso.site.get(company_without_sso.tenant, "/saml/metadata")
    page.get_by_label("The text itself").fill(ours.decode())
    page.get_by_role("button", name="Show what it says").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("our own metadata")


def test_an_automatic_redirect_is_switched_by_its_administrator(
    company: Company, visiting: Visiting
) -> None:
    """The setting bites at the next visit, and can be taken back."""
    administrator, employee = visiting().tab(), visiting().tab()
    administer(administrator, company, "/admin/sso")
    administrator.get_by_role("button", name="Send people on at once instead").click()
    expect(administrator.get_by_text("sends people on by itself.")).to_be_visible()
    employee.goto(company.url("/account"))
    expect(employee.get_by_role("heading", name="Who signs in?")).to_be_visible()
    administrator.get_by_role("button", name="Wait for a click instead").click()
    employee.goto(company.url("/account"))
    expect(employee.get_by_role("link", name="Continue with your company sign-in")).to_be_visible()
