"""The sign-in error page: what happened, whether trying again helps, what to send."""

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from app.blueprints import context, pages
from app.blueprints.guard import public
from app.domain.masking import masked
from app.domain.references import read_reference
from app.domain.refusals import public_refusal
from app.services import sign_in_attempts

blueprint = Blueprint("refusal", __name__)


@blueprint.get("/sign-in/refused/<reference>")
@public("whoever was refused may read it again; it tells nothing of any account")
def show(reference: str) -> str:
    """The same page again, by its reference: in the other language, or after a reload."""
    known = read_reference(reference)
    if known is None:
        raise NotFound
    return refusal_page(known)


def refusal_page(reference: str) -> str:
    """Return the page about a refused attempt. Raises services.errors.NotFound."""
    refused = sign_in_attempts.refused(context.tenant(), reference, now=context.now())
    face = public_refusal(refused.reason)
    title, sentence = _("We could not sign you in"), _(face.sentence)
    return render_template(
        "refusal.html",
        title=title,
        sentence=sentence,
        advice=_(face.advice),
        retry_helps=face.retry_helps,
        reference=reference,
        public_code=face.code.value,
        occurred_at=refused.at,
        name_id_masked=masked(refused.name_id) if refused.name_id else None,
        retry_url=url_for("login.show", stay=1),
        other_account_url=url_for("saml.login", force=1) if context.tenant().sso_enabled else None,
        other_language_url=url_for(
            "refusal.show", reference=reference, lang=pages.other_language()
        ),
        copy_text="\n".join(
            (
                f"{title}: {sentence}",
                f"{_('Reference')}: {reference}",
                f"{_('Code')}: {face.code.value}",
                f"{_('Time')}: {refused.at:%Y-%m-%d %H:%M} UTC",
            )
        ),
    )
