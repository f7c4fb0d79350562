"""Identity providers: set up from their metadata, seen before saved; their policies."""

from typing import Any, get_args
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.blueprints import context
from app.blueprints.guard import requires
from app.blueprints.labels import POLICY_LABELS, choices, notice_text
from app.blueprints.limits import takes
from app.domain.permissions import Action, Resource
from app.services import identity_providers, idp_policies, metadata_fetch, metadata_import
from app.services.errors import Conflict, Invalid
from app.services.errors import NotFound as NoSuchEntity
from app.services.identity_providers import MAX_CLOCK_SKEW, ConfiguredIdp, WeakensPolicy
from app.services.metadata_fetch import FetchFailed
from app.services.metadata_import import BadMetadata
from saml.quirks import hints_for
from saml.settings import NameIDFormat, Unsolicited, WantSigned

blueprint = Blueprint("admin_identity_providers", __name__, url_prefix="/admin/sso/idp")

_FORM_BYTES = metadata_fetch.MAX_BYTES + 512 * 1024
_SHOWN_ENTITIES = 200


class MetadataForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Metadata in one of three ways, and which entity of it is meant."""

    file = FileField()
    text = TextAreaField()
    url = StringField(validators=[Length(max=2000)])
    entity_id = StringField(validators=[Length(max=1024)])


class PolicyForm(FlaskForm):  # type: ignore[misc]
    """What is asked of one identity provider; the names are those of saml.settings.Policy."""

    unsolicited = SelectField(choices=lambda: choices("unsolicited", get_args(Unsolicited)))
    want_signed = SelectField(choices=lambda: choices("want_signed", get_args(WantSigned)))
    nameid_format = SelectField(choices=lambda: choices("nameid_format", get_args(NameIDFormat)))
    clock_skew = IntegerField(validators=[InputRequired(), NumberRange(0, MAX_CLOCK_SKEW)])
    sign_requests = BooleanField()
    want_encrypted = BooleanField()
    signed_logout = BooleanField()
    authn_context = StringField(validators=[Optional(), Length(max=1000)])


@blueprint.get("/import")
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def ask() -> str:
    """The form: a file, a URL or pasted text."""
    return _import_page(MetadataForm())


@blueprint.post("/import")
@takes(_FORM_BYTES)
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def preview() -> Any:
    """Show what the metadata says, and what it would change; nothing is saved."""
    form = MetadataForm()
    if not form.validate_on_submit():
        return _import_page(form), 422
    try:
        document = _document(form)
        previews = metadata_import.preview(context.tenant(), document, now=context.now())
    except (BadMetadata, FetchFailed) as problem:
        form.form_errors = [notice_text(problem.notice)]
        return _import_page(form), 422
    except Invalid as invalid:
        form.form_errors = [str(invalid)]
        return _import_page(form), 422
    form.text.data = document.decode("utf-8-sig", "replace")
    if len(previews) > 1 and not form.entity_id.data:
        entities = [each.metadata.entity_id for each in previews]
        return render_template(
            "admin/sso/choose.html",
            form=form,
            entities=entities[:_SHOWN_ENTITIES],
            count=len(entities),
            breadcrumbs=_breadcrumbs(),
        )
    try:
        chosen = metadata_import.choose(previews, form.entity_id.data or None)
    except NoSuchEntity:
        form.form_errors = [_("The metadata does not describe that entity ID.")]
        return _import_page(form), 422
    return render_template(
        "admin/sso/preview.html",
        form=form,
        preview=chosen,
        hints=hints_for(chosen.metadata),
        notice_text=notice_text,
        breadcrumbs=_breadcrumbs(),
    )


@blueprint.post("/save")
@takes(_FORM_BYTES)
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def save() -> Any:
    """Read the previewed metadata once more and save it."""
    form = MetadataForm()
    if not form.validate_on_submit():
        return _import_page(form), 422
    try:
        saved = metadata_import.save(
            context.tenant(),
            (form.text.data or "").encode(),
            entity_id=form.entity_id.data or None,
            actor=context.actor(),
            now=context.now(),
        )
    except BadMetadata as problem:
        form.form_errors = [notice_text(problem.notice)]
        return _import_page(form), 422
    flash(_("%(name)s is saved.", name=saved.name), "ok")
    return _back()


@blueprint.route("/<uuid:idp_id>/policy", methods=["GET", "POST"])
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def policy(idp_id: UUID) -> Any:
    """The policy in plain words; what weakens it is said and has to be confirmed."""
    found = _find(idp_id)
    form = PolicyForm(obj=found.idp.policy)
    if not form.validate_on_submit():
        page = _policy_page(found, form)
        return (page, 422) if form.errors else page
    changes = {name: form[name].data for name in POLICY_LABELS}
    changes["authn_context"] = (form.authn_context.data or "").strip() or None
    try:
        idp_policies.change(
            context.tenant(),
            context.config().certs,
            found.idp.entity_id,
            changes,
            confirmed=request.form.getlist("confirmed"),
            actor=context.actor(),
            now=context.now(),
        )
    except WeakensPolicy as weakens:
        return _policy_page(found, form, weakens), 409
    except Invalid as invalid:
        errors = {
            "authn_context": _("This is not the URI of an authentication context."),
            "sign_requests": _("That needs a key pair of ours: run “doorward keys new” first."),
            "want_encrypted": _("That needs a key pair of ours: run “doorward keys new” first."),
        }
        form[invalid.field].errors = [errors[invalid.field]]
        return _policy_page(found, form), 422
    flash(_("The policy of %(name)s is saved.", name=found.name), "ok")
    return _back()


@blueprint.get("/<uuid:idp_id>/remove")
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def confirm_remove(idp_id: UUID) -> str:
    """Say what removing the identity provider would do."""
    found = _find(idp_id)
    return render_template(
        "layouts/confirm.html",
        question=_("Remove %(name)s?", name=found.name),
        effects=[
            _("Nobody can sign in with %(entity_id)s any more.", entity_id=found.idp.entity_id),
            _("Its certificates and its policy are forgotten."),
        ],
        form=FlaskForm(),
        confirm_url=url_for(".remove", idp_id=found.id),
        confirm_label=_("Yes, remove it"),
        cancel_url=url_for("admin_sso.show"),
        breadcrumbs=_breadcrumbs(),
    )


@blueprint.post("/<uuid:idp_id>/remove")
@requires(Resource.SSO_SETTINGS, Action.WRITE)
def remove(idp_id: UUID) -> BaseResponse:
    """Forget the identity provider, unless SSO would be left without one."""
    found = _find(idp_id)
    try:
        identity_providers.remove(
            context.tenant(), found.idp.entity_id, actor=context.actor(), now=context.now()
        )
    except Conflict:
        flash(_("This is the only identity provider: turn single sign-on off first."), "bad")
        return _back()
    flash(_("%(name)s is removed.", name=found.name), "ok")
    return _back()


def _document(form: MetadataForm) -> bytes:
    """The metadata, from whichever of the three it was given in. Raises Invalid, FetchFailed."""
    uploaded = form.file.data.read() if form.file.data else b""
    text = (form.text.data or "").strip()
    url = (form.url.data or "").strip()
    given = [source for source in (uploaded, text, url) if source]
    if len(given) != 1:
        raise Invalid("metadata", _("Give the metadata in one way: a file, an address or as text."))
    if url:
        return metadata_fetch.fetch(url)
    return uploaded or text.encode()


def _find(idp_id: UUID) -> ConfiguredIdp:
    for found in identity_providers.of_tenant(context.tenant()).values():
        if found.id == str(idp_id):
            return found
    raise NotFound


def _import_page(form: MetadataForm) -> str:
    return render_template("admin/sso/import.html", form=form, breadcrumbs=_breadcrumbs())


def _policy_page(
    found: ConfiguredIdp, form: PolicyForm, weakens: WeakensPolicy | None = None
) -> str:
    return render_template(
        "admin/sso/policy.html",
        found=found,
        form=form,
        labels={name: _(label) for name, label in POLICY_LABELS.items()},
        weakenings=[
            (each.field, _(each.sentence) % each.values)
            for each in (weakens.weakenings if weakens else ())
        ],
        breadcrumbs=_breadcrumbs(),
    )


def _breadcrumbs() -> list[tuple[str, str]]:
    return [(url_for("admin_sso.show"), _("Single sign-on"))]


def _back() -> BaseResponse:
    return redirect(url_for("admin_sso.show"), code=303)
