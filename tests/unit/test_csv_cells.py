"""The CSV files that we write do nothing in a spreadsheet."""

import pytest

from app.domain.csv_cells import plain_text


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", "＝1+1", "＠x"],
)
def test_no_formula(cell: str) -> None:
    """A cell that a spreadsheet would calculate begins with an apostrophe instead."""
    assert plain_text(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["anna", "anna@x.example", "00042", "a=b", "", "'x", " x"])
def test_everything_else(cell: str) -> None:
    """What is no formula stays as it is."""
    assert plain_text(cell) == cell


def test_nothing() -> None:
    """What there is not is an empty cell."""
    assert plain_text(None) == ""
