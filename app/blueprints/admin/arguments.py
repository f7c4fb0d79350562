"""Query parameters of the administrators' lists, read so that nothing in them can do harm."""

import uuid
from datetime import date

from flask import request

_MOST = 512


def text(name: str) -> str | None:
    """Return a parameter without the white space around it, None where nothing is left.

    As in what the log keeps, NUL is replaced, which PostgreSQL cannot compare with.
    """
    return request.args.get(name, "").replace("\0", "\ufffd").strip()[:_MOST] or None


def chosen(name: str, choices: tuple[str, ...]) -> str | None:
    """Return a parameter if it is one of `choices`."""
    value = request.args.get(name)
    return value if value in choices else None


def row_id(name: str) -> str | None:
    """Return a parameter that is the ID of a row, in its one spelling; else None."""
    try:
        return str(uuid.UUID(request.args.get(name, "")))
    except ValueError:
        return None


def day(name: str) -> date | None:
    """Return a parameter that is a date such as 2026-11-22. Raises ValueError for another text."""
    value = text(name)
    return date.fromisoformat(value) if value is not None else None
