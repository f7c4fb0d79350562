"""Killed at any moment: no session without its rows, nothing used twice, nothing lost."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from app import create_app
from app.config import Config
from app.domain.refusals import Reason, SignInRefused
from app.models import AuditEvent, PendingSignIn, Session, SignInAttempt, UsedAssertion
from app.services import migrations
from app.services.tenants import Tenant
from app.services.transactions import reading
from tests.factories import make_person, make_tenant, set_up_idp
from tests.idp.client import answer
from tests.idp.mock_idp import MockIdp
from tests.services.test_sign_in import Visit
from tests.serving import free_port, serving

Kill = Callable[[str, dict[str, Any], int], bool]


@pytest.fixture(scope="module")
def crashing() -> Iterator[subprocess.Popen[str]]:
    """The process whose children die; it ends when there are no more orders."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.services.crashing"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    yield process
    process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.fixture
def kill(crashing: subprocess.Popen[str], database_url: str, tmp_path: Path) -> Kill:
    """Carry a step out in a process that dies before its n-th statement; say whether it died."""
    assert crashing.stdin is not None and crashing.stdout is not None
    to_it, from_it = crashing.stdin, crashing.stdout

    def run(step: str, arguments: dict[str, Any], at: int) -> bool:
        job = {"url": database_url, "folder": str(tmp_path), "step": step, "at": at}
        print(json.dumps({**job, "arguments": arguments}), file=to_it, flush=True)
        status = int(from_it.readline())
        assert status in (0, -signal.SIGKILL)
        return status != 0

    return run


@pytest.fixture
def visit(sso_tenant: Tenant, tmp_path: Path, idp: MockIdp, now: datetime) -> Visit:
    make_person(sso_tenant, now=now, username="anna")
    return Visit(sso_tenant, tmp_path / "certs", idp)


def count(table: type[Any], *conditions: Any) -> int:
    with reading() as session:
        query = select(func.count()).select_from(table).where(*conditions)
        return session.execute(query).scalar_one()


def reason_of(step: Callable[[], object]) -> str | None:
    try:
        step()
    except SignInRefused as refused:
        return refused.reason
    return None


def sessions_and_what_belongs_to_them() -> set[int]:
    return {
        count(Session),
        count(SignInAttempt, SignInAttempt.reason.is_(None)),
        count(AuditEvent, AuditEvent.action == "session.started"),
    }


def test_a_response_is_used_up_whole_or_not_at_all(visit: Visit, kill: Kill) -> None:
    """Killed while it is received: the same post again gives a ticket, or was used up by it."""
    outcomes = []
    for at in range(1, 60):
        now = datetime.now(UTC)
        form = visit.form(visit.begin(now), "anna", now)
        arguments = {"saml_response": form["SAMLResponse"], "relay_state": form["RelayState"]}
        before = count(UsedAssertion)
        died = kill("receive", arguments, at)
        used = count(UsedAssertion) - before
        answered = count(PendingSignIn, PendingSignIn.received_at.is_not(None))
        assert answered == count(UsedAssertion), "request and assertion go together"
        reason = reason_of(lambda: visit.receive(form, now))  # noqa: B023 - called at once
        assert reason == (Reason.ALREADY_USED if used else None)
        outcomes.append(used)
        if not died:
            break
    assert outcomes == [0] * (len(outcomes) - 1) + [1]
    assert len(outcomes) > 5


def test_a_session_begins_with_all_its_rows_or_not_at_all(visit: Visit, kill: Kill) -> None:
    """Killed while it completes: the ticket is still good, or session, attempt, event are there."""
    outcomes = []
    for at in range(1, 60):
        now = datetime.now(UTC)
        ticket, browser = visit.ticket("anna", now)
        before = count(Session)
        died = kill("complete", {"ticket": ticket, "browser": browser}, at)
        begun = count(Session) - before
        assert sessions_and_what_belongs_to_them() == {before + begun}
        reason = reason_of(lambda: visit.complete(ticket, browser, now))  # noqa: B023
        assert reason == (Reason.TICKET_UNKNOWN if begun else None)
        assert sessions_and_what_belongs_to_them() == {before + 1}
        outcomes.append(begun)
        if not died:
            break
    assert outcomes == [0] * (len(outcomes) - 1) + [1]
    assert len(outcomes) > 8


def workers_of(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        # A thread may end while it is looked at.
        with suppress(FileNotFoundError):
            found.extend(int(child) for child in (task / "children").read_text().split())
    return found


def wait_until_nobody_listens(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=20).close()
        except (ConnectionRefusedError, ConnectionResetError):
            return


def test_a_killed_server_goes_on_where_it_was(idp: MockIdp, tmp_path: Path) -> None:
    """kill -9 of one worker: replaced. Of all, before the last step: a new server finishes it."""
    environment = {
        **os.environ,
        "DOORWARD_INSTANCE": str(tmp_path),
        "DOORWARD_CERTS": str(tmp_path / "certs"),
    }
    environment.pop("DOORWARD_DATABASE_URL", None)
    port, log = free_port(), tmp_path / "server.log"
    base_url = f"http://127.0.0.1:{port}"
    config = Config.from_environment(environment)
    with create_app(config).app_context():
        migrations.upgrade()
        now = datetime.now(UTC)
        tenant = set_up_idp(
            make_tenant("served", base_url=base_url, now=now), idp.metadata, config.certs, now=now
        )
        make_person(tenant, now=now, username="anna")
        from app.models import db

        db.engine.dispose()

    def ask(method: str, path: str, form: dict[str, str] | None = None, cookie: str = "") -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, urlencode(form) if form else None, headers)
        response = connection.getresponse()
        response.read()
        connection.close()
        return response

    with serving(port, environment, log=log, workers=2) as process:
        first = workers_of(process.pid)
        os.kill(first[0], signal.SIGKILL)
        while len(set(workers_of(process.pid)) - {first[0]}) < 2:
            # What was in the dead one's queue is reset; the server itself goes on.
            with suppress(ConnectionError):
                assert ask("GET", "/healthz").status == 200
            assert process.poll() is None
        begun = ask("GET", "/saml/login")
        cookie = begun.headers["Set-Cookie"].partition(";")[0]
        form = answer(idp, begun.headers["Location"], name_id="anna", now=datetime.now(UTC))
        ticket = ask("POST", "/saml/acs", form).headers["Location"]
        for pid in (process.pid, *workers_of(process.pid)):
            os.kill(pid, signal.SIGKILL)
        process.wait(timeout=20)
        wait_until_nobody_listens(port)
    with serving(port, environment, log=log):
        assert ask("POST", "/saml/acs", form).status == 403
        completed = ask("GET", ticket, cookie=cookie)
        assert (completed.status, completed.headers["Location"]) == (303, "/account")
        session = completed.headers["Set-Cookie"].partition(";")[0]
        assert ask("GET", "/session", cookie=session).status == 200
        assert ask("GET", ticket, cookie=cookie).status == 403
