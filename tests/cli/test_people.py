"""`doorward people import`, as an operator types it."""

import json
import os
import pty
import select
import subprocess
from contextlib import suppress

import pytest

from app.domain.people_csv import COLUMNS
from tests.cli.command_line import COMMAND, SECONDS, CommandLine
from tests.cli.companies import settle

HEADER = "employeeNumber,givenName,familyName,primaryEmail,username,isEnabled,permissionGroups\n"
ANNA = "00042,Anna,Larsen,anna@x.example,anna,true,System administrator\n"
BO = "00043,Bo,Berg,bo@x.example,,,\n"


@pytest.fixture
def company(doorward: CommandLine) -> CommandLine:
    """The command line with one tenant."""
    return settle(doorward)


def written(company: CommandLine, data: str | bytes, name: str = "staff.csv") -> str:
    path = company.folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def signs_in(company: CommandLine, name_id: str) -> bool:
    answer = json.loads(company.ok("match", name_id, "--tenant", "northwind", "--json"))
    found: bool = answer["signsIn"]
    return found


def test_an_import(company: CommandLine) -> None:
    """S2.2: a dry run keeps nothing, the import makes people, and again is refused by line."""
    file = written(company, HEADER + ANNA + BO)
    command = ("people", "import", file, "--tenant", "northwind")
    would = company.ok(*command, "--dry-run")
    assert would == (
        "Would import 2 people, 1 with an account, 1 of these enabled. Nothing was kept.\n"
        "1 of them would become system administrators.\n"
    )
    assert not signs_in(company, "anna")
    assert company.ok(*command) == (
        "Imported 2 people, 1 with an account, 1 of these enabled.\n"
        "1 of them became system administrators.\n"
    )
    assert signs_in(company, "anna")
    assert not signs_in(company, "bo@x.example")
    again = company(*command)
    assert (again.status, again.out) == (1, "")
    assert again.err.splitlines() == [
        f"{file}: line 2: employeeNumber is Anna Larsen's already; people are not updated",
        f"{file}: line 3: employeeNumber is Bo Berg's already; people are not updated",
        "doorward: nothing was imported: 2 rows are bad",
    ]


def test_bad_rows(company: CommandLine) -> None:
    """Every bad row is named by its line, very many are counted, and nothing is half done."""
    rows = [f"{n},A,B,,u{n},yes,\n" for n in range(120)]
    answer = company("people", "import", written(company, HEADER + ANNA + "".join(rows)))
    assert (answer.status, answer.out) == (1, "")
    lines = answer.err.splitlines()
    assert len(lines) == 102
    assert lines[0].endswith("staff.csv: line 3: isEnabled must be true or false, not 'yes'")
    assert lines[-2].endswith("staff.csv: and 20 more")
    assert lines[-1] == "doorward: nothing was imported: 120 rows are bad"
    assert not signs_in(company, "anna")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"givenName;familyName\n", "the columns are separated by semicolons"),
        (b"givenName,familyName\nAn\0na,L\n", "line 2: there is a NUL byte"),
        (b"givenName,familyName\n\xe9,L\n", "line 2: byte 1 is not UTF-8"),
        (b"givenName,familyName\n\x1b[31mA,\x1b[2JB\n", "line 2: givenName must have"),
    ],
)
def test_what_is_no_such_file(company: CommandLine, data: bytes, words: str) -> None:
    """A file that cannot be read is refused in words, and has no way to the terminal."""
    answer = company("people", "import", written(company, data))
    assert answer.status == 1
    assert words in answer.err
    assert "Traceback" not in answer.err
    assert "\x1b" not in answer.err


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "is not a regular file"),
        (os.mkfifo, "is not a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "is not a regular file"),
        (lambda path: None, "No such file"),
    ],
    ids=["folder", "pipe", "device", "nothing"],
)
def test_what_is_no_file(company: CommandLine, make: object, words: str) -> None:
    """Only a regular file is read: a pipe or a device could go on for ever."""
    assert callable(make)
    path = company.folder / "staff.csv"
    make(path)
    assert words in company("people", "import", str(path)).error


def test_which_tenant(company: CommandLine) -> None:
    """With several tenants one has to be named; an unknown one is said to be."""
    company.ok("tenant", "create", "contoso", "--name", "C", "--url", "https://c.example")
    file = written(company, HEADER + ANNA)
    assert "--tenant" in company("people", "import", file).error
    assert "'nobody'" in company("people", "import", file, "--tenant", "nobody").error
    company.ok("people", "import", file, "--tenant", "contoso")
    assert not signs_in(company, "anna")


def test_progress(company: CommandLine) -> None:
    """On a terminal one sees how far it has come; the answer itself stays on stdout alone."""
    file = written(company, HEADER + "".join(f"{n},A,B,,u{n},,\n" for n in range(3000)))
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "people", "import", file],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        env=company.environment | {"TERM": "xterm"},
        cwd=company.folder,
    ) as running:
        os.close(theirs)
        seen = b""
        with suppress(OSError):  # the terminal is gone when its last writer is
            while select.select([ours], [], [], SECONDS)[0]:
                seen += os.read(ours, 65536)
        out, _ = running.communicate(timeout=SECONDS)
    os.close(ours)
    assert running.returncode == 0
    assert b"Reading" in seen
    assert out == "Imported 3,000 people, 3000 with an account, 0 of these enabled.\n"


def test_the_columns_are_told(doorward: CommandLine) -> None:
    """The help names every column that the file may have."""
    told = doorward.ok("people", "import", "--help")
    for column in COLUMNS:
        assert column in told


def test_nothing_is_left_open(company: CommandLine) -> None:
    """After an import that was refused the database takes the next one."""
    company("people", "import", written(company, HEADER + ",,,,,,\n" + "x\n"))
    company.ok("people", "import", written(company, HEADER + ANNA))
