"""Chromium, and a person in front of it whose browser's complaints are written down."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    WebError,
    expect,
    sync_playwright,
)

_FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Generous, for a busy machine: what is waited for comes at once or never.
_PATIENCE_MS: Final = 15_000


@contextmanager
def running_chromium(executable: Path) -> Iterator[Browser]:
    """A Chromium without a window."""
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=_FLAGS,
            # People have that cache: what it may show again is tested with it.
            ignore_default_args=["--disable-back-forward-cache"],
        )
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One browser with its own cookies, and everything it found wrong with the pages."""

    def __init__(self, chromium: Browser, **options: Any) -> None:
        self.context: BrowserContext = chromium.new_context(**options)
        self.context.set_default_timeout(_PATIENCE_MS)
        self._said: list[tuple[str, str]] = []
        self._refused_documents: set[str] = set()
        self.context.on("console", self._heard)
        self.context.on("weberror", self._thrown)
        self.context.on("response", self._answered)

    def tab(self) -> Page:
        """A new tab."""
        return self.context.new_page()

    def complaints(self) -> list[str]:
        """Errors and warnings of the console since it was asked last, the policy's among them.

        Chromium also says there that a page came with 4xx: for a page that refuses, it is true.
        """
        said, self._said = self._said, []
        return [
            f"{url}: {text}"
            for url, text in said
            if not (url in self._refused_documents and "the server responded with" in text)
        ]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._said.append((message.location["url"], message.text))

    def _thrown(self, error: WebError) -> None:
        self._said.append((error.page.url if error.page else "", str(error.error)))

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self._said.append((response.url, f"answered with {response.status}"))
        elif response.status >= 400 and response.request.is_navigation_request():
            self._refused_documents.add(response.url)


#: Opens a browser of its own; options are those of a playwright context.
Visiting = Callable[..., Visitor]
