"""`doorward readiness`, as an operator types it."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.command_line import CommandLine
from tests.cli.companies import settle

STAFF = """\
givenName,familyName,primaryEmail,username,ssoId,isEnabled,sharedEmail,employeeNumber
Anna,Larsen,anna@x.example,anna,AL-77,true,,1
Bo,Berg,bo@x.example,bo,,false,,2
=Cy,+Dahl,,cy,,true,,3
Di,Desk,desk@x.example,di,,true,true,4
Ed,Desk,desk@x.example,ed,,true,true,5
Flo,Gray,flo@x.example,flo,,true,,6
Gus,Hart,,=gus,,true,,7
Hal,Ito,hal@x.example,,,,,8
"""


@pytest.fixture
def company(doorward: CommandLine) -> CommandLine:
    """The command line with a tenant of eight people, seven with an account."""
    return settle(doorward, STAFF)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_is_told(company: CommandLine) -> None:
    """S2.46: counts, who would not sign in and why, and what several accounts hold."""
    assert company.ok("readiness", "--tenant", "northwind") == (
        "Readiness of northwind, trying each account's primary-email\n"
        "          2  would sign in\n"
        "          2    by primary-email\n"
        "          1  account disabled\n"
        "          2  nothing to send\n"
        "          2  finds several accounts\n"
        "\n"
        "4 enabled accounts would be left outside.\n"
        "\n"
        "Account disabled (1)\n"
        "  bo (Bo Berg): bo@x.example\n"
        "\n"
        "Nothing to send (2)\n"
        "  =gus (Gus Hart)\n"
        "  cy (=Cy +Dahl)\n"
        "\n"
        "Finds several accounts (2)\n"
        "  di (Di Desk): desk@x.example: finds di, ed by primary-email\n"
        "  ed (Ed Desk): desk@x.example: finds di, ed by primary-email\n"
        "\n"
        "Collisions: NameIDs that several accounts hold (1)\n"
        "  desk@x.example is refused (AMBIGUOUS); held by di (primary-email), ed (primary-email)\n"
    )


@pytest.mark.parametrize(
    ("sent", "signs_in"),
    [("primary-email", 2), ("username", 6), ("employee-number", 6), ("sso-id", 1)],
)
def test_what_identity_providers_send(company: CommandLine, sent: str, signs_in: int) -> None:
    """Whichever identifier they send, it is tried, and told as JSON too."""
    answer = json.loads(company.ok("readiness", "--nameid", sent, "--json"))
    assert (answer["tenant"], answer["nameId"], answer["total"]) == ("northwind", sent, 7)
    assert answer["outcomes"]["signs-in"] == answer["rules"][sent] == signs_in
    assert answer["collisions"]["total"] == 1


def test_a_csv_file(company: CommandLine) -> None:
    """Every result and collision is in the CSV file, and no cell is a formula."""
    path = company.folder / "out.csv"
    assert f"All of it is in {path}" in company.ok("readiness", "--csv", str(path))
    found = rows(path)
    assert [(row["username"], row["outcome"]) for row in found] == [
        ("'=gus", "no-value"),
        ("anna", "signs-in"),
        ("bo", "disabled"),
        ("cy", "no-value"),
        ("di", "ambiguous"),
        ("ed", "ambiguous"),
        ("flo", "signs-in"),
        ("", "collision"),
    ]
    assert (found[1]["nameId"], found[1]["rule"]) == ("anna@x.example", "primary-email")
    assert found[1]["accountId"] == found[1]["findsAccountId"] != ""
    assert found[3]["name"] == "'=Cy +Dahl"
    assert found[4]["findsUsername"] == "di; ed"
    assert found[-1]["heldBy"] == "di (primary-email); ed (primary-email)"


def test_a_list_of_name_ids(company: CommandLine) -> None:
    """A list is tried line by line, and whom none of its NameIDs finds is told."""
    path = company.folder / "names.txt"
    path.write_bytes("\ufeffANNA\r\n\r\n  al-77 \r\nbo\r\ndesk@x.example".encode())
    out = company.folder / "out.csv"
    told = company.ok("readiness", "--from", str(path), "--csv", str(out))
    assert "          1    by username\n" in told
    assert "          5  enabled, found by no NameID of the list\n" in told
    assert "  bo: finds bo (disabled) by username\n" in told
    assert "\nFinds nobody (1)\n  al-77\n" in told
    assert [(row["nameId"], row["outcome"]) for row in rows(out)[:4]] == [
        ("ANNA", "signs-in"),
        ("al-77", "nobody"),
        ("bo", "disabled"),
        ("desk@x.example", "ambiguous"),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"anna\n\xff\n", "line 2 is not UTF-8"), (b"x" * 5000, "line 1 is too long for a NameID")],
)
def test_a_bad_list(company: CommandLine, data: bytes, words: str) -> None:
    """A list that cannot be read is refused with its line."""
    path = company.folder / "names.txt"
    path.write_bytes(data)
    assert words in company("readiness", "--from", str(path)).error


def test_bad_arguments(company: CommandLine) -> None:
    """What cannot be read or written is said in one line; what is used wrongly exits with 2."""
    folder = str(company.folder)
    assert "No such file" in company("readiness", "--from", "nothing.txt").error
    assert "Is a directory" in company("readiness", "--from", folder).error
    assert "Is a directory" in company("readiness", "--csv", folder).error
    both = company("readiness", "--from", "names.txt", "--nameid", "username")
    assert both.status == 2
    assert company("readiness", "--nameid", "shoe-size").status == 2
