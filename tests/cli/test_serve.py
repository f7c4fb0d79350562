"""`doorward serve`: several workers on one SQLite file, and a clean end."""

import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cli.command_line import SECONDS, CommandLine, free_port, is_free
from tests.cli.visitor import Visitor

pytestmark = pytest.mark.xdist_group("demo")

PASSWORD = "a password long enough"
VISITORS = 24
#: One person from one address: as many at once as the throttle lets wait for their hash.
AT_ONCE = 4


@contextmanager
def serving(doorward: CommandLine, port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    process = doorward.start(["serve", "--port", str(port), *options])
    try:
        assert process.stdout is not None
        assert f":{port}" in process.stdout.readline()
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=SECONDS)


def test_several_workers_share_one_sqlite_file(doorward: CommandLine) -> None:
    """Sign-ins at once through three workers: nobody meets a locked database."""
    port = free_port()
    base_url = f"http://localhost:{port}"
    doorward.ok("tenant", "create", "acme", "--name", "Acme", "--url", base_url)
    create = ["admin", "create", "--username", "boss", "--email", "boss@acme.example"]
    doorward.ok(*create, "--password-stdin", stdin=f"{PASSWORD}\n")

    def visit(_: int) -> int:
        visitor = Visitor(base_url)
        form = visitor.get("/login/password")
        fields = {"csrf_token": form.field("csrf_token"), "username": "boss", "password": PASSWORD}
        visitor.post(form.url, fields)
        return visitor.get("/session").status

    with serving(doorward, port, "--workers", "3") as process:
        _wait_until_it_answers(process, base_url)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            assert set(pool.map(visit, range(VISITORS))) == {200}
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert is_free(port)


def test_a_database_behind_the_code_is_not_served(tmp_path: Path) -> None:
    """An empty database: one line with the command to run, and nothing is migrated by itself."""
    doorward = CommandLine(tmp_path)
    answer = doorward("serve", "--port", str(free_port()))
    assert "doorward db upgrade" in answer.error
    assert "doorward db upgrade" in doorward("tenant", "list").error


def test_a_port_in_use_is_named(doorward: CommandLine) -> None:
    """Two servers cannot share a port: the second one says so in one line."""
    port = free_port()
    with serving(doorward, port) as process:
        _wait_until_it_answers(process, f"http://localhost:{port}")
        taken = doorward("serve", "--port", str(port))
        assert f"port {port} " in taken.error


def test_an_address_that_is_not_ours(doorward: CommandLine) -> None:
    """An address that this machine has not is one line too."""
    assert "198.51.100.7" in doorward("serve", "--host", "198.51.100.7").error
    assert "no address" in doorward("serve", "--host", "no-such-host.invalid").error


def _wait_until_it_answers(process: subprocess.Popen[str], base_url: str) -> None:
    visitor = Visitor(base_url)
    for _ in range(SECONDS * 10):
        with suppress(OSError):
            assert visitor.get("/readyz").status == 200
            return
        with suppress(subprocess.TimeoutExpired):
            pytest.fail(f"the server ended with {process.wait(0.1)}")
    pytest.fail("the server does not answer")
