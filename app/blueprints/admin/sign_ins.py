"""The sign-in log: every attempt, what became of it and why."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.blueprints import context
from app.blueprints.admin import arguments
from app.blueprints.guard import requires
from app.domain.matching import RULES
from app.domain.permissions import Action, Resource
from app.domain.references import read_reference
from app.domain.refusals import PUBLIC_CODE_OF, Reason
from app.services import account_search, identity_providers, sign_in_log
from app.services.account_search import People
from app.services.errors import NotFound
from app.services.sign_in_log import Attempt, LogFilter

blueprint = Blueprint("admin_sign_ins", __name__, url_prefix="/admin/sign-ins")

_ACCEPTED, _REFUSED = "accepted", "refused"
_MOST_PEOPLE = 10
_LIKELY_WORD = re.compile(r"[^\W\d_]{3,}")


@blueprint.get("")
@requires(Resource.SIGN_INS, Action.READ)
def index() -> Any:
    """The log, newest first: `?result=`, `?code=`, `?rule=`, `?user=`, `?from=`, `?to=`.

    `?reference=` leads to that attempt, `?before=` to those older than one.
    """
    typed = arguments.text("reference")
    if typed is not None:
        found = _by_reference(typed)
        if found is not None:
            return redirect(url_for(".show", reference=found.entry.reference), code=303)
    problems = []
    days: dict[str, date | None] = {"from": None, "to": None}
    for name in days:
        try:
            days[name] = arguments.day(name)
        except ValueError:
            problems.append(_("“%(text)s” is not a date.", text=arguments.text(name)))
    result = arguments.chosen("result", (_ACCEPTED, _REFUSED))
    wanted = LogFilter(
        is_accepted=None if result is None else result == _ACCEPTED,
        reason=arguments.chosen("code", tuple(PUBLIC_CODE_OF)),
        rule=arguments.chosen("rule", tuple(RULES)),
        user=arguments.text("user"),
        since=_midnight(days["from"]),
        until=_midnight(days["to"], after=timedelta(days=1)),
    )
    before = read_reference(request.args.get("before", ""))
    page = render_template(
        "admin/sign_ins/index.html",
        page=sign_in_log.page(context.tenant(), wanted, before=before),
        is_filtered=wanted != LogFilter(),
        before=before,
        typed=typed,
        problems=problems,
        days=days,
        codes=sorted(PUBLIC_CODE_OF),
        rules=RULES,
        sso_enabled=context.tenant().sso_enabled,
    )
    return page, (422 if problems else 404 if typed is not None else 200)


@blueprint.get("/<reference>")
@requires(Resource.SIGN_INS, Action.READ)
def show(reference: str) -> str:
    """One attempt, its trace, and where nobody matched the way to mend it: `?person=`."""
    attempt = _by_reference(reference)
    if attempt is None:
        raise NotFound("There is no sign-in with this reference.")
    idp = identity_providers.of_tenant(context.tenant()).get(attempt.idp_entity_id or "")
    wanted = arguments.text("person")
    offers_sso_id = attempt.entry.reason == Reason.NO_MATCH and attempt.entry.name_id is not None
    return render_template(
        "admin/sign_ins/show.html",
        attempt=attempt,
        entry=attempt.entry,
        idp_name=idp.name if idp is not None else None,
        rules=RULES,
        seconds=_seconds_after(attempt),
        offers_sso_id=offers_sso_id,
        wanted=wanted,
        people=_people(attempt, wanted) if offers_sso_id else None,
        breadcrumbs=[(url_for(".index"), _("Sign-ins"))],
    )


def _by_reference(typed: str) -> Attempt | None:
    reference = read_reference(typed)
    if reference is None:
        return None
    try:
        return sign_in_log.find(context.tenant(), reference)
    except NotFound:
        return None


def _seconds_after(attempt: Attempt) -> int | None:
    """How long after the IdP's IssueInstant we saw it: far off zero where clocks differ."""
    if attempt.assertion is None:
        return None
    return round((attempt.entry.at - attempt.assertion.issue_instant).total_seconds())


def _people(attempt: Attempt, wanted: str | None) -> People:
    """Whom the administrator searched for; else who is called like the words of the NameID."""
    tenant = context.tenant()
    if wanted is not None:
        return account_search.search(tenant, wanted, most=_MOST_PEOPLE)
    words = _LIKELY_WORD.findall((attempt.entry.name_id or "").partition("@")[0])
    for word in sorted(words, key=len, reverse=True)[:3]:
        found = account_search.search(tenant, word, most=_MOST_PEOPLE)
        # Twenty people called alike are no help.
        if found.rows and not found.is_cut:
            return found
    return People((), is_cut=False)


def _midnight(day: date | None, after: timedelta = timedelta()) -> datetime | None:
    """The first instant of a day in UTC, or so much later; None beyond the calendar's end."""
    if day is None:
        return None
    try:
        return datetime.combine(day, time.min, UTC) + after
    except OverflowError:
        return None
