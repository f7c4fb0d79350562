"""People and accounts: found, looked at, enabled and disabled, signed out."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse

from app.blueprints import context
from app.blueprints.admin import arguments
from app.blueprints.guard import requires
from app.domain.matching import RULES
from app.domain.permissions import Action, Resource
from app.domain.refusals import N_
from app.services import account_search, accounts, match_check, sessions, sign_in_log
from app.services.account_search import State
from app.services.accounts import AccountView
from app.services.errors import Conflict

blueprint = Blueprint("admin_accounts", __name__, url_prefix="/admin/accounts")

_STATES = {
    State.ENABLED: N_("Enabled"),
    State.DISABLED: N_("Disabled"),
    State.WITHOUT_ACCOUNT: N_("Without account"),
}


@blueprint.get("")
@requires(Resource.ACCOUNTS, Action.READ)
def index() -> str:
    """People by name, or those that a search finds: `?q=`, `?state=`, `?after=`."""
    text = arguments.text("q")
    chosen = arguments.chosen("state", tuple(State))
    state = State(chosen) if chosen else None
    if text is not None:
        found = account_search.search(context.tenant(), text, state=state)
    else:
        after = arguments.row_id("after")
        found = account_search.browse(context.tenant(), state=state, after=after)
    return render_template(
        "admin/accounts/index.html",
        found=found,
        text=text,
        state=state,
        states=[(each.value, _(label)) for each, label in _STATES.items()],
    )


@blueprint.get("/<uuid:account_id>")
@requires(Resource.ACCOUNTS, Action.READ)
def show(account_id: UUID) -> str:
    """One account: what it is called, whom that would match, where it is signed in."""
    tenant, live = context.tenant(), context.live_session()
    assert live is not None
    account = accounts.find(tenant, str(account_id))
    return render_template(
        "admin/accounts/show.html",
        account=account,
        is_own=account.id == live.account_id,
        review=match_check.review(tenant, account),
        sessions=sessions.of_account(tenant, account.id, live.id, now=context.now()),
        attempts=sign_in_log.of_account(tenant, account.id),
        breadcrumbs=breadcrumbs(),
    )


@blueprint.post("/<uuid:account_id>/enable")
@requires(Resource.ACCOUNTS, Action.WRITE)
def enable(account_id: UUID) -> BaseResponse:
    """Let the account's person sign in again."""
    tenant = context.tenant()
    accounts.set_enabled(tenant, str(account_id), True, actor=context.actor(), now=context.now())
    name = accounts.find(tenant, str(account_id)).display_name
    flash(_("%(name)s can sign in again.", name=name), "ok")
    return redirect(url_for(".show", account_id=account_id), code=303)


@blueprint.get("/<uuid:account_id>/disable")
@requires(Resource.ACCOUNTS, Action.WRITE)
def confirm_disable(account_id: UUID) -> str:
    """Say what disabling would do, before it is done."""
    tenant = context.tenant()
    account = accounts.find(tenant, str(account_id))
    live = sessions.of_account(tenant, account.id, None, now=context.now())
    return render_template(
        "layouts/confirm.html",
        question=_("Disable the account of %(name)s?", name=account.display_name),
        effects=[
            _(
                "The account %(username)s is refused from now on, through the identity "
                "provider and with a password.",
                username=account.username,
            ),
            ngettext(
                "The session it has now ends at once.",
                "The %(num)s sessions it has now end at once.",
                len(live),
            )
            if live
            else _("It has no session at the moment."),
            _("Nothing is deleted: it can be enabled again at any time."),
        ],
        form=FlaskForm(),
        confirm_url=url_for(".disable", account_id=account.id),
        confirm_label=_("Yes, disable it"),
        cancel_url=url_for(".show", account_id=account.id),
        breadcrumbs=breadcrumbs(account),
    )


@blueprint.post("/<uuid:account_id>/disable")
@requires(Resource.ACCOUNTS, Action.WRITE)
def disable(account_id: UUID) -> BaseResponse:
    """Shut the account's person out and end their sessions."""
    tenant = context.tenant()
    try:
        accounts.set_enabled(
            tenant, str(account_id), False, actor=context.actor(), now=context.now()
        )
    except Conflict:
        flash(_("You cannot disable your own account."), "bad")
        return redirect(url_for(".show", account_id=account_id), code=303)
    name = accounts.find(tenant, str(account_id)).display_name
    flash(_("%(name)s can no longer sign in.", name=name), "ok")
    return redirect(url_for(".show", account_id=account_id), code=303)


@blueprint.post("/<uuid:account_id>/sessions/<uuid:session_id>/end")
@requires(Resource.ACCOUNTS, Action.WRITE)
def end_session(account_id: UUID, session_id: UUID) -> BaseResponse:
    """End one session of the account."""
    sessions.end(
        context.tenant(),
        str(account_id),
        str(session_id),
        actor=context.actor(),
        now=context.now(),
    )
    flash(_("The session has ended."), "ok")
    return redirect(url_for(".show", account_id=account_id), code=303)


@blueprint.post("/<uuid:account_id>/sessions/end")
@requires(Resource.ACCOUNTS, Action.WRITE)
def end_sessions(account_id: UUID) -> BaseResponse:
    """End every session of the account but the one that asks for it."""
    live = context.live_session()
    assert live is not None
    account = accounts.find(context.tenant(), str(account_id))
    sessions.end_others(
        context.tenant(), account.id, live.id, actor=context.actor(), now=context.now()
    )
    flash(_("The sessions have ended."), "ok")
    return redirect(url_for(".show", account_id=account_id), code=303)


@blueprint.get("/match-check")
@requires(Resource.ACCOUNTS, Action.READ)
def try_match() -> str:
    """Try the four rules on any NameID: `?name_id=`."""
    name_id = arguments.text("name_id")
    return render_template(
        "admin/accounts/match_check.html",
        name_id=name_id,
        outcome=match_check.check(context.tenant(), name_id) if name_id else None,
        rules=RULES,
        breadcrumbs=breadcrumbs(),
    )


def breadcrumbs(account: AccountView | None = None) -> list[tuple[str, str]]:
    """The way to a page below the list, or below one account's page."""
    crumbs = [(url_for("admin_accounts.index"), _("People and accounts"))]
    if account is not None:
        url = url_for("admin_accounts.show", account_id=account.id)
        crumbs.append((url, account.display_name))
    return crumbs
