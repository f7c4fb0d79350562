"""The administrators' pages: a module and a blueprint for each subject, one navigation for all."""

from typing import Any

from flask import Flask, request, url_for
from flask_babel import gettext as _

from app.blueprints import context, labels
from app.domain.refusals import N_
from app.services import emergencies
from app.services.emergencies import EmergencySignIn

#: The navigation: endpoint, and what it is called.
_SECTIONS = (
    ("admin_overview.show", N_("Overview")),
    ("admin_sso.show", N_("Single sign-on")),
    ("admin_sign_ins.index", N_("Sign-ins")),
    ("admin_accounts.index", N_("People and accounts")),
)
#: Blueprints whose pages belong to another one's section.
_BELONGS_TO = {"admin_sso_ids": "admin_accounts", "admin_identity_providers": "admin_sso"}


def register(app: Flask) -> None:
    """Put the administrators' pages onto the application."""
    from app.blueprints.admin import (
        accounts,
        identity_providers,
        overview,
        sign_ins,
        sso,
        sso_ids,
    )

    for module in (overview, sso, identity_providers, accounts, sso_ids, sign_ins):
        app.register_blueprint(module.blueprint)

    @app.context_processor
    def _shared() -> dict[str, Any]:
        if not (request.blueprint or "").startswith("admin_"):
            return {}
        navigation = _navigation()
        return {
            "admin_navigation": navigation,
            "emergency_sign_ins": _emergency_sign_ins,
            "method_label": labels.method_label,
            "reason_sentence": labels.reason_sentence,
            "reason_advice": labels.reason_advice,
        }


def _navigation() -> list[tuple[str, str, bool]]:
    """The sections as (URL, label, whether this page is in it)."""
    current = _BELONGS_TO.get(request.blueprint or "", request.blueprint)
    return [
        (url_for(endpoint), _(label), endpoint.partition(".")[0] == current)
        for endpoint, label in _SECTIONS
    ]


def _emergency_sign_ins() -> tuple[EmergencySignIn, ...]:
    """What every administrator is told of. Called by the layout, so never by an error page."""
    return emergencies.recent(context.tenant(), now=context.now())
