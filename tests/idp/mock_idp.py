"""MockIdp: an identity provider without a server, for tests that post its answers themselves."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from tests.idp import redirect, terms
from tests.idp.authn_request import AuthnRequest, from_redirect
from tests.idp.keys import KeyPair, Keys, process_keys
from tests.idp.logout import LogoutRequest, LogoutResponse, Principal
from tests.idp.metadata import identity_provider_metadata
from tests.idp.misbehaviours import DRAWER
from tests.idp.reply import Addressee, Reply, ordinary_reply
from tests.idp.responses import build, encode
from tests.idp.service_providers import ServiceProvider


@dataclass(frozen=True)
class MockIdp:
    """An identity provider as a frozen value: its names, its keys, what it would answer.

    `further_keys` stand in the metadata too, as a weak one or one to be rolled over to may.
    """

    base_url: str = "https://login.northwind.example"
    entity_id: str = ""
    keys: Keys = field(default_factory=process_keys, repr=False)
    further_keys: tuple[KeyPair, ...] = ()
    want_authn_requests_signed: bool = False

    def __post_init__(self) -> None:
        if not self.entity_id:
            object.__setattr__(self, "entity_id", f"{self.base_url}/metadata")

    @property
    def sso_url(self) -> str:
        """Where AuthnRequests go."""
        return f"{self.base_url}/sso"

    @property
    def slo_url(self) -> str:
        """Where LogoutRequests and LogoutResponses go."""
        return f"{self.base_url}/slo"

    @property
    def metadata(self) -> bytes:
        """The IdP's metadata."""
        return identity_provider_metadata(
            entity_id=self.entity_id,
            sso_url=self.sso_url,
            slo_url=self.slo_url,
            signing=(self.keys.rsa, self.keys.ecdsa, *self.further_keys),
            want_authn_requests_signed=self.want_authn_requests_signed,
        )

    def reply(
        self,
        addressee: Addressee,
        *,
        name_id: str,
        now: datetime,
        request_id: str | None = None,
        token: str | None = None,
        **knobs: Any,
    ) -> Reply:
        """What this IdP would say at `now`; `knobs` are fields of Reply that shall differ.

        `token` makes the IDs of the message; without one they are random.
        """
        ordinary = ordinary_reply(
            issuer=self.entity_id,
            addressee=addressee,
            request_id=request_id,
            name_id=name_id,
            now=now,
            token=token or secrets.token_hex(16),
        )
        return replace(ordinary, **knobs)

    def respond(
        self,
        addressee: Addressee,
        *,
        name_id: str,
        now: datetime,
        request_id: str | None = None,
        misbehaviour: str = "ordinary",
        token: str | None = None,
        **knobs: Any,
    ) -> str:
        """The form field SAMLResponse; without `request_id` it is an unsolicited one."""
        reply = self.reply(
            addressee, name_id=name_id, now=now, request_id=request_id, token=token, **knobs
        )
        return encode(DRAWER[misbehaviour].build(reply, self.keys))

    def no_passive(self, addressee: Addressee, *, request_id: str, now: datetime) -> str:
        """The form field that says: somebody would have had to be asked."""
        reply = self.reply(
            addressee,
            name_id="",
            now=now,
            request_id=request_id,
            status=(terms.RESPONDER, terms.NO_PASSIVE),
            sign="response",
        )
        return encode(build(reply, self.keys))

    def logout_request(
        self,
        provider: ServiceProvider,
        principal: Principal,
        *,
        now: datetime,
        token: str | None = None,
    ) -> LogoutRequest:
        """A LogoutRequest to that SP, to be sent by `redirected` or as a signed document."""
        return LogoutRequest(
            id=f"_logout-{token or secrets.token_hex(16)}",
            issuer=self.entity_id,
            destination=provider.logout_url,
            issue_instant=now,
            principal=principal,
            not_on_or_after=now + timedelta(minutes=5),
        )

    def logout_response(
        self,
        provider: ServiceProvider,
        *,
        in_response_to: str | None,
        now: datetime,
        token: str | None = None,
    ) -> LogoutResponse:
        """The answer to a LogoutRequest of that SP: Success."""
        return LogoutResponse(
            id=f"_logged-out-{token or secrets.token_hex(16)}",
            issuer=self.entity_id,
            destination=provider.logout_response_url,
            issue_instant=now,
            in_response_to=in_response_to,
        )

    def redirected(
        self,
        message: LogoutRequest | LogoutResponse,
        *,
        relay_state: str | None = None,
        key: KeyPair | None = None,
        algorithm: str | None = None,
        signed: bool = True,
    ) -> str:
        """The URL that carries a logout message by HTTP-Redirect to its Destination.

        Signed with the RSA key of the metadata unless another is given, or not at all.
        """
        if message.destination is None:
            raise ValueError("the message has no Destination to go to")
        parameter: redirect.Parameter = (
            "SAMLRequest" if isinstance(message, LogoutRequest) else "SAMLResponse"
        )
        query = redirect.query(
            parameter,
            message.document(),
            relay_state=relay_state,
            key=(key or self.keys.rsa) if signed else None,
            algorithm=algorithm,
        )
        joint = "&" if "?" in message.destination else "?"
        return f"{message.destination}{joint}{query}"


def request_in(redirect_url: str) -> AuthnRequest:
    """The AuthnRequest in the URL that a service provider redirects to."""
    return from_redirect(urlsplit(redirect_url).query).request


def addressee_of(request: AuthnRequest, provider: ServiceProvider | None = None) -> Addressee:
    """For whom the answer is: by the SP's metadata, or, without it, as the request itself says."""
    if provider is not None:
        return provider.addressee(provider.acs_url(url=request.acs_url, index=request.acs_index))
    if request.acs_url is None:
        raise ValueError("the request names no ACS URL: the SP's metadata is needed")
    return Addressee(request.issuer, request.acs_url)
