"""What becomes of everybody's NameID, and which NameIDs several people hold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identifiers import Identifier, canonical, folded
from app.domain.matching import RULES, Candidate, Holder, InMemory, Match
from app.domain.readiness import Outcome, Owner, Result, Tally, judge, overlaps

SSO_ID, EMAIL, USERNAME, NUMBER = RULES
RULE_OF = {"sso_id": SSO_ID, "email": EMAIL, "username": USERNAME, "number": NUMBER}


def holder(name: str, /, **values: str) -> Holder:
    keys = {RULE_OF[field]: canonical(RULE_OF[field], value) for field, value in values.items()}
    return Holder(Candidate(name, f"person of {name}", name, is_enabled=True), keys)


def disabled(enabled: Holder) -> Holder:
    return replace(enabled, account=replace(enabled.account, is_enabled=False))


def owner(of: Holder) -> Owner:
    return Owner(of.account, of.account.username.title())


ANNA = holder("anna", email="anna@x", username="anna")


@pytest.mark.parametrize(
    ("name_id", "mine", "others", "outcome"),
    [
        ("anna@x", ANNA, [], Outcome.SIGNS_IN),
        ("anna", ANNA, [], Outcome.SIGNS_IN),
        (None, ANNA, [], Outcome.NO_VALUE),
        ("AL-77", ANNA, [], Outcome.NOBODY),
        ("", ANNA, [], Outcome.NOBODY),
        ("anna@x", disabled(ANNA), [], Outcome.DISABLED),
        ("anna@x", ANNA, [holder("bo", email="anna@x")], Outcome.AMBIGUOUS),
        ("anna@x", ANNA, [holder("bo", sso_id="anna@x")], Outcome.SOMEBODY_ELSE),
        ("anna@x", ANNA, [disabled(holder("bo", sso_id="anna@x"))], Outcome.SOMEBODY_ELSE),
        ("anna@x", disabled(ANNA), [holder("bo", sso_id="anna@x")], Outcome.SOMEBODY_ELSE),
        ("anna@x", ANNA, [holder("bo", username="anna@x")], Outcome.SIGNS_IN),
    ],
)
def test_outcomes(
    name_id: str | None, mine: Holder, others: list[Holder], outcome: Outcome
) -> None:
    """S2.46: of each account it is told whether its NameID finds that very account."""
    result = judge(name_id, owner(mine), InMemory([mine, *others]))
    assert result.outcome is outcome
    assert result.owner == owner(mine)


@pytest.mark.parametrize(
    ("name_id", "holders", "outcome", "rule", "found"),
    [
        ("ANNA", [ANNA], Outcome.SIGNS_IN, USERNAME, ["anna"]),
        ("anna", [disabled(ANNA)], Outcome.DISABLED, USERNAME, ["anna"]),
        ("n", [holder("a", number="n"), holder("b", number="n")], Outcome.AMBIGUOUS, NUMBER, "ab"),
        ("nobody", [ANNA], Outcome.NOBODY, None, []),
    ],
)
def test_a_name_id_of_nobody_known(
    name_id: str,
    holders: list[Holder],
    outcome: Outcome,
    rule: Identifier | None,
    found: list[str],
) -> None:
    """A NameID from a list is told with the rule that decides and the accounts it finds."""
    result = judge(name_id, None, InMemory(holders))
    assert (result.outcome, result.rule) == (outcome, rule)
    assert [account.username for account in result.found] == list(found)


def test_a_tally() -> None:
    """Results are counted by outcome and rule; the first of each bad outcome are kept."""
    tally = Tally(keep=2)
    directory = InMemory([ANNA])
    tally.add(judge("anna", owner(ANNA), directory))
    tally.add(judge("anna@x", owner(ANNA), directory))
    for number in range(3):
        tally.add(judge(str(number), owner(ANNA), directory))
    tally.add(judge("anna", owner(disabled(ANNA)), InMemory([disabled(ANNA)])))
    tally.add(judge("nobody", None, directory))
    counts = tally.counts()
    assert counts.total == 7
    assert {outcome: count for outcome, count in counts.by_outcome.items() if count} == {
        Outcome.SIGNS_IN: 2,
        Outcome.NOBODY: 4,
        Outcome.DISABLED: 1,
    }
    assert counts.by_rule == {SSO_ID: 0, EMAIL: 1, USERNAME: 1, NUMBER: 0}
    assert counts.locked_out == 3
    assert {outcome: len(results) for outcome, results in tally.first().items()} == {
        Outcome.NOBODY: 2,
        Outcome.DISABLED: 1,
    }


def test_a_tally_as_it_goes() -> None:
    """What was asked before does not change with what is counted after."""
    tally = Tally(keep=1)
    before = tally.counts()
    tally.add(Result(None, None, Outcome.NO_VALUE))
    assert before.total == 0
    assert tally.counts().total == 1


def test_overlaps() -> None:
    """A NameID that two accounts hold is told once, with all of its holders and its meaning."""
    anna, bo = holder("anna", email="n@x"), holder("bo", username="N@X")
    (found,) = overlaps("n@x", [anna, bo])
    assert found.name_id == "n@x"
    assert found.holders == ((EMAIL, anna.account), (USERNAME, bo.account))
    assert isinstance(found.match, Match)
    assert found.match.account is anna.account


def test_overlaps_of_one_spelling() -> None:
    """Where exact rules play a part, each spelling with its own meaning is told."""
    anna, bo = holder("anna", sso_id="K"), holder("bo", username="k")
    assert [found.name_id for found in overlaps("k", [anna, bo])] == ["K"]
    shared = [holder("cy", email="k"), holder("di", email="k")]
    assert [
        (found.name_id, isinstance(found.match, Match)) for found in overlaps("k", [anna, *shared])
    ] == [("K", True), ("k", False)]


def test_no_overlaps() -> None:
    """One account under several rules, or spellings that no NameID has at once, are none."""
    assert overlaps("n", [holder("anna", email="n", username="n", sso_id="n")]) == ()
    assert overlaps("k", [holder("anna", sso_id="K"), holder("bo", number="k")]) == ()


NAME_IDS = ["ab", "Ab", "aB", "AB"]
people = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            rule: st.sampled_from([canonical(rule, value) for value in NAME_IDS]) for rule in RULES
        },
    ),
    max_size=5,
)


@given(people=people)
def test_overlaps_are_what_all_name_ids_say(people: list[dict[Identifier, str | None]]) -> None:
    """Trying every spelling finds the same groups of accounts that hold one NameID."""
    holders = [
        Holder(Candidate(str(position), "", str(position), is_enabled=True), keys)
        for position, keys in enumerate(people)
    ]
    expected = set()
    for name_id in NAME_IDS:
        held = {
            (rule, one.account.account_id)
            for one in holders
            for rule, key in one.keys.items()
            if key == canonical(rule, name_id)
        }
        if len({account_id for _, account_id in held}) > 1:
            expected.add(frozenset(held))
    found = overlaps(folded("ab"), holders)
    assert {
        frozenset((rule, account.account_id) for rule, account in each.holders) for each in found
    } == expected
    assert len(found) == len(expected)
