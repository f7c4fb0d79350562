"""Cells of the CSV files that we write, safe to open in a spreadsheet."""

#: What spreadsheets take for the beginning of a formula, wide forms of the signs included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain_text(value: str | None) -> str:
    """Return a cell that no spreadsheet runs: an apostrophe goes before a formula's sign."""
    if value is None:
        return ""
    return f"'{value}" if value.startswith(_FORMULA) else value
