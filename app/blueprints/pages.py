"""What all pages share: language, CSRF, the session cookie's dress, security headers."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Request, Response, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from app.blueprints import context, limits
from app.blueprints.catalogues import LANGUAGES, Catalogues
from app.blueprints.labels import device_label, rule_label
from app.services.transactions import DatabaseAway

csrf = CSRFProtect()

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
)
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
_LANGUAGE_COOKIE = "doorward_language"
_PAGE_COOKIE = "doorward_page"
_YEAR = 365 * 24 * 3600


def register(app: Flask) -> None:
    """Install on the application what every page relies on."""
    limits.register(app)
    app.before_request(_refuse_nul)
    csrf.init_app(app)
    app.session_interface = _SessionCookie()
    babel = Babel(app, locale_selector=language, timezone_selector=lambda: "UTC")
    babel.domain_instance = Catalogues()
    version = _static_version(Path(app.static_folder or ""))
    app.jinja_env.globals["rule_label"] = rule_label
    app.jinja_env.globals["device_label"] = device_label

    @app.context_processor
    def _shared() -> dict[str, Any]:
        return {"static_version": version, **_page_values()}

    app.after_request(_headers)


def language() -> str:
    """The page's language: asked for, kept in a cookie, the account's, the browser's."""
    if "language" not in g:
        g.language = _language()
    return str(g.language)


def other_language() -> str:
    """The language that the page's switch leads to."""
    return next(code for code in LANGUAGES if code != language())


def allow_form_to(origin: str) -> None:
    """Let the forms of this one page post to `origin`, for the HTTP-POST binding."""
    g.form_action = f"'self' {origin}"


def _language() -> str:
    for wanted in (request.args.get("lang"), request.cookies.get(_LANGUAGE_COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    live = g.get("live_session")
    if live is not None and live.language in LANGUAGES:
        return str(live.language)
    tenant = g.get("tenant")
    default = tenant.default_language if tenant is not None else "en"
    return request.accept_languages.best_match(LANGUAGES) or default


def _page_values() -> dict[str, Any]:
    values: dict[str, Any] = {"current_language": language()}
    if request.method == "GET":
        arguments = MultiDict(request.args)
        arguments["lang"] = other_language()
        # Without the path: one that begins with two slashes would lead to another site.
        values["other_language_url"] = "?" + urlencode(list(arguments.items(multi=True)))
    tenant = g.get("tenant")
    if tenant is not None:
        values["tenant_name"] = tenant.name
        live = context.live_session()
        if live is not None:
            values |= {
                "signed_in_as": live.display_name,
                "home_url": "/account",
                "admin_url": "/admin/" if live.is_system_administrator else None,
            }
    return values


def _refuse_nul() -> None:
    # Nothing is named so, and PostgreSQL cannot even look for it.
    if "\0" in request.path:
        raise NotFound


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.extend(_ALWAYS)
    form_action = g.get("form_action", "'self'")
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = _POLICY.format(form_action=form_action)
    if request.endpoint != "static":
        headers["Cache-Control"] = "no-store"
    elif request.args.get("v"):
        headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    tenant = g.get("tenant")
    if tenant is not None and tenant.is_secure:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
    if request.args.get("lang") in LANGUAGES:
        response.set_cookie(
            _LANGUAGE_COOKIE,
            request.args["lang"],
            max_age=_YEAR,
            httponly=True,
            samesite="Lax",
            secure=tenant is not None and tenant.is_secure,
        )
    return response


class _SessionCookie(SecureCookieSessionInterface):
    """Flask's signed cookie (it holds the CSRF token and flashes) in the tenant's dress."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        # Flask opens it before any view has asked for the tenant, whose site names the cookie.
        if not any(name.endswith(_PAGE_COOKIE) for name in request.cookies):
            return self.session_class()
        try:
            context.tenant()
        except (NotFound, DatabaseAway):
            # Nobody's site, or nobody to ask: the view finds out by itself, and says so.
            return self.session_class()
        return super().open_session(app, request)

    def get_cookie_name(self, app: Flask) -> str:
        return f"__Host-{_PAGE_COOKIE}" if self.get_cookie_secure(app) else _PAGE_COOKIE

    def get_cookie_secure(self, app: Flask) -> bool:
        tenant = g.get("tenant")
        return tenant is not None and tenant.is_secure

    def get_cookie_samesite(self, app: Flask) -> str:
        return "Lax"


def _static_version(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
