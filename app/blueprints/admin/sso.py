"""Single sign-on of the tenant: our values, the gates, on and off, enforced or not."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse

from app.blueprints import context
from app.blueprints.guard import requires
from app.domain.permissions import Action, Resource
from app.services import certificates, sso_settings
from app.services.errors import Conflict
from app.services.sso_settings import GateShut

blueprint = Blueprint("admin_sso", __name__, url_prefix="/admin/sso")


@blueprint.get("")
@requires(Resource.SSO_SETTINGS, Action.READ)
def show() -> str:
    """What to give the identity provider, what we know of it, and whether SSO may go on."""
    tenant, certs, now = context.tenant(), context.config().certs, context.now()
    return render_template(
        "admin/sso/show.html",
        tenant=tenant,
        status=sso_settings.status(tenant, certs, now=now),
        certificates=certificates.expiring_first(tenant, certs, now=now),
    )


@blueprint.get("/turn-on")
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def confirm_turn_on() -> str:
    """Say what turning SSO on would do."""
    return _confirm(
        _("Turn single sign-on on for %(tenant)s?", tenant=context.tenant().name),
        [
            _("The sign-in page shows “Continue with your company sign-in” instead of a form."),
            _("Passwords go on working at their own address until you enforce single sign-on."),
            _("Nobody who is signed in now is signed out."),
        ],
        "turn_on",
        _("Yes, turn it on"),
        danger=False,
    )


@blueprint.post("/turn-on")
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def turn_on() -> Any:
    """Turn SSO on, unless a gate does not hold."""
    tenant, certs = context.tenant(), context.config().certs
    try:
        sso_settings.turn_on(tenant, certs, actor=context.actor(), now=context.now())
    except Conflict as conflict:
        return _refused(conflict)
    flash(_("Single sign-on is on."), "ok")
    return _back()


@blueprint.get("/turn-off")
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def confirm_turn_off() -> str:
    """Say what turning SSO off would do."""
    return _confirm(
        _("Turn single sign-on off for %(tenant)s?", tenant=context.tenant().name),
        [
            _("The sign-in page shows the form for username and password again."),
            _("Whoever has no password here cannot sign in."),
            _("Nobody who is signed in now is signed out."),
        ],
        "turn_off",
        _("Yes, turn it off"),
    )


@blueprint.post("/turn-off")
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def turn_off() -> BaseResponse:
    """Turn SSO off; passwords are no longer refused."""
    sso_settings.turn_off(context.tenant(), actor=context.actor(), now=context.now())
    flash(_("Single sign-on is off."), "ok")
    return _back()


@blueprint.get("/enforce")
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def confirm_enforce() -> str:
    """Say whom enforcing SSO may shut out."""
    left_out = sso_settings.accounts_without_sso_sign_in(context.tenant())
    return _confirm(
        _("Refuse passwords at %(tenant)s?", tenant=context.tenant().name),
        [
            _(
                "Enabled accounts that never came in through the identity provider: %(count)s. "
                "If their NameID finds nobody, they are shut out.",
                count=left_out,
            ),
            _("Emergency administrators can still sign in with a password and a reason."),
            _("Nobody who is signed in now is signed out."),
        ],
        "enforce",
        _("Yes, refuse passwords"),
    )


@blueprint.post("/enforce")
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def enforce() -> Any:
    """Refuse passwords to all but emergency administrators."""
    return _set_enforced(True)


@blueprint.post("/relax")
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def relax() -> Any:
    """Accept passwords again."""
    return _set_enforced(False)


@blueprint.post("/redirect")
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def set_redirect() -> BaseResponse:
    """Send people from the sign-in page straight on, or show them the page."""
    redirects = request.form.get("at_once") == "yes"
    sso_settings.set_redirects_at_once(
        context.tenant(), redirects, actor=context.actor(), now=context.now()
    )
    flash(
        _("The sign-in page sends people on by itself.")
        if redirects
        else _("The sign-in page waits for a click."),
        "ok",
    )
    return _back()


def _set_enforced(is_enforced: bool) -> Any:
    tenant, certs = context.tenant(), context.config().certs
    try:
        sso_settings.set_enforced(
            tenant, certs, is_enforced, actor=context.actor(), now=context.now()
        )
    except Conflict as conflict:
        return _refused(conflict)
    flash(
        _("Passwords are refused now, except in an emergency.")
        if is_enforced
        else _("Passwords are accepted again."),
        "ok",
    )
    return _back()


def _confirm(
    question: str, effects: list[str], action: str, label: str, *, danger: bool = True
) -> str:
    return render_template(
        "layouts/confirm.html",
        question=question,
        effects=effects,
        form=FlaskForm(),
        confirm_url=url_for(f".{action}"),
        confirm_label=label,
        cancel_url=url_for(".show"),
        danger=danger,
        breadcrumbs=[(url_for(".show"), _("Single sign-on"))],
    )


def _refused(conflict: Conflict) -> Any:
    if isinstance(conflict, GateShut):
        flash(_("Not yet. %(advice)s", advice=_(conflict.gate.advice)), "bad")
    else:
        flash(_("Turn single sign-on on first."), "bad")
    return show(), 409


def _back() -> BaseResponse:
    return redirect(url_for(".show"), code=303)
