"""Who may use a route. Every view carries exactly one of these; a house test looks for it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import redirect, request, url_for
from werkzeug.exceptions import Forbidden, Unauthorized

from app.blueprints import context
from app.domain.permissions import Action, Allowed, Ask, Channel, Grant, Resource, decide
from app.services.sessions import LiveSession

_OF_FORMS = ("GET", "HEAD", "POST")
View = TypeVar("View", bound=Callable[..., Any])


def public(reason: str) -> Callable[[View], View]:
    """Leave a route open to everybody, for a reason that is written down."""
    assert reason

    def mark(view: View) -> View:
        view.guard = f"public: {reason}"  # type: ignore[attr-defined]
        return view

    return mark


def signed_in(view: View) -> View:
    """Let in whoever has a live session; send others to the sign-in page, or answer 401."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if context.live_session() is None:
            return _to_sign_in()
        return view(*args, **kwargs)

    guarded.guard = "signed in"  # type: ignore[attr-defined]
    return cast(View, guarded)


def requires(resource: Resource, action: Action) -> Callable[[View], View]:
    """Let in whoever is signed in and may do `action` to `resource` right now; else 403."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            live = context.live_session()
            if live is None:
                return _to_sign_in()
            ask = Ask(context.tenant().id, Channel.PAGES, resource, action)
            if not isinstance(decide(grant_of(live), ask), Allowed):
                raise Forbidden(f"{resource.value}:{action.value}")
            return view(*args, **kwargs)

        guarded.guard = f"{resource.value}:{action.value}"  # type: ignore[attr-defined]
        return cast(View, guarded)

    return guard


def grant_of(live: LiveSession) -> Grant:
    """What a session's account holds, as its row said in this request."""
    return Grant(
        tenant_id=live.tenant_id,
        is_active=True,
        is_system_administrator=live.is_system_administrator,
    )


def _to_sign_in() -> Any:
    if request.method != "GET" or wants_json():
        raise Unauthorized
    return redirect(url_for("login.show", next=request.full_path.rstrip("?")), code=303)


def wants_json() -> bool:
    """Whether the answer, an error too, should be JSON rather than a page."""
    # No form sends anything but GET and POST.
    if request.is_json or request.path == "/session" or request.method not in _OF_FORMS:
        return True
    accepted = request.accept_mimetypes
    return bool(accepted) and accepted["application/json"] > accepted["text/html"]
