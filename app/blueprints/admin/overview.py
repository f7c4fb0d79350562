"""The administrators' first page: how people get in, who did not, and what is about to expire."""

from datetime import timedelta

from flask import Blueprint, render_template, url_for

from app.blueprints import context
from app.blueprints.guard import requires
from app.domain.permissions import Action, Resource
from app.services import certificates, sign_in_log, sso_settings

blueprint = Blueprint("admin_overview", __name__, url_prefix="/admin")

_LATELY = timedelta(hours=24)
_LAST_WEEK = timedelta(days=7)


@blueprint.get("/")
@requires(Resource.SIGN_INS, Action.READ)
def show() -> str:
    """The overview."""
    tenant, now = context.tenant(), context.now()
    status = sso_settings.status(tenant, context.config().certs, now=now)
    by_reason = sign_in_log.counts(tenant, since=now - _LATELY)
    return render_template(
        "admin/overview.html",
        sso_url=url_for("admin_sso.show"),
        status=status,
        missing=[gate for gate in status.gates if not gate.holds],
        certificates=certificates.expiring_first(tenant, context.config().certs, now=now),
        accepted=by_reason.get(None, 0),
        refused=sorted(
            ((reason, count) for reason, count in by_reason.items() if reason is not None),
            key=lambda each: -each[1],
        ),
        lately=(now - _LATELY).date(),
        unknown_names=sign_in_log.unknown_names(tenant, since=now - _LAST_WEEK),
        last_week=(now - _LAST_WEEK).date(),
    )
