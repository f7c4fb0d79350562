"""`doorward match`, as an operator types it."""

import json

import pytest

from tests.cli.command_line import CommandLine
from tests.cli.companies import settle

STAFF = """\
givenName,familyName,primaryEmail,username,ssoId,isEnabled,sharedEmail
Anna,Larsen,anna@x.example,anna,AL-77,true,
Bo,Berg,bo@x.example,bo,,false,
Di,Desk,desk@x.example,di,,true,true
Ed,Desk,desk@x.example,ed,,true,true
"""


@pytest.fixture
def company(doorward: CommandLine) -> CommandLine:
    """The command line with a tenant of four people."""
    return settle(doorward, STAFF)


@pytest.mark.parametrize(
    ("name_id", "told"),
    [
        (
            "ANNA",
            "NameID ANNA\n"
            "  1  sso-id           ANNA finds nobody\n"
            "  2  primary-email    anna finds nobody\n"
            "  3  username         anna finds 1 account: anna\n"
            "  4  employee-number  not tried: an earlier rule decides\n"
            "Would sign in as anna, by username.\n",
        ),
        (
            "bo",
            "NameID bo\n"
            "  1  sso-id           bo finds nobody\n"
            "  2  primary-email    bo finds nobody\n"
            "  3  username         bo finds 1 account: bo (disabled)\n"
            "  4  employee-number  not tried: an earlier rule decides\n"
            "Would be refused (ACCOUNT_DISABLED): "
            "the rule username finds an account that is disabled.\n",
        ),
        (
            "desk@x.example",
            "NameID desk@x.example\n"
            "  1  sso-id           desk@x.example finds nobody\n"
            "  2  primary-email    desk@x.example finds 2 accounts: di, ed\n"
            "  3  username         not tried: an earlier rule decides\n"
            "  4  employee-number  not tried: an earlier rule decides\n"
            "Would be refused (AMBIGUOUS): the rule primary-email finds several accounts.\n",
        ),
        (
            "a\x1bb",
            "NameID a\\x1bb\n"
            "  1  sso-id           nothing to compare: this value matches nothing\n"
            "  2  primary-email    nothing to compare: this value matches nothing\n"
            "  3  username         nothing to compare: this value matches nothing\n"
            "  4  employee-number  nothing to compare: this value matches nothing\n"
            "Would be refused (NO_MATCH): no rule finds an account.\n",
        ),
    ],
)
def test_a_trace(company: CommandLine, name_id: str, told: str) -> None:
    """S2.27, S2.28, S2.45: rule by rule what is compared and found, also when it is refused."""
    assert company.ok("match", name_id, "--tenant", "northwind") == told


def test_json(company: CommandLine) -> None:
    """Programs get the same as JSON, and nothing is written by asking."""
    answer = json.loads(company.ok("match", "AL-77", "--json"))
    assert (answer["nameId"], answer["signsIn"], answer["reason"]) == ("AL-77", True, None)
    assert (answer["rule"], answer["account"]["username"]) == ("sso-id", "anna")
    assert [step["rule"] for step in answer["trace"]] == ["sso-id"]
    refused = json.loads(company.ok("match", "al-77", "--json"))
    assert (refused["signsIn"], refused["reason"], refused["account"]) == (False, "NO_MATCH", None)
    assert [step["hits"] for step in refused["trace"]] == [0, 0, 0, 0]


def test_usage(company: CommandLine) -> None:
    """Without a NameID it is used wrongly; of an unknown tenant nothing is told."""
    assert company("match").status == 2
    assert "'nobody'" in company("match", "anna", "--tenant", "nobody").error
