"""The import's file: every fault is named by its line, and nothing is guessed."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.people_csv import COLUMNS, MAX_ROW, Broken, Row, rows

NAMES = "givenName,familyName"


def read(text: str | bytes) -> list[Row]:
    return list(rows(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def faults(text: str) -> dict[int, tuple[str, ...]]:
    return {row.line: row.faults for row in read(text) if row.faults}


def test_a_full_row() -> None:
    """Every column has its place; names of groups are separated by semicolons."""
    (row,) = read(
        f"{','.join(COLUMNS)}\n"
        "00042,Anna,Larsen,anna@x.example,alarsen,AL-77,true,Northwind,Finance,"
        '"Staff member; HR ;;HR",true\n'
    )
    assert row == Row(
        line=2,
        given_name="Anna",
        family_name="Larsen",
        employee_number="00042",
        primary_email="anna@x.example",
        email_is_shared=True,
        username="alarsen",
        sso_id="AL-77",
        is_enabled=True,
        company="Northwind",
        structure_level="Finance",
        groups=("Staff member", "HR"),
    )


def test_columns_may_be_absent_and_in_any_order() -> None:
    """Only the names are needed; what has no column is empty, and an account is not enabled."""
    (row,) = read("familyName,username,givenName\nLarsen,alarsen,Anna\n")
    assert row == Row(2, "Anna", "Larsen", username="alarsen")


@pytest.mark.parametrize(
    "data",
    [
        f"{NAMES}\nAnna,Larsen\n".encode(),
        f"{NAMES}\nAnna,Larsen".encode(),
        f"{NAMES}\r\nAnna,Larsen\r\n".encode(),
        f"\ufeff{NAMES}\r\nAnna,Larsen\r\n".encode(),
        '\ufeff"givenName","familyName"\n"Anna","Larsen"\n'.encode(),
        b" givenName , familyName \n  Anna ,\tLarsen\n",
        f"\n\n{NAMES}\n\nAnna,Larsen\n,\n\n".encode(),
    ],
)
def test_files_as_programs_write_them(data: bytes) -> None:
    """Byte order mark, CRLF, white space and empty rows change nothing."""
    (row,) = read(data)
    assert (row.given_name, row.family_name, row.faults) == ("Anna", "Larsen", ())


def test_lines_are_physical() -> None:
    """A row is named by its first line in the file, whatever lies before it."""
    text = f'{NAMES},company\r\n\r\nAnna,"Lar\r\nsen",x\r\nBo,Berg\r\n"C\n\n\nc",Dahl\n'
    assert [(row.line, bool(row.faults)) for row in read(text)] == [
        (3, False),
        (5, True),
        (6, True),
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", '=HYPERLINK("x")', "=cmd|'/c'!A1"])
def test_formulas_are_plain_text(cell: str) -> None:
    """A cell that begins with a formula's sign is read as it stands."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["givenName", "familyName"], [cell, "Larsen"]])
    (row,) = read(buffer.getvalue())
    assert row.given_name == cell


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Anna,Larsen", "the row has 2 cells, the header has 11"),
        ("Anna,Larsen,,,,,,,,,,,", "cells"),
        (",Larsen,,,,,,,,,", "givenName is missing"),
        ("Anna,,,,,,,,,,", "familyName is missing"),
        ("Anna,Larsen,,,u,,yes,,,,", "isEnabled must be true or false, not 'yes'"),
        ("Anna,Larsen,,,u,,1,,,,", "isEnabled must be true or false"),
        ("Anna,Larsen,,,,,true,,,,", "isEnabled is for accounts"),
        ("Anna,Larsen,,,,S,,,,,", "ssoId is for accounts"),
        ("Anna,Larsen,,,,,,,,HR,", "permissionGroups is for accounts"),
        ("Anna,Larsen,,,,,,,,,true", "sharedEmail needs a primaryEmail"),
        ("Anna,Larsen,,,,,,,,,perhaps", "sharedEmail must be true or false"),
        (f"Anna,Larsen,,,,,,{'x' * 201},,,", "company must have at most 200"),
        ("Anna,Larsen,,,,,,,a\x07b,,", "structureLevel must have at most 200"),
    ],
)
def test_a_bad_row(row: str, words: str) -> None:
    """A fault is told with its cause, and the rows around it are read."""
    header = f"{NAMES},employeeNumber,primaryEmail,username,ssoId,isEnabled,company,structureLevel"
    header += ",permissionGroups,sharedEmail"
    good = "Bo,Berg" + "," * 9
    (told,) = faults(f"{header}\n{good}\n{row}\n{good}\n").items()
    assert told[0] == 3
    assert any(words in fault for fault in told[1])


def test_all_faults_of_a_row() -> None:
    """What is wrong with a row is told at once."""
    assert len(faults(f"{NAMES},username,isEnabled\n,,u,maybe\n")[2]) == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\n\n , \n", "the file is empty"),
        (b"givenName\nAnna\n", "line 1: the column familyName is missing"),
        (b"givenName,familyName,shoeSize\n", "line 1: unknown column 'shoeSize': columns are"),
        (b"givenName,familyName,userName\n", "do you mean username?"),
        (b"givenName,familyName,e-mail\n", "line 1: unknown column 'e-mail'"),
        (b"givenName,familyName,givenName\n", "line 1: the column givenName is there twice"),
        (b"givenName,familyName,\n", "line 1: a column has no name"),
        (b"givenName;familyName\nAnna;Larsen\n", "line 1: the columns are separated by semicolons"),
        (b"sep=;\ngivenName;familyName\n", "line 1: the columns are separated by semicolons"),
        (b"givenName\tfamilyName\n", "line 1: the columns are separated by tabs"),
        ("givenName,familyName\nJosé,Núñez\n".encode("latin-1"), "line 2: byte 4 is not UTF-8"),
        ("givenName,familyName\n".encode("utf-16"), "line 1: the file is in UTF-16"),
        (b"givenName,familyName\nAn\0na,Larsen\n", "line 2: there is a NUL byte"),
        (b"givenName,familyName\rAnna,Larsen\r", "line 1: there is a carriage return"),
        (b'givenName,familyName\nAnna,"Larsen\nBo,Berg\n', "line 2: a quotation mark is left open"),
        (b'givenName,familyName\nA,B\nAnna,"Lar"sen\n', "line 3: after a closing quotation mark"),
        (b"givenName,familyName\n" + b"x" * (MAX_ROW + 1), "line 2: this row is longer"),
        (b'givenName,familyName\nA,"' + b"x\n" * MAX_ROW, "line 2: this row is longer"),
        (b"\x89PNG\r\n\x1a\n", "line 1"),
        (b"PK\x03\x04\x14\x00\x06\x00", "line 1: there is a NUL byte"),
    ],
)
def test_what_is_no_such_file(data: bytes, words: str) -> None:
    """A file that cannot be read is refused in one sentence, with the line and the cause."""
    with pytest.raises(Broken) as broken:
        read(data)
    assert words in str(broken.value)
    assert "\n" not in str(broken.value)


def test_rows_before_the_broken_one_are_read() -> None:
    """Where a file breaks off, what was before is known already."""
    found = rows(io.BytesIO(b"givenName,familyName\nAnna,Larsen\n\xff\n"))
    assert next(found).given_name == "Anna"
    with pytest.raises(Broken):
        next(found)


cells = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).filter(
    lambda text: text == text.strip(" \t\r\n")
)


@given(people=st.lists(st.tuples(cells.filter(bool), cells.filter(bool)), max_size=5))
def test_what_is_written_is_read(people: list[tuple[str, str]]) -> None:
    """What a CSV program writes comes out as it went in, quotation marks and commas included."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["givenName", "familyName"])
    writer.writerows(people)
    assert [(row.given_name, row.family_name) for row in read(buffer.getvalue())] == people


@given(data=st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Whatever the file holds, it is read or refused: there is no other error."""
    for prefix in (b"", b"givenName,familyName,isEnabled\n"):
        try:
            read(prefix + data)
        except Broken as broken:
            assert str(broken)
