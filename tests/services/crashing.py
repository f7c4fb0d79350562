"""Dies by SIGKILL at the statement it is told to: `python -m tests.services.crashing`.

It forks for each line of standard input, a JSON object: the child carries a step of a sign-in
out and is killed before its `at`-th statement (a COMMIT is one). The answer is the child's exit
status: -9, or 0 where the step has fewer statements.
"""

import json
import os
import signal
import sqlite3
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import Engine, event

from app import create_app
from app.services import sign_in, tenants
from app.services.clients import Client
from saml import schema
from tests.conftest import config_for

CLIENT = Client("203.0.113.7", "a browser")


class Countdown:
    """Kills this process when it has been asked `at` times."""

    def __init__(self, at: int) -> None:
        self._left = at

    def __call__(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def die_at(engine: Engine, at: int) -> None:
    """Arrange for the end before the `at`-th statement of this process."""
    countdown = Countdown(at)

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, *args: Any, **kwargs: Any) -> Any:
            countdown()
            return super().execute(*args, **kwargs)

    @event.listens_for(engine, "connect")
    def _watch(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(countdown)
        else:
            connection.cursor_factory = Cursor

    if engine.dialect.name != "sqlite":
        # SQLite sees its COMMIT as a statement, psycopg does not.
        event.listen(engine, "commit", countdown)


def carry_out(app: Flask, step: str, arguments: dict[str, str], at: int) -> None:
    """Do one step of a sign-in, if it comes to its end."""
    from app.models import db

    now = datetime.now(UTC)
    with app.app_context():
        die_at(db.engine, at)
        tenant = tenants.by_slug(None)
        match step:
            case "receive":
                certs = Path("no-such-folder")
                sign_in.receive(tenant, certs, client=CLIENT, now=now, **arguments)
            case "complete":
                sign_in.complete(tenant, client=CLIENT, now=now, **arguments)


def main() -> None:
    """Serve standard input until it ends."""
    schema.warm_up()
    app_of = cache(lambda url, folder: create_app(config_for(Path(folder), url)))
    for line in sys.stdin:
        job = json.loads(line)
        app = app_of(job["url"], job["folder"])
        child = os.fork()
        if child == 0:
            status = 1
            try:
                carry_out(app, job["step"], job["arguments"], job["at"])
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
