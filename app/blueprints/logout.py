"""Signing out: the session's row ends, whatever the IdP does."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.blueprints import context
from app.blueprints.guard import public
from app.services import sessions

blueprint = Blueprint("logout", __name__)


@blueprint.post("/logout")
@public("whoever has a session may end it")
def submit() -> BaseResponse:
    """End this browser's session and say so."""
    live = context.live_session()
    if live is not None:
        sessions.end(
            context.tenant(), live.account_id, live.id, actor=context.actor(), now=context.now()
        )
    session.clear()
    response = redirect(url_for(".signed_out"), code=303)
    if context.session_cookie() in request.cookies:
        response.delete_cookie(
            context.session_cookie(),
            path="/",
            secure=context.tenant().is_secure,
            httponly=True,
            samesite="Lax",
        )
    return response


@blueprint.get("/signed-out")
@public("says that the session has ended")
def signed_out() -> str:
    """The page after signing out; it never sends anybody to the IdP by itself."""
    context.tenant()
    return render_template("signed_out.html")
