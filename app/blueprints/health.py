"""For load balancers: is the process alive, can it serve."""

from typing import Any

from flask import Blueprint

from app.blueprints.guard import public
from app.services import migrations

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public("tells nothing but that the process answers")
def healthz() -> dict[str, Any]:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@public("tells nothing but that the database answers")
def readyz() -> Any:
    """The database answers and has the code's schema; else 503."""
    if migrations.is_current():
        return {"status": "ok"}
    return {"status": "database schema is not the code's"}, 503
