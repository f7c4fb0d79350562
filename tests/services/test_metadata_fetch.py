"""Metadata is fetched from where it may be fetched, within its limits; and from nowhere else."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.services import metadata_fetch
from app.services.metadata_fetch import FetchFailed, anywhere, as_typed, fetch, public_only
from saml import keys

DOCUMENT = b"<EntityDescriptor/>"
#: How long a server drips: much longer than the tests that must not wait for it.
DRIPS = 3000
Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A web server on this machine: what it answers by path, and what it was asked."""

    def __init__(self, host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                site.answers[self.path](self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer((host, 0), Handler)
        self.server.daemon_threads = True
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        scheme = "https" if context is not None else "http"
        self.url = f"{scheme}://{host}:{self.server.server_port}"

    @contextmanager
    def running(self) -> Iterator["Site"]:
        thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self.server.shutdown()
            thread.join()
            self.server.server_close()

    def drip(self, handler: BaseHTTPRequestHandler, piece: bytes, after: bytes) -> None:
        """Send a little again and again, so that no single wait is long; then the rest."""
        for _ in range(DRIPS):
            if self.over.wait(0.01):
                return
            try:
                handler.wfile.write(piece)
                handler.wfile.flush()
            except OSError:
                return
        handler.wfile.write(after)


def document(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(DOCUMENT)))
    handler.end_headers()
    handler.wfile.write(DOCUMENT)


def redirect(to: str, status: int = 302) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Location", to)
        handler.send_header("Set-Cookie", "left=behind")
        handler.end_headers()

    return answer


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as running:
        running.answers["/metadata"] = document
        yield running


def refusal(url: str, **options: object) -> str:
    with pytest.raises(FetchFailed) as failed:
        fetch(url, **options)  # type: ignore[arg-type]
    assert str(failed.value) == failed.value.notice
    return str(failed.value)


def test_what_is_there_is_returned(site: Site) -> None:
    """The bytes come as they are, from an address that is allowed."""
    assert fetch(f"{site.url}/metadata", may_connect=anywhere) == DOCUMENT


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "127.1",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ],
)
def test_this_machine_is_not_asked(site: Site, host: str) -> None:
    """However this machine's address is spelled, it is refused before anything is connected."""
    sentence = refusal(f"http://{host}:{site.server.server_port}/metadata")
    assert "not a public address" in sentence or "no host" in sentence
    assert site.asked == []


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::5db8:d70e", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses(address: str, is_public: bool) -> None:
    """Only the public internet is public, in IPv6 spellings of IPv4 too."""
    assert public_only(ip_address(address)) is is_public


def test_a_redirect_is_followed(site: Site) -> None:
    """A relative and an absolute redirect lead on, and no cookie is kept on the way."""
    site.answers["/"] = redirect("/next")
    site.answers["/next"] = redirect(f"{site.url}/metadata", 307)
    assert fetch(site.url, may_connect=anywhere) == DOCUMENT
    assert [path for path, _ in site.asked] == ["/", "/next", "/metadata"]
    assert not any("Cookie" in headers for _, headers in site.asked)


def test_a_redirect_cannot_lead_to_a_forbidden_address(site: Site) -> None:
    """Each hop's address is checked by itself: an allowed site opens no way to another one."""
    only_the_first = as_typed(site.url)
    with Site("127.0.0.2").running() as inner:
        inner.answers["/secret"] = document
        site.answers["/"] = redirect(f"{inner.url}/secret")
        assert "not a public address" in refusal(site.url, may_connect=only_the_first)
        assert inner.asked == []


@pytest.mark.parametrize(
    "to", ["file:///etc/hostname", "ftp://127.0.0.1/x", "javascript:alert(1)", "//user@127.0.0.1/"]
)
def test_a_redirect_stays_with_http(site: Site, to: str) -> None:
    """Another scheme, or an address with a user name, is not followed."""
    site.answers["/"] = redirect(to)
    assert "redirects to" in refusal(site.url, may_connect=anywhere)
    assert len(site.asked) == 1


def test_redirects_come_to_an_end(site: Site) -> None:
    """A circle is noticed."""
    site.answers["/"] = redirect("/")
    assert "more than 5 times" in refusal(site.url, may_connect=anywhere)
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    "url",
    [
        "",
        "login.example.com/metadata",
        "file:///etc/hostname",
        "ftp://login.example.com/",
        "http://",
        "http://user:secret@login.example.com/",
        "http://login.example.com:0/",
        "http://login.example.com:99999/",
        "http://login.example.com/a b",
        "http://login.example.com/a\nHost: other",
        "http://bücher.example/",
        "http://[::1",
        "http://login.example.com/" + "a" * 2000,
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """Only http and https URLs in ASCII, without a user name, are looked at."""
    assert "must be like https://" in refusal(url, may_connect=anywhere)


def test_a_host_that_is_not_there() -> None:
    """An unknown name, also one that is too long for any resolver, is said to be unknown."""
    assert "no host no-such-host.invalid" in refusal("https://no-such-host.invalid/")
    assert "no host" in refusal(f"https://{'a' * 70}.example/")


def test_a_closed_port(site: Site) -> None:
    """Nobody listens: said with the system's own word for it."""
    site.server.server_close()
    assert "cannot be reached" in refusal(site.url, may_connect=anywhere)


@pytest.mark.parametrize("status", [204, 401, 404, 500])
def test_another_status_is_named(site: Site, status: int) -> None:
    """What is not found or not allowed there is said with its status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    site.answers["/"] = answer
    assert f"status {status}" in refusal(site.url, may_connect=anywhere)


def test_too_much_is_not_read(site: Site) -> None:
    """After 5 MiB nothing more is taken, whatever the server announced."""
    sent = 0

    def answer(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(10 * metadata_fetch.MAX_BYTES // 65536):
                sent += handler.wfile.write(b" " * 65536)
        except OSError:
            pass

    site.answers["/"] = answer
    assert "more than 5 MiB" in refusal(site.url, may_connect=anywhere)
    assert sent < 5 * metadata_fetch.MAX_BYTES


def test_a_broken_off_answer_is_no_answer(site: Site) -> None:
    """Half of a document is not taken for all of it."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(DOCUMENT)

    site.answers["/"] = answer
    assert "cannot be reached" in refusal(site.url, may_connect=anywhere)


def test_what_is_no_http(site: Site) -> None:
    """A server that speaks something else is said to be out of reach, on one line."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"220 mail.example ESMTP\r\nnot HTTP\r\n")

    site.answers["/"] = answer
    assert "\n" not in refusal(site.url, may_connect=anywhere)


@pytest.mark.parametrize("part", ["status", "headers", "body"])
def test_a_server_that_drips_is_cut_off(site: Site, part: str) -> None:
    """The limit is for the whole answer: a byte now and then does not put it off."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if part == "body":
            handler.send_response(200)
            handler.end_headers()
            site.drip(handler, b" ", DOCUMENT)
        elif part == "headers":
            handler.send_response(200)
            handler.flush_headers()
            site.drip(handler, b"X: y\r\n"[:1], b"\r\n\r\n" + DOCUMENT)
        else:
            site.drip(handler, b"H", b"")

    site.answers["/"] = answer
    assert "within 0.3 seconds" in refusal(site.url, may_connect=anywhere, seconds=0.3)


@contextmanager
def tls_site(folder: Path) -> Iterator[Site]:
    pair = keys.generate("127.0.0.1", now=datetime.now(UTC))
    (folder / "site.pem").write_text(pair.certificate + pair.private_key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "site.pem")
    with Site(context=context).running() as site:
        site.answers["/metadata"] = document
        yield site


def test_an_unknown_certificate_is_not_trusted(tmp_path: Path) -> None:
    """HTTPS means a certificate that the system trusts; nothing is asked without one."""
    with tls_site(tmp_path) as site:
        sentence = refusal(f"{site.url}/metadata", may_connect=anywhere)
        assert "certificate of 127.0.0.1 cannot be trusted" in sentence
        assert site.asked == []


def test_a_handshake_that_stalls_is_cut_off(site: Site) -> None:
    """A server that accepts and then says nothing of TLS does not hold us."""
    url = site.url.replace("http:", "https:")

    def answer(handler: BaseHTTPRequestHandler) -> None:
        site.over.wait(30)

    site.answers["/"] = answer
    assert refusal(url, may_connect=anywhere, seconds=0.3)


def test_the_environment_names_no_proxy(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment would see, and could answer, what we ask: it is not used."""
    with ExitStack() as stack:
        proxy = stack.enter_context(Site().running())
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert fetch(f"{site.url}/metadata", may_connect=anywhere) == DOCUMENT
        assert proxy.asked == []


def test_what_an_operator_typed_is_allowed(site: Site) -> None:
    """A literal address, and localhost, are meant; a name that leads there is not."""
    port = site.server.server_port
    for host in ("127.0.0.1", "localhost"):
        url = f"http://{host}:{port}/metadata"
        assert fetch(url, may_connect=as_typed(url)) == DOCUMENT
    assert not as_typed("http://127.0.0.1/")(ip_address("127.0.0.2"))
    assert not as_typed("http://localhost/")(ip_address("10.0.0.1"))
    assert not as_typed("http://inner.example/")(ip_address("10.0.0.1"))
    assert as_typed("http://inner.example/")(ip_address("93.184.215.14"))
