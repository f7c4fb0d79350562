"""Single Logout: LogoutRequests and LogoutResponses, read and written."""

from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from tests.idp import terms
from tests.idp.messages import child_text, parse
from tests.idp.redirect import RequestRefusedError
from tests.idp.responses import instant_text
from tests.idp.signing import Signing, sign, template_for


@dataclass(frozen=True)
class Principal:
    """Who is to be logged out: the NameID to the letter, and the sessions, or all of them."""

    name_id: str
    format: str | None = terms.UNSPECIFIED
    name_qualifier: str | None = None
    sp_name_qualifier: str | None = None
    session_indexes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LogoutRequest:
    """A LogoutRequest; what goes out and what comes in have the same parts."""

    id: str
    issuer: str
    destination: str | None
    issue_instant: datetime | str
    principal: Principal
    not_on_or_after: datetime | None = None

    def document(self, signing: Signing | None = None) -> bytes:
        """The request as XML; with `signing` it bears a signature, as HTTP-POST needs it."""
        who = self.principal
        attributes = _optional(
            NameQualifier=who.name_qualifier,
            SPNameQualifier=who.sp_name_qualifier,
            Format=who.format,
        )
        expiry = instant_text(self.not_on_or_after) if self.not_on_or_after else None
        indexes = "".join(
            f"<samlp:SessionIndex>{escape(index)}</samlp:SessionIndex>"
            for index in who.session_indexes
        )
        content = (
            f"<saml:NameID{attributes}>{escape(who.name_id)}</saml:NameID>\n{indexes}".rstrip()
        )
        return _message(
            "LogoutRequest",
            self.id,
            self.issuer,
            self.issue_instant,
            _optional(Destination=self.destination, NotOnOrAfter=expiry),
            content,
            signing,
        )


@dataclass(frozen=True)
class LogoutResponse:
    """A LogoutResponse; `status` is the StatusCode and those nested in it."""

    id: str
    issuer: str
    destination: str | None
    issue_instant: datetime | str
    in_response_to: str | None
    status: tuple[str, ...] = (terms.SUCCESS,)

    def document(self, signing: Signing | None = None) -> bytes:
        """The response as XML; with `signing` it bears a signature, as HTTP-POST needs it."""
        codes = ""
        for value in reversed(self.status):
            codes = f"<samlp:StatusCode Value={quoteattr(value)}>{codes}</samlp:StatusCode>"
        return _message(
            "LogoutResponse",
            self.id,
            self.issuer,
            self.issue_instant,
            _optional(Destination=self.destination, InResponseTo=self.in_response_to),
            f"<samlp:Status>{codes}</samlp:Status>",
            signing,
        )


def read_logout(document: bytes) -> LogoutRequest | LogoutResponse:
    """Read either message from its XML."""
    root = parse(document)
    kind = etree.QName(root).localname
    issuer = child_text(root, "Issuer")
    message_id = root.get("ID")
    if not issuer or not message_id:
        raise RequestRefusedError("The logout message has no ID or no Issuer.")
    issue_instant = root.get("IssueInstant") or ""
    if kind == "LogoutResponse":
        codes = [one.get("Value") or "" for one in root.iter(f"{{{terms.SAMLP}}}StatusCode")]
        return LogoutResponse(
            message_id,
            issuer,
            root.get("Destination"),
            issue_instant,
            root.get("InResponseTo"),
            tuple(codes),
        )
    name_id = root.find(f"{{{terms.SAML}}}NameID")
    if kind != "LogoutRequest" or name_id is None:
        raise RequestRefusedError("The message is neither a LogoutRequest nor a LogoutResponse.")
    principal = Principal(
        name_id=name_id.text or "",
        format=name_id.get("Format"),
        name_qualifier=name_id.get("NameQualifier"),
        sp_name_qualifier=name_id.get("SPNameQualifier"),
        session_indexes=tuple(
            one.text or "" for one in root.findall(f"{{{terms.SAMLP}}}SessionIndex")
        ),
    )
    return LogoutRequest(message_id, issuer, root.get("Destination"), issue_instant, principal)


def _message(
    kind: str,
    message_id: str,
    issuer: str,
    issue_instant: datetime | str,
    attributes: str,
    content: str,
    signing: Signing | None,
) -> bytes:
    moment = issue_instant if isinstance(issue_instant, str) else instant_text(issue_instant)
    signature = f"{template_for(signing, message_id)}\n" if signing else ""
    document = (
        f'<samlp:{kind} xmlns:samlp="{terms.SAMLP}" xmlns:saml="{terms.SAML}"'
        f' ID={quoteattr(message_id)} Version="2.0" IssueInstant={quoteattr(moment)}{attributes}>\n'
        f"<saml:Issuer>{escape(issuer)}</saml:Issuer>\n{signature}{content}\n</samlp:{kind}>"
    ).encode()
    return sign(document, signing) if signing else document


def _optional(**attributes: str | None) -> str:
    return "".join(
        f" {name}={quoteattr(value)}" for name, value in attributes.items() if value is not None
    )
