"""A browser without a screen: Flask's test client that treats cookies as browsers do.

A POST that another site's page sends carries no SameSite=Lax cookie; ordinary test clients
send it all the same and so hide the commonest fault of service providers.
"""

import re
from contextvars import Context
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.idp.client import answer
from tests.idp.mock_idp import MockIdp

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser:
    """One browser with its cookies, at one tenant's site."""

    def __init__(self, app: Flask, base_url: str) -> None:
        self._app = app
        self._client = app.test_client()
        self.base_url = base_url

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self._send(self._client, "GET", path, **kwargs)

    def post(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """A form post from one of the site's own pages, as it is: no CSRF token is added."""
        return self._send(self._client, "POST", path, data=data, **kwargs)

    def put(self, path: str, **kwargs: Any) -> TestResponse:
        return self._send(self._client, "PUT", path, **kwargs)

    def cross_site_post(self, path: str, data: dict[str, Any], **kwargs: Any) -> TestResponse:
        """A post from another site's page: no Lax cookie goes with it."""
        bare = self._app.test_client(use_cookies=False)
        return self._send(bare, "POST", path, data=data, **kwargs)

    def cookie(self, name: str) -> str | None:
        host = urlsplit(self.base_url).hostname or ""
        found = self._client.get_cookie(name, host)
        return found.value if found is not None else None

    def set_cookie(self, name: str, value: str) -> None:
        host = urlsplit(self.base_url).hostname or ""
        self._client.set_cookie(name, value, domain=host)

    def csrf(self, path: str) -> str:
        """The CSRF token of the form on a page."""
        found = _CSRF.search(self.get(path).text)
        assert found is not None, f"no form on {path}"
        return found[1]

    def submit(
        self, path: str, data: dict[str, Any], *, form_at: str | None = None
    ) -> TestResponse:
        """Fill in the form on a page (by default at the same address) and send it."""
        return self.post(path, {"csrf_token": self.csrf(form_at or path), **data})

    def sign_in_with_password(self, username: str, password: str) -> TestResponse:
        return self.submit("/login/password", {"username": username, "password": password})

    def go_to_idp(self, path: str = "/saml/login") -> str:
        """Begin a sign-in; return the address at the IdP."""
        response = self.get(path)
        assert response.status_code == 303, response.text
        return response.location

    def sign_in(
        self, idp: MockIdp, name_id: str, *, path: str = "/saml/login", **knobs: Any
    ) -> TestResponse:
        """The whole way through the IdP; return the answer of /saml/complete or of the ACS."""
        form = answer(
            idp,
            self.go_to_idp(path),
            name_id=name_id,
            now=knobs.pop("now", None) or datetime.now(UTC),
            **knobs,
        )
        received = self.cross_site_post("/saml/acs", form)
        if received.status_code != 303:
            return received
        return self.get(received.location)

    def _send(self, client: FlaskClient, method: str, path: str, **kwargs: Any) -> TestResponse:
        # In a context of its own, as on a server: within a test's application context Flask
        # would let all requests share one `g`, and with it the session found first.
        return Context().run(client.open, path, method=method, base_url=self.base_url, **kwargs)
