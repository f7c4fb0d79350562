"""What people do in these tests, in their words."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.company import Company


def continue_to_idp(page: Page) -> None:
    """From the login page to the IdP's question."""
    page.get_by_role("link", name="Continue with your company sign-in").click()
    expect(page.get_by_role("heading", name="Who signs in?")).to_be_visible()


def choose(page: Page, name: str) -> None:
    """Be somebody at the IdP."""
    page.get_by_role("button", name=name).click()


def sign_in(page: Page, url: str, name: str) -> None:
    """Sign in through the IdP as somebody who has an account, starting from a page."""
    page.goto(url)
    continue_to_idp(page)
    choose(page, name)
    shows_account_of(page, name)


def shows_account_of(page: Page, name: str) -> None:
    """The page is that person's account."""
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text=name)).to_be_visible()


def sign_in_with_password(page: Page, username: str, password: str) -> None:
    """Fill in the password form and send it."""
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def is_signed_out(page: Page, company: Company) -> None:
    """This browser has no session: what is behind the door leads back to it."""
    page.goto(company.url("/account"))
    expect(page).to_have_url(company.url("/login?next=/account"))


def is_refused(page: Page) -> str:
    """The page says that the sign-in was refused; returns its reference."""
    expect(page.get_by_role("heading", name="We could not sign you in")).to_be_visible()
    return detail(page, "Reference").inner_text()


def refused_as(page: Page, company: Company, name: str) -> str:
    """Try to sign in as somebody who may not; return the reference."""
    page.goto(company.url("/account"))
    continue_to_idp(page)
    choose(page, name)
    return is_refused(page)


def administer(page: Page, company: Company, path: str) -> None:
    """Look at one of the administrators' pages as Ada, who came in before."""
    company.let_in(page.context, company.ada.account_id)
    page.goto(company.url(path))
    expect(page).to_have_url(company.url(path))


def arrive(page: Page, company: Company, path: str = "/account") -> None:
    """Look at a page as Anna, who came in before."""
    company.let_in(page.context, company.anna.account_id)
    page.goto(company.url(path))
    expect(page).to_have_url(company.url(path))


def detail(page: Page, label: str) -> Locator:
    """What stands beside a label in a list of details."""
    pair = page.locator("dl.kv > div").filter(has=page.get_by_text(label, exact=True))
    return pair.get_by_role("definition")
