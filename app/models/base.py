"""The base of every table, the column types, and how a database is opened.

Flask-SQLAlchemy keeps one engine per application; `configure_engine` sets what each SQLite
connection needs. Transactions begin here too: SQLite is told at BEGIN whether a transaction
will write, so that two writers queue instead of failing half-way.
"""

import sqlite3
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    Dialect,
    Engine,
    MetaData,
    String,
    Table,
    event,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
BUSY_TIMEOUT_MS = 10_000


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as whole microseconds since 1970: sorts alike everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


#: A value in canonical form. Compared byte by byte in every database, whatever its locale, so
#: that "begins with" is a range of the index.
Key = String(256).with_variant(String(256, collation="C"), "postgresql")


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can name it too."""

    if TYPE_CHECKING:
        __table__: ClassVar[Table]

    # A registry rather than class attributes: Flask-SQLAlchemy derives a class from this one.
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s",
                "pk": "pk_%(table_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
            }
        ),
        type_annotation_map={
            datetime: Instant,
            dict[str, Any]: JSON(none_as_null=True),
            list[Any]: JSON(none_as_null=True),
            str: String,
        },
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


def new_id() -> str:
    """A random UUID in its usual spelling: the primary key of nearly every table."""
    return str(uuid.uuid4())


class Identified:
    """A row with a random UUID as primary key."""

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)


def configure_engine(engine: Engine) -> None:
    """Give every SQLite connection its settings and explicit transactions; else do nothing."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _settings(connection: sqlite3.Connection, _record: object) -> None:
        # Python's sqlite3 begins transactions by its own rules; we say BEGIN ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails at once when another one wrote
        # in between; taking the write lock at BEGIN makes it wait its turn instead.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
