"""What one request is about: its moment, tenant, client and session, each found once."""

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import cast

from flask import current_app, g, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from app.config import Config
from app.services import sessions, tenants
from app.services.audit import Actor
from app.services.clients import Client
from app.services.sessions import LiveSession
from app.services.tenants import Tenant

_UNKNOWN_ADDRESS = "unknown"


def now() -> datetime:
    """The moment of this request, the same wherever it is asked for."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    return cast(datetime, g.now)


def config() -> Config:
    """The application's configuration."""
    return cast(Config, current_app.extensions["doorward"])


def tenant() -> Tenant:
    """The tenant of the request's Host. Raises NotFound for a host that is nobody's."""
    if "tenant" not in g:
        g.tenant = tenants.by_host(request.host)
    if g.tenant is None:
        raise NotFound
    return cast(Tenant, g.tenant)


def client() -> Client:
    """The browser: the socket's peer, or what trusted proxies say, read from right to left."""
    address = _address(request.remote_addr or "", request.headers.getlist("X-Forwarded-For"))
    return Client(address, request.user_agent.string.replace("\0", "")[:300])


def session_cookie() -> str:
    """The session cookie's name: `__Host-` binds it to this very host where there is HTTPS."""
    return cookie_name("doorward_session")


def browser_cookie() -> str:
    """The name of the cookie that binds a sign-in to the browser that began it."""
    return cookie_name("doorward_browser")


def cookie_name(name: str) -> str:
    """A cookie's name on this tenant's site."""
    return f"__Host-{name}" if tenant().is_secure else name


def set_cookie(response: Response, name: str, value: str, max_age: int | None = None) -> None:
    """Set a cookie as ours all are: this host only, HttpOnly, Lax, Secure on HTTPS."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=tenant().is_secure,
    )


def live_session() -> LiveSession | None:
    """The session that the request's cookie stands for, if it holds."""
    if "live_session" not in g:
        token = request.cookies.get(session_cookie())
        g.live_session = sessions.find(tenant(), token, now=now()) if token else None
    return cast(LiveSession | None, g.live_session)


def actor() -> Actor:
    """Whoever is signed in, as the audit trail names them. Only behind a guard."""
    live = live_session()
    assert live is not None
    return Actor("account", live.account_id, live.username, "page")


def _address(peer: str, forwarded: list[str]) -> str:
    trusted = config().trusted_proxies
    if not trusted:
        return peer[:64] or _UNKNOWN_ADDRESS
    address = _parsed(peer)
    hops = [hop.strip() for header in forwarded for hop in header.split(",")]
    while hops and address is not None and any(address in network for network in trusted):
        address = _parsed(hops.pop())
    return str(address) if address is not None else _UNKNOWN_ADDRESS


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A socket that takes both kinds writes IPv4 inside IPv6: it is the same network.
    return getattr(address, "ipv4_mapped", None) or address
