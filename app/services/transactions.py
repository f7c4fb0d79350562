"""The two kinds of transaction. A service opens one; what must happen together is inside it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from app.models import db


class DatabaseAway(Exception):
    """The database does not answer, or is too busy; nothing was changed. Try again soon."""


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction that writes: commits at the end, rolls back on any exception.

    On SQLite it takes the write lock at its beginning. Objects stay readable afterwards.
    Raises DatabaseAway where the database cannot be reached.
    """
    with writing_core() as connection, Session(connection, expire_on_commit=False) as session:
        yield session
        session.flush()


@contextmanager
def reading() -> Iterator[Session]:
    """A transaction that only reads. Raises DatabaseAway like `writing`."""
    with _translated(), Session(db.engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def writing_core() -> Iterator[Connection]:
    """`writing` without the ORM, for the sign-in path."""
    with _translated(), db.engine.connect() as connection:
        connection.execution_options(writes=True)
        with connection.begin():
            yield connection


@contextmanager
def reading_core() -> Iterator[Connection]:
    """`reading` without the ORM, for the sign-in path."""
    with _translated(), db.engine.connect() as connection:
        yield connection


def disconnect() -> None:
    """Close this process's idle connections: before it forks, or hands its database over."""
    db.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except (OperationalError, InterfaceError) as error:
        raise DatabaseAway(str(error.orig)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseAway(str(error.orig)) from error
        raise
