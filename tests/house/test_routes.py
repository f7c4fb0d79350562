"""No route without a guard, no refusal without a sentence."""

from flask import Flask

from app.domain.refusals import PUBLIC, PUBLIC_CODE_OF, PublicCode, public_refusal
from app.domain.refusals import Reason as AppReason
from saml.errors import SENTENCES, Reason


def test_every_route_has_a_guard(app: Flask) -> None:
    """A view that nobody decided about who may use it does not ship."""
    unguarded = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        and not getattr(app.view_functions[rule.endpoint], "guard", None)
    ]
    assert not unguarded


def test_every_administrators_route_asks_for_a_right(app: Flask) -> None:
    """Nothing under /admin is public, or open to whoever is signed in."""
    guards = {
        rule.endpoint: getattr(app.view_functions[rule.endpoint], "guard", "")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/admin")
    }
    open_routes = [
        endpoint
        for endpoint, guard in guards.items()
        if ":" not in guard or guard.startswith("public")
    ]
    assert guards
    assert not open_routes


def test_every_refusal_has_a_public_face() -> None:
    """Each reason of the SAML reader and of our own is mapped on purpose to what people read."""
    assert set(PUBLIC) == set(PublicCode)
    mapped = set(PUBLIC_CODE_OF)
    assert {reason.value for reason in AppReason} <= mapped
    assert {reason.value for reason in Reason} <= mapped
    for reason in [*AppReason, *Reason]:
        face = public_refusal(reason.value)
        assert face.sentence.endswith(".") and face.advice.endswith(".")
        assert 400 <= face.status < 500


def test_every_saml_reason_has_a_sentence() -> None:
    """The closed list of the SAML reader explains each of its codes."""
    assert set(SENTENCES) == set(Reason)
