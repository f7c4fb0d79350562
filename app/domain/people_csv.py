"""The file of `doorward people import`: lines of bytes in, rows or faults out.

Every fault names the physical line that it is on (for a row over several lines, the first).
Faults of a row leave the other rows readable; a `Broken` file cannot be read any further.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import BinaryIO

REQUIRED = ("givenName", "familyName")
COLUMNS = (
    "employeeNumber",
    *REQUIRED,
    "primaryEmail",
    "username",
    "ssoId",
    "isEnabled",
    "company",
    "structureLevel",
    "permissionGroups",
    "sharedEmail",
)
#: Bytes in one row, far more than a row of permitted values can have.
MAX_ROW = 64 * 1024
MAX_NAME = 200
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BLANK = " \t\r\n"
_BOOLEANS = {"true": True, "false": False, "": False}


class Broken(Exception):
    """The file cannot be read from here on; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person as the file has it. Empty cells are None; `faults` say what is wrong."""

    line: int
    given_name: str
    family_name: str
    employee_number: str | None = None
    primary_email: str | None = None
    email_is_shared: bool = False
    username: str | None = None
    sso_id: str | None = None
    is_enabled: bool = False
    company: str | None = None
    structure_level: str | None = None
    groups: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def rows(file: BinaryIO) -> Iterator[Row]:
    """Read the file row by row. Raises Broken for what is no such file at all."""
    lines = _Lines(file)
    # Strict: a quotation mark in the wrong place would silently join cells and rows.
    reader = csv.reader(lines, strict=True)
    header: list[str] | None = None
    while True:
        lines.begin_row()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Broken(f"line {lines.first}: {_plain_words(error)}") from None
        if cells is None:
            break
        cells = [cell.strip(_BLANK) for cell in cells]
        if not any(cells):
            continue
        if header is None:
            header = _header(cells, lines.first)
        else:
            yield _row(lines.first, header, cells)
    if header is None:
        raise Broken("the file is empty")


class _Lines:
    """The file's lines as text, counted; a row that goes on for ever is stopped."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._read = 0
        self._left = MAX_ROW
        self.first = 1

    def begin_row(self) -> None:
        """The next line is the first of a row."""
        self.first = self._read + 1
        self._left = MAX_ROW

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(self._left + 1):
            self._read += 1
            self._left -= len(line)
            yield self._text(line)

    def _text(self, line: bytes) -> str:
        if self._read == 1:
            if line.startswith(_UTF_16):
                raise Broken("line 1: the file is in UTF-16: save it as CSV in UTF-8")
            line = line.removeprefix(_BOM)
        if b"\0" in line:
            raise Broken(f"line {self._read}: there is a NUL byte: this is no text file")
        if b"\r" in line.removesuffix(b"\n").removesuffix(b"\r"):
            raise Broken(
                f"line {self._read}: there is a carriage return inside the line: "
                "end lines with LF or CRLF"
            )
        if self._left < 0:
            raise Broken(
                f"line {self.first}: this row is longer than {MAX_ROW} bytes; "
                "is a quotation mark left open?"
            )
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Broken(
                f"line {self._read}: byte {error.start + 1} is not UTF-8: "
                "save the file as CSV in UTF-8"
            ) from None


def _plain_words(error: csv.Error) -> str:
    words = str(error)
    if "end of data" in words:
        return "a quotation mark is left open"
    if "expected after" in words:
        return "after a closing quotation mark there must be a comma or the line's end"
    return words


def _header(cells: Sequence[str], line: int) -> list[str]:
    for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(cells) == 1 and separator in cells[0]:
            raise Broken(
                f"line {line}: the columns are separated by {name}: save the file with commas"
            )
    found = []
    for cell in cells:
        if cell not in COLUMNS:
            raise Broken(f"line {line}: {_unknown(cell)}")
        if cell in found:
            raise Broken(f"line {line}: the column {cell} is there twice")
        found.append(cell)
    for name in REQUIRED:
        if name not in found:
            raise Broken(f"line {line}: the column {name} is missing")
    return found


def _unknown(cell: str) -> str:
    if not cell:
        return "a column has no name"
    by_small = {name.lower(): name for name in COLUMNS}
    near = get_close_matches(cell.lower(), by_small, n=1)
    hint = f"do you mean {by_small[near[0]]}?" if near else f"columns are {', '.join(COLUMNS)}"
    return f"unknown column {cell[:60]!r}: {hint}"


def _row(line: int, header: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) != len(header):
        words = f"the row has {len(cells)} cells, the header has {len(header)}"
        return Row(line, "", "", faults=(words,))
    given = dict(zip(header, cells, strict=True))
    faults: list[str] = []
    is_enabled = _boolean("isEnabled", given, faults)
    email_is_shared = _boolean("sharedEmail", given, faults)
    faults.extend(f"{name} is missing" for name in REQUIRED if not given[name])
    faults.extend(
        f"{name} must have at most {MAX_NAME} printable characters"
        for name in ("company", "structureLevel")
        if len(given.get(name, "")) > MAX_NAME or not given.get(name, "").isprintable()
    )
    groups = _names(given.get("permissionGroups", ""))
    if not given.get("username"):
        needs = {"ssoId": given.get("ssoId"), "permissionGroups": groups, "isEnabled": is_enabled}
        faults.extend(
            f"{name} is for accounts: give a username too" for name, it in needs.items() if it
        )
    if email_is_shared and not given.get("primaryEmail"):
        faults.append("sharedEmail needs a primaryEmail")
    return Row(
        line=line,
        given_name=given["givenName"],
        family_name=given["familyName"],
        employee_number=given.get("employeeNumber") or None,
        primary_email=given.get("primaryEmail") or None,
        email_is_shared=email_is_shared,
        username=given.get("username") or None,
        sso_id=given.get("ssoId") or None,
        is_enabled=is_enabled,
        company=given.get("company") or None,
        structure_level=given.get("structureLevel") or None,
        groups=groups,
        faults=tuple(faults),
    )


def _boolean(name: str, given: dict[str, str], faults: list[str]) -> bool:
    value = given.get(name, "")
    found = _BOOLEANS.get(value.lower())
    if found is None:
        faults.append(f"{name} must be true or false, not {value[:40]!r}")
    return bool(found)


def _names(cell: str) -> tuple[str, ...]:
    names: Iterable[str] = (name.strip(_BLANK) for name in cell.split(";"))
    return tuple(dict.fromkeys(name for name in names if name))
