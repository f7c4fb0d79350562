"""The mock identity provider as a web application: `create_idp(config)`.

One sign-in: `/sso` reads the AuthnRequest, looks for the IdP's own session, else asks who signs
in, and answers with a form that posts itself to the service provider. What it answers is
ordinary, unless the drawer says otherwise.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, abort, redirect, render_template, url_for
from flask import request as http
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from tests.idp.authn_request import Received, from_post, from_redirect
from tests.idp.config import FORMATS, IdpConfig, Person
from tests.idp.desk import Desk, Question
from tests.idp.misbehaviours import DRAWER, GROUPS, NotPossibleError
from tests.idp.mock_idp import addressee_of
from tests.idp.posting import post_answer, post_no_passive
from tests.idp.redirect import RequestRefusedError
from tests.idp.running import COOKIE, EXTENSION, Running, running
from tests.idp.service_providers import ServiceProvider, ServiceProviders
from tests.idp.single_logout import pages as logout_pages

pages = Blueprint("idp", __name__)


def now_in_utc() -> datetime:
    """The clock of an IdP that is given no other."""
    return datetime.now(UTC)


def create_idp(config: IdpConfig, *, clock: Callable[[], datetime] = now_in_utc) -> Flask:
    """Make the application; it needs no secret and keeps everything in memory."""
    app = Flask(__name__)
    app.extensions[EXTENSION] = Running(
        config, clock, Desk(), ServiceProviders(config.service_providers)
    )
    app.register_blueprint(pages)
    app.register_blueprint(logout_pages)
    app.register_error_handler(RequestRefusedError, _refused)
    app.register_error_handler(NotPossibleError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.context_processor(_for_every_page)
    app.after_request(_not_stored)
    return app


@pages.get("/")
def home() -> str:
    """Who is signed in here, and where to go."""
    return render_template("home.html")


@pages.get("/metadata")
def metadata() -> Response:
    """The IdP's metadata."""
    return Response(running().idp.metadata, mimetype="application/samlmetadata+xml")


@pages.get("/sso")
def sso_by_redirect() -> Response:
    """Take an AuthnRequest by HTTP-Redirect."""
    return _asked(from_redirect(http.query_string.decode("ascii", "replace")))


@pages.post("/sso")
def sso_by_post() -> Response:
    """Take an AuthnRequest by HTTP-POST."""
    return _asked(from_post(http.form.get("SAMLRequest", ""), http.form.get("RelayState")))


@pages.post("/sso/person")
def chosen() -> Response:
    """Somebody was chosen for a request that waits."""
    idp = running()
    question = idp.desk.answered(http.form.get("question", ""))
    if question is None:
        raise RequestRefusedError(
            "This sign-in was answered already, or is forgotten: begin again at the service."
        )
    token = _signed_in()
    provider = idp.providers.get(question.request.issuer)
    response = post_answer(
        provider, question.addressee, idp.desk.session(token), request=question.request
    )
    return _with_cookie(response, token)


@pages.get("/start")
def start() -> str:
    """Choose whom to sign in at which service, without having been asked by it."""
    return render_template(
        "start.html",
        providers=running().providers.all(),
        wanted=http.args.get("sp", ""),
        relay_state=http.args.get("RelayState", ""),
    )


@pages.post("/start")
def started() -> Response:
    """Send a Response that nobody asked for."""
    idp = running()
    provider = idp.providers.get(http.form.get("sp", ""))
    token = _signed_in()
    response = post_answer(
        provider,
        provider.addressee(provider.acs_url()),
        idp.desk.session(token),
        relay_state=http.form.get("RelayState") or None,
    )
    return _with_cookie(response, token)


@pages.get("/drawer")
def drawer() -> str:
    """Every way to misbehave."""
    return render_template("drawer.html", groups=GROUPS)


@pages.post("/drawer")
def choose_from_drawer() -> AnyResponse:
    """Set how the next response, or every one, is to be wrong."""
    desk = running().desk
    wanted = http.form.get("misbehaviour", "ordinary")
    if wanted not in DRAWER:
        abort(400, f"The drawer has no {wanted}.")
    match http.form.get("for", "next"):
        case "next":
            desk.once = wanted
        case "all":
            desk.always, desk.once = wanted, None
        case "none":
            desk.always, desk.once = "ordinary", None
        case _:
            abort(400, "Say for which responses: next, all or none.")
    return redirect(url_for("idp.drawer"), 303)


@pages.post("/habits")
def habits() -> AnyResponse:
    """Set whether the IdP asks every time, and shows what it sends."""
    desk = running().desk
    desk.ask_always = "ask_always" in http.form
    desk.hold = "hold" in http.form
    return redirect(url_for("idp.drawer"), 303)


def _asked(received: Received) -> Response:
    idp = running()
    request = received.request
    if request.destination not in (None, idp.idp.sso_url):
        raise RequestRefusedError(f"The request is addressed to {request.destination}.")
    provider = _verified(received)
    addressee = addressee_of(request, provider)
    session = idp.session
    if session is not None and not request.force_authn and not idp.desk.ask_always:
        return post_answer(provider, addressee, session, request=request)
    if request.is_passive:
        return post_no_passive(addressee, request)
    question = idp.desk.wait(Question(request, addressee))
    return Response(render_template("sign_in.html", provider=provider, question=question))


def _verified(received: Received) -> ServiceProvider:
    """The SP that asks, its metadata read again where its keys or ACS may have changed."""
    providers = running().providers
    provider = providers.get(received.request.issuer)
    try:
        received.verify(provider)
        addressee_of(received.request, provider)
    except RequestRefusedError:
        providers.refresh()
        provider = providers.get(received.request.issuer)
        received.verify(provider)
    return provider


def _signed_in() -> str:
    """Begin a session for whom the form names, in place of the one that was."""
    idp = running()
    old = http.cookies.get(COOKIE)
    choice = http.form.get("person", "")
    if choice == "same" and idp.session is not None:
        return old or ""
    person = _named(choice)
    idp.desk.sign_out(old)
    return idp.desk.sign_in(person, idp.clock())


def _named(choice: str) -> Person:
    people = running().config.people
    if choice.isdecimal() and int(choice) < len(people):
        return people[int(choice)]
    name_id = http.form.get("name_id", "")
    if choice != "other" or not name_id:
        abort(400, "Nobody was chosen.")
    name_id_format = FORMATS.get(http.form.get("name_id_format", ""))
    return Person(name_id, name_id, name_id_format or FORMATS["unspecified"])


def _with_cookie(response: Response, token: str) -> Response:
    response.set_cookie(COOKIE, token, httponly=True, samesite="Lax")
    return response


def _refused(error: Exception) -> tuple[str, int]:
    return render_template("message.html", heading="Not possible", text=str(error)), 400


def _http_error(error: HTTPException) -> tuple[str, int]:
    page = render_template("message.html", heading=error.name, text=error.description or "")
    return page, error.code or 500


def _not_stored(response: Response) -> Response:
    if http.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _for_every_page() -> dict[str, object]:
    idp = running()
    name = idp.desk.next_misbehaviour
    return {
        "title": idp.config.title,
        "people": idp.config.people,
        "formats": FORMATS,
        "session": idp.session,
        "desk": idp.desk,
        "misbehaviour_name": name,
        "misbehaviour": DRAWER[name],
        "idp": idp.idp,
    }
