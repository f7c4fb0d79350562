"""Which changes of an identity provider's policy weaken it, and in which words that is said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.domain.refusals import N_


class Policy(Protocol):
    """What a policy says; see `saml.settings.Policy`, whose defaults are the strict ones."""

    @property
    def unsolicited(self) -> str: ...
    @property
    def clock_skew(self) -> int: ...
    @property
    def sign_requests(self) -> bool: ...
    @property
    def want_signed(self) -> str: ...
    @property
    def want_encrypted(self) -> bool: ...
    @property
    def authn_context(self) -> str | None: ...
    @property
    def signed_logout(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Weakening:
    """One field that a change makes weaker. `sentence` is to be filled with `values`."""

    field: str
    sentence: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        return self.sentence % self.values


#: Which signatures each setting is content with: on the Assertion, on the Response, on both.
_CONTENT_WITH = {
    "any": {"assertion", "response", "both"},
    "assertion": {"assertion", "both"},
    "response": {"response", "both"},
    "both": {"both"},
}
_WANT_SIGNED = {
    "any": N_("One signature is enough, on the assertion or on the response around it."),
    "assertion": N_("The response around the assertion need not be signed."),
    "response": N_("The assertion itself need not be signed, only the response around it."),
}
_ACCEPT = N_(
    "Responses that nobody asked for sign people in. Somebody else can then bring a browser into "
    "an account of their own choosing."
)
_CLOCK_SKEW = N_(
    "Clocks may differ by %(after)s seconds rather than %(before)s: an assertion that was stolen "
    "can be used for that much longer."
)
_UNSIGNED_REQUESTS = N_(
    "Our requests are no longer signed: the identity provider cannot tell them from somebody "
    "else’s."
)
_UNENCRYPTED = N_(
    "Assertions are taken unencrypted: what they say of a person can be read in the browser and "
    "by whatever looks into it."
)
_ANY_AUTHN_CONTEXT = N_(
    "It no longer matters how people sign in at the identity provider. So far it had to be by "
    "%(before)s."
)
_OTHER_AUTHN_CONTEXT = N_(
    "People sign in at the identity provider by %(after)s instead of %(before)s. Make sure that "
    "it is as strong."
)
_UNSIGNED_LOGOUT = N_(
    "Unsigned logout messages are obeyed: anybody who knows a name can sign that person out."
)


def weakenings(before: Policy, after: Policy) -> tuple[Weakening, ...]:
    """Return what `after` lets in that `before` kept out, in the order of the policy's fields."""
    found = []
    if after.unsolicited == "accept" != before.unsolicited:
        found.append(Weakening("unsolicited", _ACCEPT, {}))
    if after.clock_skew > before.clock_skew:
        seconds = {"before": before.clock_skew, "after": after.clock_skew}
        found.append(Weakening("clock_skew", _CLOCK_SKEW, seconds))
    if before.sign_requests and not after.sign_requests:
        found.append(Weakening("sign_requests", _UNSIGNED_REQUESTS, {}))
    if not _CONTENT_WITH[after.want_signed] <= _CONTENT_WITH[before.want_signed]:
        found.append(Weakening("want_signed", _WANT_SIGNED[after.want_signed], {}))
    if before.want_encrypted and not after.want_encrypted:
        found.append(Weakening("want_encrypted", _UNENCRYPTED, {}))
    if before.authn_context is not None and after.authn_context is None:
        method = {"before": before.authn_context}
        found.append(Weakening("authn_context", _ANY_AUTHN_CONTEXT, method))
    elif before.authn_context not in (None, after.authn_context):
        methods = {"before": before.authn_context, "after": after.authn_context}
        found.append(Weakening("authn_context", _OTHER_AUTHN_CONTEXT, methods))
    if before.signed_logout and not after.signed_logout:
        found.append(Weakening("signed_logout", _UNSIGNED_LOGOUT, {}))
    return tuple(found)
