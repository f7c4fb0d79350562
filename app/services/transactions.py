"""The two kinds of transaction. A service opens one; what must happen together is inside it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.models import db
from app.services.errors import Invalid


class DatabaseAway(Exception):
    """The database does not answer, or is too busy; nothing was changed. Try again soon."""


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction that writes: commits at the end, rolls back on any exception.

    On SQLite it takes the write lock at its beginning. Objects stay readable afterwards.
    Raises DatabaseAway where the database cannot be reached, Invalid where it cannot store
    a value.
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
    except (DataError, UnicodeEncodeError) as error:
        # Whoever takes a value in checks it; what slipped through is bad input all the same.
        raise Invalid(
            "", "A value is too long, or has a character that cannot be stored."
        ) from error
    except (OperationalError, InterfaceError, InternalError, PoolTimeout) as error:
        raise DatabaseAway(str(getattr(error, "orig", error))) from error
    except DBAPIError as error:
        # SQLite says no more than "DatabaseError" of a file that is none of its own.
        if error.connection_invalidated or type(error) is DatabaseError:
            raise DatabaseAway(str(error.orig)) from error
        raise
