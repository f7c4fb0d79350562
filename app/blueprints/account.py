"""The employee's own page: how they signed in, and where else they are."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.blueprints import context
from app.blueprints.guard import signed_in
from app.services import accounts, sessions

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
@signed_in
def show() -> str:
    """The account's page."""
    live = context.live_session()
    assert live is not None
    return render_template(
        "account/show.html",
        account=accounts.find(context.tenant(), live.account_id),
        signed_in_by={"method": live.method, "rule": live.rule, "idp": live.idp_entity_id},
        sessions=sessions.of_account(context.tenant(), live.account_id, live.id, now=context.now()),
    )


@blueprint.get("/")
@signed_in
def home() -> BaseResponse:
    """The front page is the account's page."""
    return redirect(url_for(".show"), code=303)


@blueprint.post("/account/sessions/<session_id>/end")
@signed_in
def end_session(session_id: str) -> BaseResponse:
    """End one session of the account."""
    live = context.live_session()
    assert live is not None
    sessions.end(
        context.tenant(), live.account_id, session_id, actor=context.actor(), now=context.now()
    )
    flash(_("The session has ended."), "ok")
    return redirect(url_for(".show"), code=303)


@blueprint.post("/account/sessions/end-others")
@signed_in
def end_other_sessions() -> BaseResponse:
    """End all sessions of the account but this one."""
    live = context.live_session()
    assert live is not None
    sessions.end_others(
        context.tenant(), live.account_id, live.id, actor=context.actor(), now=context.now()
    )
    flash(_("All other sessions have ended."), "ok")
    return redirect(url_for(".show"), code=303)
