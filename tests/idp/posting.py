"""The page that posts the Response to the service provider."""

from collections.abc import Mapping
from typing import Any

from flask import Response, render_template

from tests.idp.authn_request import AuthnRequest
from tests.idp.desk import Session
from tests.idp.logout import Principal
from tests.idp.misbehaviours import DRAWER, NotPossibleError
from tests.idp.reply import Addressee
from tests.idp.responses import encode
from tests.idp.running import running
from tests.idp.service_providers import ServiceProvider


def post_answer(
    provider: ServiceProvider,
    addressee: Addressee,
    session: Session | None,
    *,
    request: AuthnRequest | None = None,
    relay_state: str | None = None,
) -> Response:
    """Tell the service provider who is signed in here, in the way the drawer says."""
    if session is None:
        raise NotPossibleError("The session has ended meanwhile.")
    idp = running()
    knobs: dict[str, Any] = {
        "name_id_format": session.person.name_id_format,
        "session_index": session.index,
        "authn_instant": session.authn_instant,
        "attributes": session.person.attributes,
        "last_assertion_id": idp.desk.last_assertion_id,
    }
    if request is not None and request.authn_context_classes:
        knobs["authn_context_class"] = request.authn_context_classes[0]
    reply = idp.idp.reply(
        addressee,
        name_id=session.person.name_id,
        now=idp.clock(),
        request_id=request.id if request is not None else None,
        **knobs,
    )
    name = idp.desk.take_misbehaviour()
    document = DRAWER[name].build(reply, idp.idp.keys)
    idp.desk.last_assertion_id = reply.assertion_id
    session.told[provider.entity_id] = Principal(
        name_id=session.person.name_id,
        format=session.person.name_id_format,
        session_indexes=(session.index,),
    )
    fields = {"SAMLResponse": encode(document)}
    given = request.relay_state if request is not None else relay_state
    if given is not None:
        fields["RelayState"] = given
    return _page(addressee, fields, document, name)


def post_no_passive(addressee: Addressee, request: AuthnRequest) -> Response:
    """Tell the service provider that somebody would have to be asked, which it forbade."""
    idp = running()
    field = idp.idp.no_passive(addressee, request_id=request.id, now=idp.clock())
    fields = {"SAMLResponse": field}
    if request.relay_state is not None:
        fields["RelayState"] = request.relay_state
    return _page(addressee, fields, None, "ordinary")


def _page(
    addressee: Addressee, fields: Mapping[str, str], document: bytes | None, name: str
) -> Response:
    return Response(
        render_template(
            "post.html",
            action=addressee.acs_url,
            entity_id=addressee.entity_id,
            fields=fields,
            document=document[:20_000].decode("utf-8", "replace") if document else "",
            sent_name=name,
            sent=DRAWER[name],
        )
    )
