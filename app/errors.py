"""Every error's public face: a page in plain words, or problem+json (RFC 9457)."""

from typing import Any

import structlog
from flask import Flask, Response, g, render_template, request
from flask.globals import request_ctx
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, NotFound, Unauthorized

from app.blueprints import context
from app.blueprints.guard import wants_json
from app.blueprints.problems import problem
from app.blueprints.refusal import refusal_page
from app.domain.refusals import N_, SignInRefused, public_refusal
from app.services import errors
from app.services.transactions import DatabaseAway

log = structlog.get_logger("doorward")

RETRY_AFTER_SECONDS = 5
_TITLES = {
    400: N_("That request cannot be read"),
    401: N_("You are not signed in"),
    403: N_("You may not do that"),
    404: N_("There is nothing here"),
    405: N_("That cannot be done here"),
    409: N_("That clashes with something else"),
    413: N_("That is too large"),
    415: N_("That is not a kind of content we take"),
    422: N_("Something in it cannot be used"),
    500: N_("Something went wrong on our side"),
    503: N_("We are not ready at the moment"),
}
_SENTENCES = {
    400: N_("Go back and try again. If it happens again, tell your administrator."),
    401: N_("Sign in first, then try again."),
    403: N_("Your account does not have the right to see or do this."),
    404: N_("The address may be mistyped, or what was here is gone."),
    413: N_("Send something smaller."),
    500: N_("It is in our log. Please try again later."),
    503: N_("Please try again in a few seconds. Nothing was lost."),
}


def register(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(SignInRefused, _sign_in_refused)
    app.register_error_handler(DatabaseAway, _database_away)
    app.register_error_handler(errors.ServiceError, _service_error)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _sign_in_refused(refused: SignInRefused) -> Any:
    face = public_refusal(refused.reason)
    log.info("sign-in refused", reason=refused.reason, reference=refused.reference)
    if wants_json():
        return problem(
            face.status,
            _("We could not sign you in"),
            _(face.sentence),
            code=face.code.value,
            reference=refused.reference,
        )
    try:
        return refusal_page(refused.reference), face.status
    except DatabaseAway as away:
        return _database_away(away)


def _database_away(error: DatabaseAway) -> Any:
    log.error("database away", error=str(error))
    # Nothing of the page may ask the database again.
    g.tenant = g.get("tenant")
    g.live_session = None
    return _answer(503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _service_error(error: errors.ServiceError) -> Any:
    status = {
        errors.Invalid: 422,
        errors.Conflict: 409,
        errors.NotFound: 404,
        errors.Forbidden: 403,
    }.get(type(error), 400)
    members: dict[str, Any] = {}
    if isinstance(error, errors.Invalid | errors.Conflict):
        code = "conflict" if isinstance(error, errors.Conflict) else "invalid"
        members["errors"] = [{"pointer": f"/{error.field}", "code": code, "detail": str(error)}]
    if isinstance(error, errors.Conflict) and error.rule:
        members["errors"][0]["rule"] = error.rule
    # The message is an English line for programs; a page says it in its own language.
    return _answer(status, str(error) if wants_json() else None, members=members)


def _csrf(error: CSRFError) -> Any:
    try:
        context.tenant()
        # A program without a session cannot have a token: that it is not signed in is the cause.
        if wants_json() and context.live_session() is None:
            return _http(Unauthorized())
    except NotFound as unknown_host:
        return _http(unknown_host)
    except DatabaseAway as away:
        return _database_away(away)
    return _answer(400, _("This page was open too long. Go back, reload it and try again."))


def _http(error: HTTPException) -> Any:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    headers = {}
    if error.code == 401:
        headers["WWW-Authenticate"] = 'Session realm="doorward"'
    if error.code == 405 and getattr(error, "valid_methods", None):
        headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    return _answer(error.code, headers=headers)


def _unexpected(error: Exception) -> Any:
    log.exception("unexpected error", path=request.path, method=request.method)
    g.tenant = g.get("tenant")
    g.live_session = None
    return _answer(500)


def _answer(
    status: int,
    sentence: str | None = None,
    *,
    headers: dict[str, str] | None = None,
    members: dict[str, Any] | None = None,
) -> Response:
    title = _(_TITLES.get(status, _TITLES[400]))
    sentence = sentence or _(_SENTENCES.get(status, _SENTENCES[400]))
    if wants_json():
        response = problem(status, title, sentence, **(members or {}))
    elif request_ctx.url_adapter is None:
        # The Host cannot be one: there is no address that the links of a page could have.
        response = Response(f"{title}\n", status, mimetype="text/plain")
    else:
        page = render_template("error.html", status=status, title=title, sentence=sentence)
        response = Response(page, status, mimetype="text/html")
    response.headers.extend(headers or {})
    return response
