"""Instants as SAML writes them: xs:dateTime in UTC (core 1.3.3)."""

import re
from datetime import UTC, datetime
from typing import Final

_INSTANT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(Z|[+-]\d\d:\d\d)\Z"
)
# Callers add a clock skew, which must not run off the calendar's ends.
_EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9900, 1, 1, tzinfo=UTC)


def read(value: str) -> datetime:
    """Read an xs:dateTime with a time zone, as UTC; digits past microseconds are dropped.

    What lies before 1900 or past 9900 is read as those. Raises ValueError for anything else,
    a local time among them.
    """
    match = _INSTANT.match(value.strip(" \t\r\n"))
    if match is None:
        raise ValueError(f"not an instant in UTC: {value[:40]!r}")
    fraction = (match[7] or "").ljust(6, "0")[:6]
    zone = "+00:00" if match[8] == "Z" else match[8]
    moment = datetime.fromisoformat(
        f"{match[1]}-{match[2]}-{match[3]}T{match[4]}:{match[5]}:{match[6]}.{fraction}{zone}"
    )
    return min(max(moment, _EARLIEST), _LATEST).astimezone(UTC)


def write(moment: datetime) -> str:
    """Write an aware datetime to the second, such as 2026-01-01T00:00:00Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
