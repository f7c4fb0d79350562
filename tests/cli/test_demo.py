"""`doorward demo`, really started: its two processes, and everybody it invites to try."""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.command_line import SECONDS, CommandLine, free_port, is_free
from tests.cli.visitor import Visitor

# One demo serves all of these tests: they run in one worker.
pytestmark = pytest.mark.xdist_group("demo")

ROLES = ["sso-id", "primary-email", "username", "employee-number"]
REFUSED = {4: "NO_MATCH", 5: "ACCOUNT_DISABLED", 6: "NO_MATCH"}


class Demo:
    """A demo that runs; `text` is what it said when it was ready."""

    def __init__(self, process: subprocess.Popen[str], port: int, idp_port: int) -> None:
        self.process = process
        self.ports = (port, idp_port)
        self.base_url = f"http://localhost:{port}"
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        else:
            pytest.fail(f"the demo did not start: {process.communicate()}")
        self.text = "".join(lines)

    @property
    def password(self) -> str:
        found = re.search(r"username admin +password (\S+)", self.text)
        assert found is not None, self.text
        return found[1]

    def stop(self, how: signal.Signals) -> int:
        """End it and everything that has its stderr; return its exit status."""
        self.process.send_signal(how)
        self.process.wait(SECONDS)
        assert self.process.stderr is not None
        assert "Traceback" not in self.process.stderr.read()
        return self.process.returncode


@contextmanager
def running(folder: Path, *options: str, ports: tuple[int, int] | None = None) -> Iterator[Demo]:
    port, idp_port = ports or (free_port(), free_port())
    command = ["demo", "--port", str(port), "--idp-port", str(idp_port), *options]
    process = CommandLine(folder).start(command)
    try:
        yield Demo(process, port, idp_port)
    finally:
        was_stopped = process.poll() is not None
        process.terminate()
        _, log = process.communicate(timeout=SECONDS)
        assert was_stopped or process.returncode == 0, log
        assert "Traceback" not in log


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running(tmp_path_factory.mktemp("demo")) as started:
        yield started


@pytest.fixture
def visitor(demo: Demo) -> Visitor:
    return Visitor(demo.base_url)


def test_it_says_what_to_open(demo: Demo) -> None:
    """The first screen names the address, the drawer, the roles and the rescue."""
    for words in (
        demo.base_url,
        f":{demo.ports[1]}/drawer",
        "NW-7Q2K9",
        "/login/emergency",
        "found by employee number",
        "refused: ambiguous",
    ):
        assert words in demo.text


@pytest.mark.parametrize(("number", "rule"), list(enumerate(ROLES)))
def test_an_employee_for_each_rule_comes_in(visitor: Visitor, number: int, rule: str) -> None:
    """S2.23 to S2.26, over HTTP and through the mock IdP: each rule finds its employee."""
    page = visitor.sign_in_as(number)
    assert (page.status, page.url) == (200, f"{visitor.base_url}/account")
    who = visitor.session()
    assert (who["tenant"], who["signedInBy"]["rule"]) == ("northwind", rule)


@pytest.mark.parametrize(("number", "code"), list(REFUSED.items()))
def test_the_others_are_refused(visitor: Visitor, number: int, code: str) -> None:
    """S2.28: no match, a disabled account and a shared address end on a page that says so."""
    page = visitor.sign_in_as(number)
    assert page.status == 403
    assert code in page.text
    assert "Reference" in page.text
    assert visitor.get("/session").status == 401


def test_the_administrator_comes_in_both_ways(demo: Demo) -> None:
    """By single sign-on, and with the printed password where the IdP is of no help."""
    by_sso = Visitor(demo.base_url)
    by_sso.sign_in_as(7)
    assert by_sso.session()["username"] == "admin"

    in_emergency = Visitor(demo.base_url)
    form = in_emergency.get("/login/emergency")
    fields = {"username": "admin", "password": demo.password, "reason": "The demo's test"}
    in_emergency.post(form.url, {"csrf_token": form.field("csrf_token"), **fields})
    assert in_emergency.session()["signedInBy"]["method"] == "emergency"


def test_ports_in_use_are_named(demo: Demo, tmp_path: Path) -> None:
    """A taken port is one line that says which, and how to choose another; nothing is touched."""
    port, idp_port = demo.ports
    other = str(free_port())
    doorward = CommandLine(tmp_path)
    taken = doorward("demo", "--port", str(port), "--idp-port", other)
    assert f"port {port} " in taken.error
    assert "--port" in taken.error
    taken = doorward("demo", "--port", other, "--idp-port", str(idp_port))
    assert f"port {idp_port} " in taken.error
    assert "--idp-port" in taken.error
    assert not (tmp_path / "demo").exists()


def test_one_port_for_both_is_bad_usage(tmp_path: Path) -> None:
    """Both processes cannot have one port: that is said with the status of bad usage."""
    answer = CommandLine(tmp_path)("demo", "--port", "8000", "--idp-port", "8000")
    assert answer.status == 2
    assert "differ" in answer.err


def test_it_ends_cleanly_and_is_found_again(tmp_path: Path, doorward: CommandLine) -> None:
    """Ctrl-C ends both processes; the next start finds the same company, --reset a new one.

    All the while the database that the operator's environment means is left alone.
    """
    before = (tmp_path / "doorward.sqlite3").read_bytes()
    with running(tmp_path) as first:
        visitor = Visitor(first.base_url)
        visitor.sign_in_as(0)
        kept = visitor.session()
        assert first.stop(signal.SIGINT) == 0
    assert all(is_free(port) for port in first.ports)
    with running(tmp_path, ports=first.ports) as second:
        assert second.password == first.password
        assert visitor.session() == kept
    with running(tmp_path, "--reset", ports=first.ports) as third:
        assert third.password != first.password
        assert visitor.get("/session").status == 401
    assert (tmp_path / "doorward.sqlite3").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo", "doorward.sqlite3"]


def test_a_killed_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    """Even a SIGKILL, which nobody can handle, leaves no process that holds the ports."""
    with running(tmp_path) as demo:
        # Its children have the same stderr: that this returns means that they are gone too.
        demo.stop(signal.SIGKILL)
        assert all(is_free(port) for port in demo.ports)
