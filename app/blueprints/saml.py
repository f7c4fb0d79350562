"""The SAML endpoints: out to the identity provider, back to the Assertion Consumer Service."""

from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response as BaseResponse

from app.blueprints import context, pages
from app.blueprints.guard import public
from app.domain.refusals import Reason
from app.services import pending_sign_ins, service_provider, sign_in
from app.services.sign_in_attempts import Outcome
from saml.authn_request import Redirect

blueprint = Blueprint("saml", __name__, url_prefix="/saml")

_FORM = "application/x-www-form-urlencoded"
_BROWSER_COOKIE_AGE = int(pending_sign_ins.PENDING_FOR.total_seconds())
_RESTARTED = "doorward_restarted"
_RESTARTED_AGE = 60


@blueprint.get("/metadata")
@public("the IdP fetches it")
def metadata() -> BaseResponse:
    """Our metadata as this tenant's service provider."""
    document = service_provider.metadata_of(
        context.tenant(), context.config().certs, now=context.now()
    )
    response = Response(document, mimetype="application/samlmetadata+xml")
    response.headers["Content-Disposition"] = 'inline; filename="doorward-metadata.xml"'
    return response


@blueprint.get("/login")
@public("the way to the IdP")
def login() -> BaseResponse:
    """Begin a sign-in: `?next=`, `?force=1`, `?passive=1`, `?idp=`."""
    restarted = request.args.get("restarted") == "1"
    restarted_cookie = context.cookie_name(_RESTARTED)
    if restarted and request.cookies.get(restarted_cookie):
        outcome = Outcome(sign_in.METHOD, Reason.RESTART_LOOP, "unsolicited again after a restart")
        raise sign_in.refused(context.tenant(), outcome, context.client(), now=context.now())
    begun = sign_in.begin(
        context.tenant(),
        context.config().certs,
        return_path=request.args.get("next"),
        browser=request.cookies.get(context.browser_cookie()),
        idp_entity_id=request.args.get("idp") or None,
        force_authn=request.args.get("force") == "1",
        is_passive=request.args.get("passive") == "1",
        client=context.client(),
        now=context.now(),
    )
    response = _to_idp(begun.message)
    context.set_cookie(response, context.browser_cookie(), begun.browser, _BROWSER_COOKIE_AGE)
    if restarted:
        context.set_cookie(response, restarted_cookie, "1", _RESTARTED_AGE)
    return response


@blueprint.post("/acs")
@pages.csrf.exempt
@public("the IdP's answer; the response itself is the credential")
def acs() -> BaseResponse:
    """Assertion Consumer Service: takes the IdP's Response and goes on at /saml/complete.

    A cross-site POST carries no Lax cookie; the 303 makes the next request a same-site one.
    """
    if request.mimetype != _FORM:
        raise UnsupportedMediaType
    received = sign_in.receive(
        context.tenant(),
        context.config().certs,
        saml_response=_only("SAMLResponse"),
        relay_state=_only("RelayState"),
        client=context.client(),
        now=context.now(),
    )
    if isinstance(received, sign_in.Restart):
        target = url_for(
            ".login", next=received.return_path, idp=received.idp_entity_id, restarted=1
        )
        return redirect(target, code=303)
    return redirect(f"/saml/complete?ticket={received.ticket}", code=303)


@blueprint.get("/complete")
@public("the second half of the sign-in; the ticket and the browser's cookie decide")
def complete() -> BaseResponse:
    """Use the ticket up and start the session, in the browser that began."""
    completed = sign_in.complete(
        context.tenant(),
        ticket=request.args.get("ticket", ""),
        browser=request.cookies.get(context.browser_cookie()),
        client=context.client(),
        now=context.now(),
        replaces=request.cookies.get(context.session_cookie()),
    )
    if session:
        # Whoever planted the page's cookie knows nothing of the new one.
        session.clear()
    response = redirect(completed.return_path, code=303)
    context.set_cookie(response, context.session_cookie(), completed.session_token)
    return response


def _only(name: str) -> str:
    """The one value of a form field; a field that comes twice is nobody's honest answer."""
    values = request.form.getlist(name)
    if len(values) > 1:
        outcome = Outcome(sign_in.METHOD, "MALFORMED", f"{name} comes {len(values)} times")
        raise sign_in.refused(context.tenant(), outcome, context.client(), now=context.now())
    return values[0] if values else ""


def _to_idp(message: Any) -> BaseResponse:
    if isinstance(message, Redirect):
        return redirect(message.url, code=303)
    parts = urlsplit(message.action)
    pages.allow_form_to(f"{parts.scheme}://{parts.netloc}")
    return make_response(
        render_template(
            "saml/post_binding.html",
            destination=message.action,
            saml_request=message.fields["SAMLRequest"],
            relay_state=message.fields.get("RelayState"),
            idp_host=parts.hostname,
        )
    )
