"""Administrators are told what every refusal means and what to do about it."""

from app.domain.explanations import ADVICE, SENTENCES
from app.domain.refusals import Reason as OurReason
from saml.errors import Reason as SamlReason


def test_every_reason_is_explained_and_has_advice() -> None:
    """No code reaches the log that a page could not put into words, and none is made up."""
    assert set(SENTENCES) == set(OurReason)
    assert set(ADVICE) == {*OurReason, *(reason.value for reason in SamlReason)}
