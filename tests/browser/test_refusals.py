"""The page that a refused employee sees, and what they can do with it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.chromium import Visiting
from tests.browser.company import Company
from tests.browser.steps import (
    choose,
    continue_to_idp,
    detail,
    is_refused,
    is_signed_out,
    refused_as,
)


def test_nobody_of_that_name(company: Company, page: Page) -> None:
    """S2.28: a NameID that no account has gives a page in plain words, and no session."""
    reference = refused_as(page, company, "Alice Roy")
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", reference)
    expect(detail(page, "Code")).to_have_text("NO_MATCH")
    expect(page.get_by_text("Trying again will not help.")).to_be_visible()
    whole = page.content()
    assert "roy.a@northwind.example" not in whole
    assert "roy.a" not in page.url
    is_signed_out(page, company)


def test_a_disabled_account(company: Company, page: Page) -> None:
    """S2.45: a disabled account is refused by SSO, and the page says that it is switched off."""
    refused_as(page, company, "Chloé Dubois")
    expect(detail(page, "Code")).to_have_text("ACCOUNT_DISABLED")
    expect(page.get_by_role("paragraph").filter(has_text="switched off")).to_be_visible()
    is_signed_out(page, company)


def test_the_language_switch_keeps_the_reference(company: Company, page: Page) -> None:
    """The same refusal in French, under its reference, and back again; a reload keeps it."""
    reference = refused_as(page, company, "Alice Roy")
    page.get_by_role("link", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(detail(page, "Référence")).to_have_text(reference)
    page.reload()
    expect(detail(page, "Référence")).to_have_text(reference)
    page.get_by_role("link", name="English").click()
    expect(detail(page, "Reference")).to_have_text(reference)
    expect(detail(page, "Code")).to_have_text("NO_MATCH")


def test_the_details_can_be_copied(company: Company, visiting: Visiting) -> None:
    """The copy button puts what the administrator needs on the clipboard, and says it did."""
    visitor = visiting(permissions=["clipboard-read", "clipboard-write"])
    page = visitor.tab()
    reference = refused_as(page, company, "Alice Roy")
    page.get_by_role("button", name="Copy details").click()
    expect(page.get_by_role("button", name="Copied")).to_be_focused()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"Reference: {reference}" in copied
    assert "Code: NO_MATCH" in copied
    assert "roy.a" not in copied


def test_without_javascript_there_is_no_copy_button(company: Company, visiting: Visiting) -> None:
    """What cannot work is not shown; the reference is there to be read and selected."""
    page = visiting(java_script_enabled=False).tab()
    page.goto(company.url("/account"))
    continue_to_idp(page)
    choose(page, "Alice Roy")
    page.get_by_role("button", name="Continue").click()
    is_refused(page)
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("link", name="Try another account")).to_be_visible()


def test_another_account_can_be_tried(company: Company, page: Page) -> None:
    """The IdP asks again who one is, although it knows this browser, and the other gets in."""
    refused_as(page, company, "Alice Roy")
    page.get_by_role("link", name="Try another account").click()
    expect(page.get_by_role("button", name="Continue as Alice Roy")).to_be_visible()
    choose(page, "Anna Larsen")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_what_the_drawer_holds_is_refused(company: Company, page: Page) -> None:
    """A Response with the wrong audience, chosen in the IdP's drawer, leads to the refusal."""
    page.goto(f"{company.idp.url}/drawer")
    page.get_by_role("radio", name=re.compile("^wrong_audience ")).check()
    page.get_by_role("button", name="For the next response").click()
    expect(page.get_by_text("The drawer is open:")).to_be_visible()
    refused_as(page, company, "Anna Larsen")
    expect(detail(page, "Code")).to_have_text("IDP_CONFIG")
    is_signed_out(page, company)
    continue_to_idp_again = page.get_by_role("link", name="Continue with your company sign-in")
    continue_to_idp_again.click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_a_replayed_answer_is_refused(company: Company, page: Page) -> None:
    """Going back to the IdP's answer and sending it a second time gets nobody in."""
    page.goto(f"{company.idp.url}/drawer")
    page.get_by_role("checkbox", name="Show each response").check()
    page.get_by_role("button", name="Keep").click()
    page.goto(company.url("/account"))
    continue_to_idp(page)
    choose(page, "Anna Larsen")
    expect(page.get_by_role("heading", name="Going back")).to_be_visible()
    second = page.context.new_page()
    second.set_content(page.locator("#answer").evaluate("form => form.outerHTML"))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    second.get_by_role("button", name="Continue").click()
    is_refused(second)
    expect(detail(second, "Code")).to_have_text("ALREADY_USED")
