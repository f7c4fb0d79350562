"""Every page: whoever sees little, reads French or has a small screen can use it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import Visiting, Visitor
from tests.browser.company import Company
from tests.browser.look import NARROW, inaccessible, too_wide
from tests.browser.sights import SIGHTS, Scenery, Sight, built, nothing
from tests.browser.site import Site

TEMPLATES = Path(__file__).parents[2] / "app" / "templates"
#: Those on which others stand.
FRAMES = {"layouts/admin.html", "layouts/auth.html", "layouts/base.html"}


@pytest.fixture(scope="module")
def scenery(
    chromium: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scenery]:
    """Companies with something to see."""
    with built(chromium, site, tmp_path_factory.mktemp("scenery")) as scenery:
        yield scenery


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
def test_the_page_is_accessible(scenery: Scenery, sight: Sight) -> None:
    """WCAG 2.2 AA as far as axe-core can tell, in both colour schemes, without complaints."""
    page = sight.seen(scenery, "en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert not inaccessible(page)
    assert not scenery.complaints(sight, "en")


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
def test_the_page_fits_a_narrow_screen_in_french(scenery: Scenery, sight: Sight) -> None:
    """At 320 px nothing scrolls sideways, although French is longer."""
    page = sight.seen(scenery, "fr")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    assert page.evaluate("document.documentElement.clientWidth") > NARROW
    assert not too_wide(page)
    assert not scenery.complaints(sight, "fr")


def test_titles_tell_pages_apart(scenery: Scenery) -> None:
    """Whoever has ten tabs open, or hears only the title, knows which page is which."""
    _, page = scenery.tab("ada", "en")
    page.goto(scenery.with_sso.url("/account"))
    first = {
        sight.template: sight.address(scenery)
        for sight in reversed(SIGHTS)
        if sight.who == "ada" and sight.act is nothing
    }
    here = [each for each in first.values() if each.startswith(scenery.with_sso.url("/"))]
    titles = page.evaluate(
        """addresses => Promise.all(addresses.map(async address => {
            const text = await (await fetch(address)).text();
            return new DOMParser().parseFromString(text, "text/html").title;
        }))""",
        here,
    )
    assert len(titles) > 5
    assert len(set(titles)) == len(titles), titles


def test_every_template_is_looked_at() -> None:
    """A page that nobody looks at here is named by this test."""
    pages = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if not path.name.startswith("_") and path.parent.name != "macros"
    }
    assert {sight.template for sight in SIGHTS} == pages - FRAMES


def test_what_is_looked_for_would_be_found(visiting: Visiting) -> None:
    """Too little contrast in one colour scheme, a field without a name, a line too long."""
    page = visiting().tab()
    page.set_content(
        """<html lang="en"><title>Bad</title>
        <style>
        p { color: #767676; background: #fff }
        @media (prefers-color-scheme: dark) { p { color: #666; background: #222 } }
        </style>
        <main><h1>Bad</h1><p>Hard to read by night</p><input>
        <code>longer_than_a_narrow_screen_since_it_cannot_be_broken_anywhere</code></main></html>"""
    )
    found = inaccessible(page)
    assert [line.split(" ")[:2] for line in found] == [
        ["light:", "label"],
        ["dark:", "color-contrast"],
    ]
    assert too_wide(page)


def test_what_the_policy_forbids_would_be_heard(company: Company, chromium: Browser) -> None:
    """A script inside a page is not run, and the console's complaint about it is collected."""
    visitor = Visitor(chromium)
    page = visitor.tab()
    page.goto(company.url("/login"))
    assert not visitor.complaints()
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
        " { textContent: 'document.title = 1' }))"
    )
    heard = visitor.complaints()
    assert len(heard) == 1
    assert "Content Security Policy" in heard[0]
    visitor.context.close()
