"""The identity provider's side of a sign-in as one function, for tests without a browser."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tests.idp.authn_request import from_redirect
from tests.idp.mock_idp import MockIdp, addressee_of
from tests.idp.service_providers import ServiceProvider


def answer(
    idp: MockIdp,
    redirect_url: str,
    *,
    name_id: str,
    now: datetime,
    provider: ServiceProvider | None = None,
    misbehaviour: str = "ordinary",
    **knobs: Any,
) -> dict[str, str]:
    """Give the form fields to post to the ACS for the AuthnRequest in `redirect_url`.

    With `provider` (the SP's metadata, read) the request's signature and ACS URL are checked
    against it, and assertions can be encrypted. `knobs` are fields of Reply that shall differ.
    """
    received = from_redirect(urlsplit(redirect_url).query)
    if provider is not None:
        received.verify(provider)
    request = received.request
    form = {
        "SAMLResponse": idp.respond(
            addressee_of(request, provider),
            name_id=name_id,
            now=now,
            request_id=request.id,
            misbehaviour=misbehaviour,
            **knobs,
        )
    }
    if request.relay_state is not None:
        form["RelayState"] = request.relay_state
    return form


def start(
    idp: MockIdp,
    provider: ServiceProvider,
    *,
    name_id: str,
    now: datetime,
    relay_state: str | None = None,
    misbehaviour: str = "ordinary",
    **knobs: Any,
) -> dict[str, str]:
    """Give the form fields of a sign-in that begins at the identity provider."""
    addressee = provider.addressee(provider.acs_url())
    form = {
        "SAMLResponse": idp.respond(
            addressee, name_id=name_id, now=now, misbehaviour=misbehaviour, **knobs
        )
    }
    if relay_state is not None:
        form["RelayState"] = relay_state
    return form
