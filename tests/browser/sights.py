"""Every page there is, and how to come to see it: for accessibility checks and for pictures."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from tests.browser.chromium import Visitor
from tests.browser.company import Company, founded
from tests.browser.look import WIDE
from tests.browser.site import Site
from tests.browser_client import Browser as ClientWithoutScreen
from tests.idp import terms
from tests.idp.mock_idp import MockIdp

Who = Literal["nobody", "anna", "ada"]
Language = Literal["en", "fr"]


class Scenery:
    """Three companies with something to see: with SSO, without, with an IdP that takes posts."""

    def __init__(
        self, chromium: Browser, with_sso: Company, new: Company, posting: Company
    ) -> None:
        self._chromium = chromium
        self._tabs: dict[tuple[Who, Language], tuple[Visitor, Page]] = {}
        self.with_sso = with_sso
        self.new = new
        self.posting = posting
        with_sso.set_up_sso()
        posting.set_up_sso(only_posts=True)
        client = ClientWithoutScreen(with_sso.site.app, with_sso.tenant.base_url)
        idp = with_sso.idp.idp
        self.accepted = client.sign_in(idp, "anna.larsen@northwind.example").status_code == 303
        self.no_match = _reference(client.sign_in(idp, "roy.a@northwind.example").text)
        self.disabled = _reference(client.sign_in(idp, "chloe.dubois@northwind.example").text)
        anna = "anna.larsen@northwind.example"
        expired = client.sign_in(idp, anna, misbehaviour="expired_confirmation")
        self.expired = _reference(expired.text)

    def tab(self, who: Who, language: Language) -> tuple[Visitor, Page]:
        """A browser of somebody, in a language, with a tab: the same one every time."""
        if (who, language) not in self._tabs:
            visitor = Visitor(self._chromium, locale=language)
            self._tabs[who, language] = visitor, visitor.tab()
            for company in (self.with_sso, self.new):
                account = {"anna": company.anna.account_id, "ada": company.ada.account_id}.get(who)
                if account is not None:
                    company.let_in(visitor.context, account)
        return self._tabs[who, language]

    def complaints(self, sight: "Sight", language: Language) -> list[str]:
        """What the browser that saw it has complained of since it was asked last."""
        visitor, _ = self.tab(sight.who, language)
        return visitor.complaints()

    def close(self) -> None:
        """Close every browser."""
        for visitor, _ in self._tabs.values():
            visitor.context.close()


@contextmanager
def built(chromium: Browser, site: Site, folder: Path) -> Iterator[Scenery]:
    """The scenery for as long as the block lasts."""
    with (
        founded(site, "with-sso", folder) as with_sso,
        founded(site, "new", folder) as new,
        founded(site, "posting", folder) as posting,
    ):
        scenery = Scenery(chromium, with_sso, new, posting)
        yield scenery
        scenery.close()


def nothing(page: Page) -> None:
    """Leave the page as it came."""


def _submit(page: Page) -> None:
    """Send the form as it is, so that it comes back with what is wrong."""
    page.locator("main form button[type=submit]").first.click()
    page.locator(".error-summary").wait_for()


def _import_one(page: Page) -> None:
    """Ask what the metadata of an IdP with a weak key says."""
    idp = MockIdp()
    _import(page, replace(idp, further_keys=(idp.keys.weak,)).metadata)


def _import_two(page: Page) -> None:
    """Ask what a federation's metadata says, which has two IdPs."""
    documents = (MockIdp(f"https://{name}.example").metadata for name in ("north", "south"))
    entities = b"".join(document.partition(b"?>")[2] for document in documents)
    _import(
        page,
        b'<md:EntitiesDescriptor xmlns:md="%b">%b</md:EntitiesDescriptor>'
        % (terms.METADATA.encode(), entities),
    )


def _import(page: Page, metadata: bytes) -> None:
    page.locator("textarea[name=text]").fill(metadata.decode())
    page.locator("main form button[type=submit]").first.click()
    page.locator("main form [name=entity_id]").first.wait_for(state="attached")


def _policy(page: Page) -> None:
    """Weaken the policy, so that it has to be confirmed."""
    page.locator("a[href$='/policy']").first.click()
    page.locator("[name=unsolicited]").select_option("accept")
    page.locator("main form button[type=submit]").first.click()
    page.locator("[name=confirmed]").first.wait_for()


@dataclass(frozen=True)
class Sight:
    """One page: its template, who sees it where, and what is done there first."""

    name: str
    template: str
    who: Who
    address: Callable[[Scenery], str]
    act: Callable[[Page], None] = nothing
    goes_on_by_itself: bool = False

    def seen(self, scenery: Scenery, language: Language) -> Page:
        """A tab that shows it, as wide as a desk's, in the light."""
        _, page = scenery.tab(self.who, language)
        page.set_viewport_size({"width": WIDE, "height": 800})
        page.emulate_media(color_scheme="light")
        page.unroute_all()
        if self.goes_on_by_itself:
            page.route("**/doorward.js*", lambda route: route.fulfill(body=""))
        page.goto(self.address(scenery))
        self.act(page)
        return page


def _at(path: str) -> Callable[[Scenery], str]:
    return lambda scenery: scenery.with_sso.url(path)


def _at_new(path: str) -> Callable[[Scenery], str]:
    return lambda scenery: scenery.new.url(path)


def _of_alice(path: str) -> Callable[[Scenery], str]:
    return lambda scenery: scenery.with_sso.url(
        f"/admin/accounts/{scenery.with_sso.alice.account_id}{path}"
    )


def _reference(page: str) -> str:
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", page)
    assert found is not None
    return found[0]


SIGHTS = (
    Sight("login", "login/sso.html", "nobody", _at("/login?next=/account")),
    Sight("password", "login/password.html", "nobody", _at_new("/login?next=/account")),
    Sight("password-error", "login/password.html", "nobody", _at_new("/login"), _submit),
    Sight("emergency", "login/emergency.html", "nobody", _at("/login/emergency")),
    Sight("emergency-error", "login/emergency.html", "nobody", _at("/login/emergency"), _submit),
    Sight("signed-out", "signed_out.html", "nobody", _at("/signed-out")),
    Sight(
        "refused-no-match",
        "refusal.html",
        "nobody",
        lambda scenery: scenery.with_sso.url(f"/sign-in/refused/{scenery.no_match}"),
    ),
    Sight(
        "refused-expired",
        "refusal.html",
        "nobody",
        lambda scenery: scenery.with_sso.url(f"/sign-in/refused/{scenery.expired}"),
    ),
    Sight("not-found", "error.html", "nobody", _at("/nothing-here")),
    Sight("forbidden", "error.html", "anna", _at("/admin/")),
    Sight(
        "post-binding",
        "saml/post_binding.html",
        "nobody",
        lambda scenery: scenery.posting.url("/saml/login"),
        goes_on_by_itself=True,
    ),
    Sight("account", "account/show.html", "anna", _at("/account")),
    Sight("overview", "admin/overview.html", "ada", _at("/admin/")),
    Sight("overview-new", "admin/overview.html", "ada", _at_new("/admin/")),
    Sight("people", "admin/accounts/index.html", "ada", _at("/admin/accounts")),
    Sight("people-none", "admin/accounts/index.html", "ada", _at("/admin/accounts?q=zz")),
    Sight("person", "admin/accounts/show.html", "ada", _of_alice("")),
    Sight("person-disable", "layouts/confirm.html", "ada", _of_alice("/disable")),
    Sight("sso-id", "admin/accounts/sso_id.html", "ada", _of_alice("/sso-id")),
    Sight(
        "sso-id-clash",
        "admin/accounts/sso_id.html",
        "ada",
        _of_alice("/sso-id?value=ben.okoye"),
    ),
    Sight(
        "match-check",
        "admin/accounts/match_check.html",
        "ada",
        _at("/admin/accounts/match-check?name_id=anna.larsen@northwind.example"),
    ),
    Sight("sso", "admin/sso/show.html", "ada", _at("/admin/sso")),
    Sight("sso-new", "admin/sso/show.html", "ada", _at_new("/admin/sso")),
    Sight("sso-import", "admin/sso/import.html", "ada", _at_new("/admin/sso/idp/import")),
    Sight(
        "sso-import-error",
        "admin/sso/import.html",
        "ada",
        _at_new("/admin/sso/idp/import"),
        _submit,
    ),
    Sight(
        "sso-choose",
        "admin/sso/choose.html",
        "ada",
        _at_new("/admin/sso/idp/import"),
        _import_two,
    ),
    Sight(
        "sso-preview",
        "admin/sso/preview.html",
        "ada",
        _at_new("/admin/sso/idp/import"),
        _import_one,
    ),
    Sight("sso-policy", "admin/sso/policy.html", "ada", _at("/admin/sso"), _policy),
    Sight("sso-turn-off", "layouts/confirm.html", "ada", _at("/admin/sso/turn-off")),
    Sight("sign-ins", "admin/sign_ins/index.html", "ada", _at("/admin/sign-ins")),
    Sight("sign-ins-none", "admin/sign_ins/index.html", "ada", _at_new("/admin/sign-ins")),
    Sight(
        "sign-ins-error",
        "admin/sign_ins/index.html",
        "ada",
        _at("/admin/sign-ins?reference=AAAA-AAAA"),
    ),
    Sight(
        "sign-in-no-match",
        "admin/sign_ins/show.html",
        "ada",
        lambda scenery: scenery.with_sso.url(f"/admin/sign-ins/{scenery.no_match}"),
    ),
    Sight(
        "sign-in-disabled",
        "admin/sign_ins/show.html",
        "ada",
        lambda scenery: scenery.with_sso.url(f"/admin/sign-ins/{scenery.disabled}"),
    ),
)
