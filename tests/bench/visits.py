"""Sign-ins over HTTP for a benchmark: prepared up to the ACS, then driven to the session."""

import http.client
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from tests.bench.server import Server
from tests.idp.client import answer

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Visit:
    """One browser that stands at the ACS with its IdP's answer in hand."""

    body: str
    saml_response: str
    cookie: str


def prepare(server: Server, count: int) -> list[Visit]:
    """Begin `count` sign-ins and have the IdP answer them."""
    connection = server.connection()
    return [_prepare_one(server, connection) for _ in range(count)]


def complete(connection: http.client.HTTPConnection, visit: Visit) -> None:
    """Post the answer and follow to the session; raises where that is not the outcome."""
    connection.request("POST", "/saml/acs", visit.body, _FORM)
    received = connection.getresponse()
    received.read()
    location = received.headers["Location"] or ""
    if received.status != 303 or not location.startswith("/saml/complete"):
        raise RuntimeError(f"the ACS answered {received.status}")
    connection.request("GET", location, headers={"Cookie": visit.cookie})
    completed = connection.getresponse()
    completed.read()
    if completed.status != 303 or "doorward_session=" not in str(completed.headers):
        raise RuntimeError(f"completion answered {completed.status}")


def _prepare_one(server: Server, connection: http.client.HTTPConnection) -> Visit:
    connection.request("GET", "/saml/login")
    begun = connection.getresponse()
    begun.read()
    cookie = begun.headers["Set-Cookie"].partition(";")[0]
    location = begun.headers["Location"]
    assert urlsplit(location).netloc == "login.northwind.example"
    form = answer(server.idp, location, name_id="anna@northwind.example", now=datetime.now(UTC))
    return Visit(urlencode(form), form["SAMLResponse"], cookie)
