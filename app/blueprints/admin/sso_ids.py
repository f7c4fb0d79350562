"""The SSO ID of an account: the page that sets it, its live check, and the JSON beside it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.exceptions import Forbidden
from wtforms import StringField
from wtforms.validators import Length

from app.blueprints import context
from app.blueprints.admin.accounts import breadcrumbs
from app.blueprints.guard import requires
from app.blueprints.problems import problem
from app.blueprints.strict_json import read_object
from app.domain.permissions import Action, Resource
from app.services import accounts
from app.services.accounts import AccountView, SsoIdCheck
from app.services.errors import Conflict, Invalid

blueprint = Blueprint(
    "admin_sso_ids", __name__, url_prefix="/admin/accounts/<uuid:account_id>/sso-id"
)

_MOST = 1024


class SsoIdForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The value, and the same again where it would change whom a sign-in finds."""

    value = StringField(validators=[Length(max=_MOST)])
    retype = StringField(validators=[Length(max=_MOST)])


@blueprint.get("")
@requires(Resource.ACCOUNTS, Action.WRITE)
def show(account_id: UUID) -> Any:
    """The form; `?value=` fills it in and says what that value would do."""
    account = accounts.find(context.tenant(), str(account_id))
    wanted = request.args.get("value")
    form = SsoIdForm(value=account.sso_id if wanted is None else wanted[:_MOST])
    return _page(account, form, check=None if wanted is None else _check(account, wanted))


@blueprint.post("")
@requires(Resource.ACCOUNTS, Action.WRITE)
def submit(account_id: UUID) -> Any:
    """Set it, or clear it with an empty value; ask again where that would redirect somebody."""
    account = accounts.find(context.tenant(), str(account_id))
    form = SsoIdForm()
    if not form.validate_on_submit():
        return _page(account, form), 422
    try:
        done = accounts.set_sso_id(
            context.tenant(),
            account.id,
            form.value.data,
            confirmed=form.retype.data,
            actor=context.actor(),
            now=context.now(),
        )
    except Invalid:
        form.value.errors = [_unusable()]
        return _page(account, form), 422
    except Conflict:
        check = accounts.check_sso_id(context.tenant(), account.id, form.value.data)
        if check.is_duplicate:
            form.value.errors = [_("Another account has this very SSO ID.")]
        elif form.retype.data:
            form.retype.errors = [_("This is not the value: type it exactly as it is above.")]
        else:
            form.retype.errors = [_("Nothing is saved yet: type it again if it is meant.")]
        return _page(account, form, check=check, asks_again=not check.is_duplicate), 409
    if done.value is None:
        flash(_("%(name)s has no SSO ID any more.", name=account.display_name), "ok")
    else:
        flash(
            _(
                "Saved. A sign-in as “%(value)s” finds %(name)s.",
                value=done.value,
                name=account.display_name,
            ),
            "ok",
        )
    return redirect(url_for("admin_accounts.show", account_id=account.id), code=303)


@blueprint.get("/check")
@requires(Resource.ACCOUNTS, Action.WRITE)
def check(account_id: UUID) -> str:
    """What `?value=` would do, as a piece of the page."""
    account = accounts.find(context.tenant(), str(account_id))
    found = _check(account, request.args.get("value", ""))
    return render_template(
        "admin/accounts/_sso_id_check.html", account=account, check=found, unusable=_unusable()
    )


@blueprint.put("")
@requires(Resource.ACCOUNTS, Action.WRITE)
def put(account_id: UUID) -> Any:
    """The same as JSON: {"ssoId": text or null, "confirm": text}, with session and CSRF token."""
    # A machine's credential is nobody's session, and SSO IDs are for people to set.
    if "Authorization" in request.headers:
        raise Forbidden
    account = accounts.find(context.tenant(), str(account_id))
    body = read_object(required=("ssoId",), optional=("confirm",))
    for name, value in body.items():
        if value is not None and not isinstance(value, str):
            raise Invalid(name, f"{name!r} must be text or null.")
    try:
        done = accounts.set_sso_id(
            context.tenant(),
            account.id,
            body["ssoId"],
            confirmed=body.get("confirm"),
            actor=context.actor(),
            now=context.now(),
        )
    except Conflict as conflict:
        return _conflict(account, body["ssoId"], conflict)
    return {
        "accountId": account.id,
        "ssoId": done.value,
        "collisions": _collisions_as_data(done),
    }


def _page(
    account: AccountView,
    form: SsoIdForm,
    *,
    check: SsoIdCheck | None = None,
    asks_again: bool = False,
) -> str:
    return render_template(
        "admin/accounts/sso_id.html",
        account=account,
        form=form,
        check=check,
        asks_again=asks_again,
        unusable=_unusable(),
        breadcrumbs=breadcrumbs(account),
    )


def _check(account: AccountView, value: str) -> SsoIdCheck | None:
    """What the value would do, None where it cannot be an SSO ID at all."""
    try:
        return accounts.check_sso_id(context.tenant(), account.id, value)
    except Invalid:
        return None


def _unusable() -> str:
    return str(
        _(
            "No sign-in could ever match this: an SSO ID has 1 to 256 characters, without "
            "control characters and look-alikes of ASCII letters."
        )
    )


def _conflict(account: AccountView, value: str | None, conflict: Conflict) -> Any:
    found = accounts.check_sso_id(context.tenant(), account.id, value)
    code = "duplicate" if found.is_duplicate else "confirmation-required"
    return problem(
        409,
        _("That clashes with something else"),
        str(conflict),
        errors=[{"pointer": "/ssoId", "code": code, "rule": conflict.rule}],
        collisions=_collisions_as_data(found),
        toRetype=None if found.is_duplicate else found.to_retype,
    )


def _collisions_as_data(check: SsoIdCheck) -> list[dict[str, object]]:
    return [
        {
            "nameId": collision.name_id,
            "rule": collision.rule.value,
            "accountId": collision.other.account_id,
            "username": collision.other.username,
            "isDuplicate": collision.is_duplicate,
        }
        for collision in check.collisions
    ]
