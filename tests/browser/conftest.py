"""One server and one Chromium for all browser tests; a company and a browser for each."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests import machine
from tests.browser.chromium import Visiting, Visitor, running_chromium
from tests.browser.company import Company, founded
from tests.browser.site import Site, running_site

_HERE = Path(__file__).parent
_slugs = (f"northwind-{number}" for number in itertools.count(1))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the browser tests together in one worker: they share a server and a Chromium."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A Chromium without a window."""
    with running_chromium(machine.require("chromium")) as browser:
        yield browser


@pytest.fixture(scope="session")
def site(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running Doorward."""
    with running_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def company(site: Site, tmp_path: Path) -> Iterator[Company]:
    """A company of the test's own, with SSO on."""
    with founded(site, next(_slugs), tmp_path) as company:
        company.set_up_sso()
        yield company


@pytest.fixture
def company_without_sso(site: Site, tmp_path: Path) -> Iterator[Company]:
    """A company of the test's own, with SSO off and no identity provider set up."""
    with founded(site, next(_slugs), tmp_path) as company:
        yield company


@pytest.fixture
def visiting(chromium: Browser) -> Iterator[Visiting]:
    """Gives browsers of their own; none of them may have had anything to complain about."""
    visitors: list[Visitor] = []

    def visit(**options: Any) -> Visitor:
        visitors.append(Visitor(chromium, **options))
        return visitors[-1]

    yield visit
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints()]
    for visitor in visitors:
        visitor.context.close()
    assert not complaints


@pytest.fixture
def page(visiting: Visiting) -> Page:
    """A tab of an employee's browser."""
    return visiting().tab()
