"""Which changes of a policy are weakenings, tried on every pair of values."""

from dataclasses import replace
from itertools import permutations
from typing import Any, get_args

import pytest

from app.domain.policy_weakening import weakenings
from saml.settings import Policy, Unsolicited, WantSigned

PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
X509 = "urn:oasis:names:tc:SAML:2.0:ac:classes:X509"

VALUES: dict[str, tuple[Any, ...]] = {
    "unsolicited": get_args(Unsolicited),
    "clock_skew": (0, 60, 120, 300),
    "sign_requests": (False, True),
    "want_signed": get_args(WantSigned),
    "want_encrypted": (False, True),
    "nameid_format": ("any", "email", "persistent", "transient", "unspecified"),
    "authn_context": (None, PASSWORD, X509),
    "signed_logout": (False, True),
}
WEAKER = {
    *(("unsolicited", before, "accept") for before in ("restart", "refuse")),
    *(("clock_skew", a, b) for a in (0, 60, 120, 300) for b in (60, 120, 300) if b > a),
    ("sign_requests", True, False),
    *(("want_signed", before, "any") for before in ("assertion", "response", "both")),
    ("want_signed", "both", "assertion"),
    ("want_signed", "both", "response"),
    ("want_signed", "assertion", "response"),
    ("want_signed", "response", "assertion"),
    ("want_encrypted", True, False),
    *(("authn_context", before, None) for before in (PASSWORD, X509)),
    ("authn_context", PASSWORD, X509),
    ("authn_context", X509, PASSWORD),
    ("signed_logout", True, False),
}
CHANGES = [
    (name, before, after)
    for name, values in VALUES.items()
    for before, after in permutations(values, 2)
]


def test_every_field_is_tried() -> None:
    """A field that the policy gets later has to be decided about here."""
    assert set(VALUES) == set(Policy.__dataclass_fields__)


@pytest.mark.parametrize(("name", "before", "after"), CHANGES)
def test_a_change_weakens_or_not(name: str, before: Any, after: Any) -> None:
    """What lets in more than before is named, and nothing else is."""
    policy = replace(Policy(), **{name: before})
    found = weakenings(policy, replace(policy, **{name: after}))
    expected = [name] if (name, before, after) in WEAKER else []
    assert [weakening.field for weakening in found] == expected


@pytest.mark.parametrize("change", sorted(WEAKER, key=str))
def test_a_weakening_is_said_in_a_sentence(change: tuple[str, Any, Any]) -> None:
    """Every placeholder is filled in, and figures of the change stand in its sentence."""
    name, before, after = change
    policy = replace(Policy(), **{name: before})
    (found,) = weakenings(policy, replace(policy, **{name: after}))
    assert "%" not in str(found)
    assert str(found).endswith(".")
    if name == "clock_skew":
        assert f"{after} seconds rather than {before}" in str(found)


def test_several_weakenings_are_all_named() -> None:
    """One change of several fields names each that it weakens, and none that it strengthens."""
    strict = Policy(want_signed="both", want_encrypted=True, clock_skew=60, sign_requests=False)
    loose = Policy(want_signed="any", clock_skew=300, sign_requests=True, signed_logout=False)
    fields = [found.field for found in weakenings(strict, loose)]
    assert fields == ["clock_skew", "want_signed", "want_encrypted", "signed_logout"]


def test_a_policy_is_no_weaker_than_itself() -> None:
    """Saving without a change asks nothing."""
    assert weakenings(Policy(), Policy()) == ()
