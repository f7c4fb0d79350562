"""Instants: read from any time zone, written in UTC, never off the calendar's ends."""

from datetime import UTC, datetime, timedelta

import pytest

from saml import instants


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        (" 2026-01-01T00:00:00.5Z\n", datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-01-01T00:00:00.1234567Z", datetime(2026, 1, 1, 0, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-01-01T01:30:00+01:30", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_utc(text: str, moment: datetime) -> None:
    """Up to seven and more digits of a second, any offset: one moment in UTC."""
    assert instants.read(text) == moment
    assert instants.read(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-13-01T00:00:00Z",
        "2026-01-01T24:30:00Z",
        "0000-01-01T00:00:00Z",
        "2026-01-01T00:00:00+25:00",
        "2026-01-01T00:00:00Z\n\nZ",
        "٢٠٢٦-01-01T00:00:00Z",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    """A date alone, a local time, an impossible one: ValueError and nothing else."""
    with pytest.raises(ValueError):
        instants.read(text)


@pytest.mark.parametrize(
    "text",
    ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"],
)
def test_a_skew_can_be_added_to_any_instant(text: str) -> None:
    """The ends of the calendar stay computable: no OverflowError at the ends."""
    skew = timedelta(days=1)
    moment = instants.read(text)
    assert moment - skew < moment < moment + skew
    assert (moment > datetime(2026, 1, 1, tzinfo=UTC)) is text.startswith("9")


def test_what_is_written_is_read_again() -> None:
    """Written to the second, with a Z."""
    moment = datetime(2026, 7, 1, 12, 30, 15, 999, tzinfo=UTC)
    assert instants.write(moment) == "2026-07-01T12:30:15Z"
    assert instants.read(instants.write(moment)) == moment.replace(microsecond=0)
