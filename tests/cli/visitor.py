"""A browser over HTTP: cookies as browsers treat them, no more."""

import json
import re
from html import unescape
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, build_opener

_SECONDS = 20


class _Stays(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Page:
    """What came back: its address, status and text."""

    def __init__(self, answer: Any) -> None:
        self.url: str = answer.url
        self.status: int = answer.status
        self.headers = answer.headers
        self.text: str = answer.read().decode()

    def field(self, name: str) -> str:
        """The value of a hidden field."""
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.text)
        assert found is not None, f"no {name} on {self.url}: {self.text[:500]}"
        return unescape(found[1])

    @property
    def action(self) -> str:
        """Where the page's form goes."""
        found = re.search(r'<form[^>]*action="([^"]*)"', self.text)
        assert found is not None, self.text[:500]
        return urljoin(self.url, unescape(found[1]))


class Visitor:
    """Somebody with a browser."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        cookies = HTTPCookieProcessor(CookieJar())
        self._opener = build_opener(cookies)
        self._without_cookies = build_opener(_Stays)

    def get(self, path: str) -> Page:
        return self._open(self._opener, urljoin(self.base_url, path))

    def post(self, url: str, fields: dict[str, str]) -> Page:
        return self._open(self._opener, urljoin(self.base_url, url), fields)

    def sign_in_as(self, number: int, next_: str = "/account") -> Page:
        """Go to the IdP, choose its person of that number, and come back."""
        asked = self.get(f"/saml/login?{urlencode({'next': next_})}")
        fields = {"question": asked.field("question"), "person": str(number)}
        answer = self.post(urljoin(asked.url, "/sso/person"), fields)
        fields = {name: answer.field(name) for name in ("SAMLResponse", "RelayState")}
        # The post of another site's page: a browser sends no Lax cookie with it.
        received = self._open(self._without_cookies, answer.action, fields)
        if received.status != 303:
            return received
        return self.get(urljoin(answer.action, received.headers["Location"]))

    def session(self) -> dict[str, Any]:
        """What GET /session says."""
        found: dict[str, Any] = json.loads(self.get("/session").text)
        return found

    def _open(self, opener: OpenerDirector, url: str, fields: dict[str, str] | None = None) -> Page:
        data = urlencode(fields).encode() if fields is not None else None
        try:
            with opener.open(url, data, timeout=_SECONDS) as answer:
                return Page(answer)
        except HTTPError as error:
            with error:
                return Page(error)
