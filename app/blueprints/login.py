"""The sign-in pages: company sign-in where SSO is on, the password form where it is off."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.blueprints import context
from app.blueprints.guard import public
from app.domain.refusals import SignInRefused, public_refusal
from app.domain.return_paths import HOME, local_path
from app.services import identity_providers, password_sign_in
from app.services.errors import Invalid
from app.services.sign_in import Completed

blueprint = Blueprint("login", __name__, url_prefix="/login")

_USERNAME = InputRequired(lazy_gettext("Enter your username."))
_PASSWORD = InputRequired(lazy_gettext("Enter your password."))
_REASON = InputRequired(lazy_gettext("Enter the reason for the emergency sign-in."))


class PasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Username and password, on one page so that password managers can fill them."""

    username = StringField(validators=[_USERNAME, Length(max=256)])
    password = PasswordField(validators=[_PASSWORD, Length(max=256)])
    next = HiddenField()


class EmergencyForm(FlaskForm):  # type: ignore[misc]
    """An emergency administrator's password, and why it is needed."""

    username = StringField(validators=[_USERNAME, Length(max=256)])
    password = PasswordField(validators=[_PASSWORD, Length(max=256)])
    reason = TextAreaField(validators=[_REASON, Length(min=5, max=500)])


@blueprint.get("")
@public("the front door")
def show() -> Any:
    """The sign-in page; `?stay=1` keeps an automatic redirect from happening."""
    tenant = context.tenant()
    return_path = local_path(request.args.get("next"))
    if context.live_session() is not None and "stay" not in request.args:
        return redirect(return_path or url_for("account.show"), code=303)
    if not tenant.sso_enabled:
        return _password_page(PasswordForm(next=return_path))
    sso_url = url_for("saml.login", next=return_path)
    if tenant.sso_redirects_at_once and "stay" not in request.args:
        return redirect(sso_url, code=303)
    return render_template(
        "login/sso.html",
        sso_url=sso_url,
        idp_host=_idp_host(),
        next_description=_page_to_come(return_path),
        show_emergency=True,
    )


@blueprint.route("/password", methods=["GET", "POST"])
@public("the password form")
def password() -> Any:
    """Sign in with a password. While SSO is on, the form is here but not on the front page."""
    form = PasswordForm(next=local_path(request.args.get("next")))
    if not form.validate_on_submit():
        return _password_page(form)
    try:
        completed = password_sign_in.sign_in(
            context.tenant(),
            username=form.username.data or "",
            password=form.password.data or "",
            return_path=form.next.data,
            client=context.client(),
            now=context.now(),
            replaces=request.cookies.get(context.session_cookie()),
        )
    except SignInRefused as refused:
        return _refused(form, refused, _password_page)
    return _signed_in(completed)


@blueprint.route("/emergency", methods=["GET", "POST"])
@public("for named administrators when the IdP is down")
def emergency() -> Any:
    """Sign in as an emergency administrator; every administrator is told."""
    form = EmergencyForm()
    if not form.validate_on_submit():
        return _emergency_page(form)
    try:
        completed = password_sign_in.sign_in_in_emergency(
            context.tenant(),
            username=form.username.data or "",
            password=form.password.data or "",
            reason=form.reason.data or "",
            client=context.client(),
            now=context.now(),
            replaces=request.cookies.get(context.session_cookie()),
        )
    except Invalid as invalid:
        form.reason.errors = [str(invalid)]
        return _emergency_page(form), 422
    except SignInRefused as refused:
        return _refused(form, refused, _emergency_page)
    return _signed_in(completed)


def _page_to_come(return_path: str | None) -> str | None:
    """Where the sign-in leads, if it is not where it leads anyway."""
    return None if return_path in (HOME, "/") else return_path


def _password_page(form: PasswordForm) -> Any:
    context.tenant()
    page = render_template(
        "login/password.html", form=form, next_description=_page_to_come(form.next.data)
    )
    return (page, 422) if form.errors else page


def _emergency_page(form: EmergencyForm) -> Any:
    context.tenant()
    page = render_template("login/emergency.html", form=form)
    return (page, 422) if form.errors else page


def _refused(form: Any, refused: SignInRefused, page: Any) -> Any:
    public_face = public_refusal(refused.reason)
    form.form_errors = [
        f"{_(public_face.sentence)} {_('Reference: %(reference)s', reference=refused.reference)}"
    ]
    rendered = page(form)
    return (rendered[0] if isinstance(rendered, tuple) else rendered), public_face.status


def _signed_in(completed: Completed) -> BaseResponse:
    # A fresh page cookie: whoever planted the old one knows nothing of the new CSRF token.
    session.clear()
    response = redirect(completed.return_path, code=303)
    context.set_cookie(response, context.session_cookie(), completed.session_token)
    return response


def _idp_host() -> str | None:
    configured = identity_providers.of_tenant(context.tenant())
    if len(configured) != 1:
        return None
    idp = next(iter(configured.values())).idp
    return urlsplit(idp.sso_redirect_url or idp.sso_post_url or "").hostname
