"""A real PostgreSQL for the tests: one cluster a run, made when the first test asks for it.

The cluster lies in a temporary folder, listens on a socket in it only, and is removed at the end.
All pytest-xdist workers share it: the controller names the folder and removes it, the worker that
needs it first makes it, under a file lock.
"""

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests import machine

FOLDER_VARIABLE = "DOORWARD_TESTS_POSTGRES_FOLDER"
USER = "doorward"

#: Speed over safety: the data is gone at the end of the run anyway.
SERVER_OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c shared_buffers=32MB -c max_connections=200 -c autovacuum=off -c wal_level=minimal "
    "-c max_wal_senders=0"
)


class Cluster:
    """A running PostgreSQL server, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, database: str) -> str:
        """SQLAlchemy's URL of a database of this cluster."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template0") -> None:
        """Make a database: a copy of `template`, which nobody may be connected to."""
        self._execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY wal_log')

    def drop(self, database: str) -> None:
        """Remove a database, closing what connections are left to it."""
        self._execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def template(self, name: str, prepare: Callable[[str], None]) -> str:
        """The database `name`, made once a run: empty, then filled by `prepare(url)`.

        `prepare` must have closed its connections when it returns.
        """
        with _locked(self.folder):
            done = self.folder / f"{name}.ready"
            if not done.exists():
                self.drop(name)
                self.create(name)
                prepare(self.url(name))
                done.touch()
        return name

    def _execute(self, statement: str) -> None:
        conninfo = f"host={self.folder} user={USER} dbname=postgres"
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres_cluster() -> Cluster:
    """The run's PostgreSQL server; skips, or fails in CI, where it is not installed."""
    binaries = machine.require("initdb").resolve().parent
    folder = Path(os.environ[FOLDER_VARIABLE])
    with _locked(folder):
        if not (folder / "data" / "postmaster.pid").exists():
            _start(binaries, folder)
    return Cluster(folder)


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """The URL of a database of the test's own, without a table, dropped after it."""
    database = f"test_{uuid4().hex}"
    postgres_cluster.create(database)
    yield postgres_cluster.url(database)
    postgres_cluster.drop(database)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        # Short, since the path of a socket may have about a hundred bytes only.
        os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="doorward-pg-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        folder = Path(os.environ.pop(FOLDER_VARIABLE))
        if (folder / "data" / "postmaster.pid").exists():
            binaries = machine.require("initdb").resolve().parent
            _run([binaries / "pg_ctl", "stop", "-D", folder / "data", "-m", "immediate"], folder)
        shutil.rmtree(folder)


def _start(binaries: Path, folder: Path) -> None:
    if os.geteuid() == 0:
        os.chown(folder, *_unprivileged())
    data = folder / "data"
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    _run([binaries / "initdb", "-D", data, "-U", USER, *options], folder)
    log = folder / "server.log"
    server_options = f"-k '{folder}' {SERVER_OPTIONS}"
    _run([binaries / "pg_ctl", "start", "-w", "-D", data, "-l", log, "-o", server_options], folder)


def _run(command: list[str | Path], folder: Path) -> None:
    """Run one of PostgreSQL's programs, which refuse to be run by root, in `folder`."""
    user, group = _unprivileged() if os.geteuid() == 0 else (None, None)
    # The server outlives `pg_ctl`: a pipe would stay open for as long, so it writes to a file.
    with (folder / "output.log").open("w+b") as output:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        output.seek(0)
        if done.returncode:
            words = output.read().decode(errors="replace")
            raise RuntimeError(f"{Path(command[0]).name} failed:\n{words}")


def _unprivileged() -> tuple[int, int]:
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
