"""`GET /session`: who is in, for programs."""

from typing import Any

from flask import Blueprint
from werkzeug.exceptions import Unauthorized

from app.blueprints import context
from app.blueprints.guard import public

blueprint = Blueprint("session", __name__)


@blueprint.get("/session")
@public("answers 401 itself, as JSON")
def show() -> dict[str, Any]:
    """The live session as JSON, or 401."""
    live = context.live_session()
    if live is None:
        raise Unauthorized
    return {
        "username": live.username,
        "accountId": live.account_id,
        "personId": live.person_id,
        "tenant": context.tenant().slug,
        "signedInBy": {"method": live.method, "rule": live.rule, "idp": live.idp_entity_id},
        "expiresAt": live.expires_at.isoformat().replace("+00:00", "Z"),
    }
