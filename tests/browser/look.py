"""What is looked at on every page: axe-core's rules, and whether it fits a narrow screen."""

from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

NARROW: Final = 320
WIDE: Final = 1280
_WCAG: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_RESULTS: Final = ["violations", "incomplete"]
_EVERYTHING: Final = {
    "runOnly": {"type": "tag", "values": _WCAG},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": _RESULTS,
}
#: What a colour scheme can change.
_COLOURS: Final = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": _RESULTS,
}
_axe = Axe()


def inaccessible(page: Page) -> list[str]:
    """What axe-core finds wrong, or cannot decide, in both colour schemes: a line an element."""
    page.emulate_media(color_scheme="light")
    found = _lines("light", _axe.run(page, options=_EVERYTHING).response)
    page.emulate_media(color_scheme="dark")
    return found + _lines("dark", _axe.run(page, options=_COLOURS).response)


def too_wide(page: Page) -> list[str]:
    """The elements that make the page scroll sideways on a narrow screen."""
    page.set_viewport_size({"width": NARROW, "height": 800})
    found: list[str] = page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return [];
            return [...document.body.querySelectorAll("*")]
                .filter(one => one.getBoundingClientRect().right > root.clientWidth)
                .map(one => one.outerHTML.slice(0, 120));
        }"""
    )
    return found


def _lines(scheme: str, results: dict[str, Any]) -> list[str]:
    return [
        f"{scheme}: {rule['id']} ({rule['impact']}): {node['html']}"
        for rule in (*results["violations"], *results["incomplete"])
        for node in rule["nodes"]
    ]
