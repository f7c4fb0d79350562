"""Rows of many values in one statement, by index whatever the database knows of the table."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    bindparam,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

_AT_ONCE = 2000


def rows_by_value(
    executor: Session | Connection,
    columns: Sequence[Column[Any]],
    column: Column[Any],
    values: Collection[str],
    conditions: Sequence[ColumnElement[bool]],
    *,
    at_most: int | None = None,
    first: Sequence[Column[Any]] = (),
) -> Iterator[Row[Any]]:
    """Return the rows of a table that hold one of `values` in `column` and meet `conditions`.

    Where `at_most` is given, that many rows of one value come back, the `first` ones by these
    columns.
    """
    connection = executor.connection() if isinstance(executor, Session) else executor
    query = _on_postgresql if connection.dialect.name == "postgresql" else _on_sqlite
    wanted = sorted(values)
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        yield from connection.execute(query(columns, column, part, conditions, at_most, first))


def _on_postgresql(
    columns: Sequence[Column[Any]],
    column: Column[Any],
    values: list[str],
    conditions: Sequence[ColumnElement[bool]],
    at_most: int | None,
    first: Sequence[Column[Any]],
) -> Select[Any]:
    """One look into the index for each value.

    Of a table that has just been filled the planner knows nothing, and prefers to read all of
    it for a list of values. A subquery with a limit or an offset is run for each value apart.
    """
    listed = func.unnest(bindparam(None, values, ARRAY(String)))
    given = listed.table_valued("value", name="given").render_derived()
    apart = select(*columns).where(*conditions, column == given.c.value).order_by(*first)
    each = (apart.offset(0) if at_most is None else apart.limit(at_most)).lateral()
    return select(*each.c).select_from(given.join(each, true()))


def _on_sqlite(
    columns: Sequence[Column[Any]],
    column: Column[Any],
    values: list[str],
    conditions: Sequence[ColumnElement[bool]],
    at_most: int | None,
    first: Sequence[Column[Any]],
) -> Select[Any]:
    # A list of parameters would be as good, and far slower to hand over.
    given = func.json_each(json.dumps(values)).table_valued("value", name="given")
    wanted = [*conditions, column.in_(select(given.c.value))]
    if at_most is None:
        return select(*columns).where(*wanted)
    nth = func.row_number().over(partition_by=column, order_by=first).label("nth")
    ranked = select(*columns, nth).where(*wanted).subquery()
    kept = [ranked.c[one.name] for one in columns]
    return select(*kept).where(ranked.c.nth <= at_most)
