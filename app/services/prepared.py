"""Statements of the sign-in path, compiled once per database instead of once per use.

SQLAlchemy works a statement's cache key out at every execution, which costs more than SQLite
needs to run it. A `Prepared` keeps the SQL text and the converters of its values, and hands
both to the driver's cursor, within the transaction of the connection it is given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import ReturnsRows

_Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    positions: tuple[str, ...] | None
    constants: Mapping[str, Any]
    converters: Mapping[str, _Converter]
    result_converters: tuple[tuple[int, _Converter], ...]


class Prepared:
    """A Core statement whose varying values are `bindparam`s."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def execute(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Run a statement that returns no rows; `values` has exactly its bind parameters.

        Raises SQLAlchemy's own errors, IntegrityError among them.
        """
        self._run(connection, values, fetches=False)

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run the statement and return its rows, each value as its column's type reads it."""
        fetched = self._run(connection, values, fetches=True)
        converters = self._for(connection.dialect).result_converters
        if not converters:
            return fetched
        rows = []
        for row in fetched:
            cells = list(row)
            for position, convert in converters:
                cells[position] = convert(cells[position])
            rows.append(tuple(cells))
        return rows

    def _run(
        self, connection: Connection, values: Mapping[str, Any], *, fetches: bool
    ) -> list[tuple[Any, ...]]:
        dialect = connection.dialect
        compiled = self._for(dialect)
        parameters: Any = {**compiled.constants, **values}
        for name, convert in compiled.converters.items():
            parameters[name] = convert(parameters[name])
        if compiled.positions is not None:
            parameters = [parameters[name] for name in compiled.positions]
        cursor = connection.connection.cursor()
        driver_error = dialect.loaded_dbapi.Error
        try:
            cursor.execute(compiled.sql, parameters)
            return list(cursor.fetchall()) if fetches else []
        except driver_error as error:
            # The parameters stay out of the message: it goes to the log.
            raise DBAPIError.instance(
                compiled.sql, None, error, driver_error, dialect=dialect
            ) from error
        finally:
            cursor.close()

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._statement, dialect)
        return compiled


def _compile(statement: ClauseElement, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    constants = {
        name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required
    }
    converters = {}
    for name, bind in compiled.binds.items():
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None:
            if name in constants:
                constants[name] = convert(constants[name])
            else:
                converters[name] = convert
    result_converters = []
    columns = statement.exported_columns if isinstance(statement, ReturnsRows) else ()
    for position, column in enumerate(columns):
        convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if convert is not None:
            result_converters.append((position, convert))
    return _Compiled(
        sql=compiled.string,
        positions=tuple(compiled.positiontup) if compiled.positiontup is not None else None,
        constants=constants,
        converters=converters,
        result_converters=tuple(result_converters),
    )
