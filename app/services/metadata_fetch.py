"""Metadata fetched from a URL that a person typed: what a server may be made to ask, and how long.

The address is looked up once, checked, and connected to as it was checked, so that a name
cannot point elsewhere a moment later. Nothing of the environment counts: no proxy, no cookie.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from time import monotonic
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from app.services.errors import ServiceError
from saml.errors import N_, Notice

SECONDS: Final = 10.0
MAX_BYTES: Final = 5 * 1024 * 1024
_MAX_REDIRECTS: Final = 5
_MAX_URL: Final = 2000
_CHUNK: Final = 64 * 1024
_NAT64: Final = IPv6Network("64:ff9b::/96")
_PORTS: Final = {"http": 80, "https": 443}

Address = IPv4Address | IPv6Address
MayConnect = Callable[[Address], bool]


class FetchFailed(ServiceError):
    """The metadata cannot be had. `notice` is the message in a form that can be translated."""

    def __init__(self, sentence: str, **values: object) -> None:
        self.notice = Notice(sentence, **values)
        super().__init__(self.notice)


def public_only(address: Address) -> bool:
    """Whether an address is one of the public internet, looked at through any tunnel prefix."""
    if isinstance(address, IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return public_only(inner)
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def anywhere(address: Address) -> bool:
    """Allow every address: for the operator, who could ask it himself. Never for a web page."""
    return True


def as_typed(url: str) -> MayConnect:
    """Allow public addresses and the one that stands in this URL, or this machine as localhost.

    Nobody is led there by a name: for the operator, who typed it. Never for a web page.
    """
    try:
        host = urlsplit(url).hostname or ""
        typed = None if host == "localhost" else ip_address(host)
    except ValueError:
        return public_only
    return lambda address: (
        public_only(address) or address == typed or (typed is None and address.is_loopback)
    )


def fetch(url: str, *, may_connect: MayConnect = public_only, seconds: float = SECONDS) -> bytes:
    """Return what is at an http or https URL: at most 5 MiB, in at most `seconds` altogether.

    Every address it is about to ask, that of a redirect too, must pass `may_connect`; a redirect
    never leads away from https. Raises FetchFailed, and nothing else.
    """
    deadline = monotonic() + seconds
    parts = _checked(url)
    for _ in range(_MAX_REDIRECTS + 1):
        with _asked(parts, may_connect, deadline, seconds) as response:
            answer = _read(response, parts.hostname or "")
        if isinstance(answer, bytes):
            return answer
        parts = _checked(urljoin(parts.geturl(), answer.location), parts)
    raise FetchFailed(N_("The address redirects more than %(count)s times."), count=_MAX_REDIRECTS)


@dataclass(frozen=True, slots=True)
class Reached:
    """That a server answered: with which status, and what its clock says, if it tells."""

    status: int
    clock: datetime | None


def reach(url: str, *, may_connect: MayConnect, seconds: float = SECONDS) -> Reached:
    """Say that a server answers at a URL, whatever it answers. Raises FetchFailed."""
    parts = _checked(url)
    with _asked(parts, may_connect, monotonic() + seconds, seconds) as response:
        date = response.getheader("Date", "")
        try:
            return Reached(response.status, parsedate_to_datetime(date).astimezone(UTC))
        except ValueError:
            return Reached(response.status, None)


@dataclass(frozen=True, slots=True)
class _Redirect:
    location: str


def _checked(url: str, redirected_from: SplitResult | None = None) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        usable = (
            parts.scheme in _PORTS
            and parts.hostname
            and parts.username is None
            and parts.password is None
            and parts.port != 0
            and len(url) <= _MAX_URL
            and url.strip().isascii()
            and url.strip().isprintable()
            and " " not in url.strip()
        )
    except ValueError:
        usable = False
        parts = SplitResult("", "", "", "", "")
    if not usable:
        if redirected_from is not None:
            raise FetchFailed(_BAD_REDIRECT, url=url[:200])
        raise FetchFailed(
            N_("The address must be like https://login.example.com/metadata.xml, in ASCII.")
        )
    if redirected_from is not None and (redirected_from.scheme, parts.scheme) == ("https", "http"):
        raise FetchFailed(_BAD_REDIRECT, url=url[:200])
    return parts._replace(fragment="")


@contextmanager
def _asked(
    parts: SplitResult, may_connect: MayConnect, deadline: float, seconds: float
) -> Iterator[http.client.HTTPResponse]:
    """The answer to one GET. What goes wrong, while it is read too, raises FetchFailed."""
    host = parts.hostname or ""
    connection = http.client.HTTPConnection(host, _PORTS[parts.scheme])
    try:
        with _connected(parts, may_connect, deadline) as sock, closing(connection):
            connection.sock = sock
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", target, headers=_headers(parts))
            with connection.getresponse() as response:
                yield response
        if monotonic() >= deadline:
            # A connection that was cut may look like one that came to its end.
            raise TimeoutError
    except ssl.SSLCertVerificationError as error:
        raise FetchFailed(
            N_("The certificate of %(host)s cannot be trusted: %(problem)s."),
            host=host,
            problem=error.verify_message.rstrip("."),
        ) from None
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, TimeoutError) or monotonic() >= deadline:
            raise FetchFailed(_TOO_SLOW, seconds=f"{seconds:g}") from None
        raise FetchFailed(
            N_("%(host)s cannot be reached: %(problem)s."), host=host, problem=_problem(error)
        ) from None


def _headers(parts: SplitResult) -> dict[str, str]:
    return {
        "Host": parts.netloc,
        "User-Agent": "Doorward",
        "Accept": "application/samlmetadata+xml, application/xml, text/xml, */*;q=0.5",
        "Connection": "close",
    }


def _read(response: http.client.HTTPResponse, host: str) -> bytes | _Redirect:
    location = response.getheader("Location")
    if response.status in (301, 302, 303, 307, 308) and location:
        return _Redirect(location)
    if response.status != 200:
        raise FetchFailed(
            N_("%(host)s answered with the status %(status)s."), host=host, status=response.status
        )
    if response.getheader("Content-Encoding", "identity") != "identity":
        raise FetchFailed(N_("%(host)s answered in an encoding that was not asked for."), host=host)
    content = bytearray()
    while chunk := response.read(_CHUNK):
        content += chunk
        if len(content) > MAX_BYTES:
            raise FetchFailed(
                N_("%(host)s sends more than %(limit)s MiB, which no metadata of one IdP has."),
                host=host,
                limit=MAX_BYTES // (1024 * 1024),
            )
    if response.length:
        raise http.client.IncompleteRead(bytes(content))
    return bytes(content)


@contextmanager
def _connected(
    parts: SplitResult, may_connect: MayConnect, deadline: float
) -> Iterator[socket.socket]:
    """A connection to a checked address that is cut at the deadline, whatever it is doing."""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    found = _addresses(host, port, deadline)
    for address in found:
        if not may_connect(address):
            raise FetchFailed(
                N_(
                    "%(host)s is at %(address)s, which is not a public address of the internet. "
                    "Download the metadata yourself and give the file instead."
                ),
                host=host,
                address=address,
            )
    with _first_that_answers(found, port, deadline) as plain:
        sock = plain
        if parts.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(
                plain, server_hostname=host, do_handshake_on_connect=False
            )
        # A timeout of the socket starts anew with every byte; this one does not.
        timer = threading.Timer(max(0.0, deadline - monotonic()), _cut, (sock,))
        timer.daemon = True
        timer.start()
        try:
            with sock:
                if isinstance(sock, ssl.SSLSocket):
                    sock.do_handshake()
                yield sock
        finally:
            timer.cancel()


def _first_that_answers(found: list[Address], port: int, deadline: float) -> socket.socket:
    problem: OSError = OSError("no address")
    for address in found:
        left = deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        try:
            return socket.create_connection((str(address), port), timeout=left)
        except OSError as error:
            problem = error
    raise problem


def _addresses(host: str, port: int, deadline: float) -> list[Address]:
    """The host's addresses. A resolver keeps no deadline of its own, so a thread asks it."""
    answers: list[Address] = []
    problems: list[Exception] = []

    def ask() -> None:
        try:
            for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                answers.append(ip_address(str(where[0]).partition("%")[0]))
        except (OSError, UnicodeError, ValueError) as error:
            problems.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - monotonic()))
    if thread.is_alive():
        raise TimeoutError
    if problems or not answers:
        raise FetchFailed(N_("There is no host %(host)s."), host=host)
    return list(dict.fromkeys(answers))


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        # Not SSLSocket's own: that forgets the encryption, and a reader would go on without.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _problem(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.rstrip(".")
    return (str(error) or type(error).__name__).splitlines()[0][:200].rstrip(".")


_TOO_SLOW: Final = N_(
    "No complete answer came within %(seconds)s seconds. Download the metadata yourself and give "
    "the file instead."
)
_BAD_REDIRECT: Final = N_("The address redirects to %(url)s, where metadata is not looked for.")
