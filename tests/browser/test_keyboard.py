"""Whoever has no mouse gets in as well."""

from playwright.sync_api import Page, expect

from tests.browser.company import PASSWORD, Company
from tests.browser.steps import choose, shows_account_of


def test_the_skip_link_comes_first(company: Company, page: Page) -> None:
    """The first Tab shows the skip link, Enter on it moves past the header."""
    page.goto(company.url("/login"))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_company_sign_in_by_keyboard(company: Company, page: Page) -> None:
    """From the skip link, one Tab and Enter lead to the IdP."""
    page.goto(company.url("/login"))
    for key in ("Tab", "Enter", "Tab"):
        page.keyboard.press(key)
    expect(page.get_by_role("link", name="Continue with your company sign-in")).to_be_focused()
    page.keyboard.press("Enter")
    choose(page, "Anna Larsen")
    shows_account_of(page, "Anna Larsen")


def test_password_sign_in_by_keyboard(company_without_sso: Company, page: Page) -> None:
    """Tab, type, Tab, type, Enter."""
    page.goto(company_without_sso.url("/login"))
    for key in ("Tab", "Enter", "Tab"):
        page.keyboard.press(key)
    page.keyboard.type("anna.larsen")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    shows_account_of(page, "Anna Larsen")


def test_the_focus_can_be_seen(company: Company, page: Page) -> None:
    """Every stop of the Tab key has a ring around it, at least two pixels wide."""
    page.goto(company.url("/login"))
    stops = page.locator("a:visible, button:visible, input:visible").count()
    assert stops > 2
    for _ in range(stops):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            "(() => { const style = getComputedStyle(document.activeElement);"
            " return [style.outlineStyle, parseFloat(style.outlineWidth)]; })()"
        )
        assert ring[0] != "none"
        assert ring[1] >= 2
