"""What happens to a session after the sign-in: it ends where, and when, its owner says so."""

from playwright.sync_api import Page, Request, expect

from tests.browser.chromium import Visiting
from tests.browser.company import Company
from tests.browser.steps import arrive, choose, is_refused, is_signed_out, shows_account_of, sign_in


def test_signing_out_ends_the_session(company: Company, page: Page) -> None:
    """After signing out one is out, and a click is needed to come in again."""
    arrive(page, company)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    is_signed_out(page, company)


def test_going_back_after_signing_out_shows_nothing_private(company: Company, page: Page) -> None:
    """No page behind the door is stored: Back asks the server, which shows the door."""
    arrive(page, company)
    page.goto(company.url("/account?second=page"))
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="Continue with your company sign-in")).to_be_visible()
    assert "Larsen" not in page.content()


def test_an_automatic_redirect_never_loops(company: Company, page: Page) -> None:
    """Sent straight to the IdP at first, but neither after signing out nor after an error."""
    company.redirect_at_once()
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.startswith(f"{company.idp.url}/sso?"):
            asked.append(request.url)

    page.on("request", note)
    page.goto(company.url("/account?at=once"))
    choose(page, "Anna Larsen")
    expect(page).to_have_url(company.url("/account?at=once"))
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in again").click()
    expect(page.get_by_role("link", name="Continue with your company sign-in")).to_be_visible()
    assert len(asked) == 1

    page.goto(f"{company.idp.url}/drawer")
    page.get_by_role("radio", name="expired_confirmation ").check()
    page.get_by_role("button", name="For the next response").click()
    page.goto(company.url("/account"))
    is_refused(page)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("link", name="Continue with your company sign-in")).to_be_visible()
    assert len(asked) == 2


def test_a_session_elsewhere_can_be_ended(company: Company, visiting: Visiting) -> None:
    """Ended from the account page, the other browser is out at its very next click."""
    here, elsewhere = visiting().tab(), visiting().tab()
    arrive(elsewhere, company)
    sign_in(here, company.url("/account"), "Anna Larsen")
    here.get_by_role("button", name="End the session on Firefox on Linux").click()
    expect(here.get_by_text("The session has ended.")).to_be_visible()
    expect(here.get_by_role("button", name="End the session on Firefox on Linux")).to_have_count(0)
    elsewhere.get_by_role("link", name="Anna Larsen").click()
    expect(elsewhere).to_have_url(company.url("/login?next=/account"))
    shows_account_of(here, "Anna Larsen")
