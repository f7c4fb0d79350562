"""Signing out: of the IdP alone at `/logout`, of everything through `/slo`."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template
from flask import request as http
from werkzeug.wrappers import Response as AnyResponse

from tests.idp import redirect as redirect_binding
from tests.idp.desk import LogoutRun, Session
from tests.idp.logout import LogoutRequest, LogoutResponse, read_logout
from tests.idp.messages import parse, verify_enveloped
from tests.idp.redirect import RedirectMessage, RequestRefusedError
from tests.idp.running import COOKIE, running
from tests.idp.service_providers import ServiceProvider

pages = Blueprint("logout", __name__)


@pages.get("/logout")
def logout() -> AnyResponse:
    """End the IdP's session; with `?everywhere=1` the service providers are told as well."""
    session = running().desk.sign_out(http.cookies.get(COOKIE))
    if session is not None and "everywhere" in http.args:
        return _without_cookie(_go_on(LogoutRun(left=_told(session, but=None))))
    return _without_cookie(_signed_out_page())


@pages.get("/slo")
def single_logout() -> AnyResponse:
    """Take a LogoutRequest or a LogoutResponse by HTTP-Redirect."""
    message = redirect_binding.read(http.query_string.decode("ascii", "replace"))
    logout_message = read_logout(message.document)
    provider = running().providers.get(logout_message.issuer)
    _verify(message, provider)
    if logout_message.destination not in (None, running().idp.slo_url):
        raise RequestRefusedError(f"The message is addressed to {logout_message.destination}.")
    if isinstance(logout_message, LogoutResponse):
        run = running().desk.take_logout(logout_message.in_response_to or "")
        if run is None:
            raise RequestRefusedError("The LogoutResponse answers nothing that was asked.")
        return _go_on(run)
    return _without_cookie(_asked(logout_message, provider, message.relay_state))


def _asked(
    request: LogoutRequest, provider: ServiceProvider, relay_state: str | None
) -> AnyResponse:
    desk = running().desk
    session = desk.sign_out(desk.session_of(request.principal))
    left = _told(session, but=provider.entity_id) if session is not None else ()
    return _go_on(LogoutRun(left, provider.entity_id, request.id, relay_state))


def _told(session: Session, *, but: str | None) -> tuple[tuple[str, Any], ...]:
    return tuple(item for item in session.told.items() if item[0] != but)


def _go_on(run: LogoutRun) -> AnyResponse:
    """Send the browser to the next SP, then to the one that asked, then to our own page."""
    idp = running()
    for position, (entity_id, principal) in enumerate(run.left):
        provider = idp.providers.get(entity_id)
        if provider.logout_url is None:
            continue
        request = idp.idp.logout_request(provider, principal, now=idp.clock())
        rest = LogoutRun(
            run.left[position + 1 :], run.asked_by, run.in_response_to, run.relay_state
        )
        idp.desk.keep_logout(request.id, rest)
        return redirect(idp.idp.redirected(request), 303)
    if run.asked_by is None:
        return _signed_out_page()
    provider = idp.providers.get(run.asked_by)
    if provider.logout_response_url is None:
        return _signed_out_page()
    answer = idp.idp.logout_response(provider, in_response_to=run.in_response_to, now=idp.clock())
    return redirect(idp.idp.redirected(answer, relay_state=run.relay_state), 303)


def _verify(message: RedirectMessage, provider: ServiceProvider) -> None:
    if message.signature is not None:
        redirect_binding.verify(message, provider.signing_certificates)
    else:
        verify_enveloped(parse(message.document), provider.signing_certificates)


def _signed_out_page() -> Response:
    page = render_template(
        "message.html",
        heading="Signed out",
        text="The session at this identity provider has ended.",
    )
    return Response(page)


def _without_cookie(response: AnyResponse) -> AnyResponse:
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax")
    return response
