"""The four rules in their order: who is found, who is refused, and the trace of both."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identifiers import Identifier, canonical
from app.domain.matching import (
    RULES,
    Candidate,
    Holder,
    InMemory,
    Match,
    NoMatch,
    match_account,
    trace_as_data,
)
from app.domain.refusals import Reason

SSO_ID, EMAIL, USERNAME, NUMBER = RULES


def holder(name: str, /, **values: str) -> Holder:
    """An account called `name`; `values` are its identifiers as `sso_id=…`, `email=…`."""
    rules = {"sso_id": SSO_ID, "email": EMAIL, "username": USERNAME, "number": NUMBER}
    keys = {rules[field]: canonical(rules[field], value) for field, value in values.items()}
    return Holder(Candidate(name, f"person of {name}", name, is_enabled=True), keys)


def disabled(enabled: Holder) -> Holder:
    return replace(enabled, account=replace(enabled.account, is_enabled=False))


def find(name_id: str, *holders: Holder) -> Match | NoMatch:
    return match_account(name_id, InMemory(holders))


def test_the_order_of_the_rules() -> None:
    """S2.23 to S2.26: SSO ID, then primary e-mail, then username, then employee number."""
    assert [rule.value for rule in RULES] == [
        "sso-id",
        "primary-email",
        "username",
        "employee-number",
    ]


@pytest.mark.parametrize(
    ("name_id", "rule"),
    [
        ("AL-77", SSO_ID),
        (" AL-77\n", SSO_ID),
        ("al-77", None),
        ("Anna@X.example", EMAIL),
        ("ANNA", USERNAME),
        ("00042", NUMBER),
        ("42", None),
        ("0042", None),
        ("ann", None),
        ("anna ", USERNAME),
        ("an na", None),
        ("ann\u0430", None),
        ("", None),
        ("\0", None),
        ("a" * 257, None),
    ],
)
def test_how_each_rule_compares(name_id: str, rule: Identifier | None) -> None:
    """S2.23 to S2.26: exact for SSO ID and number, without ASCII case for the others."""
    anna = holder("anna", sso_id="AL-77", email="anna@x.example", username="anna", number="00042")
    found = find(name_id, anna)
    assert found.rule is rule
    if rule is None:
        assert isinstance(found, NoMatch)
        assert found.reason is Reason.NO_MATCH
    else:
        assert isinstance(found, Match)
        assert found.account is anna.account


EARLIER_AND_LATER = [
    (first, second)
    for position, first in enumerate(("sso_id", "email", "username", "number"))
    for second in ("sso_id", "email", "username", "number")[position + 1 :]
]


@pytest.mark.parametrize(("first", "second"), EARLIER_AND_LATER)
def test_the_earlier_rule_wins(first: str, second: str) -> None:
    """S2.27: one NameID that hits two accounts under two rules means the earlier rule's."""
    one, other = holder("one", **{first: "n@x.example"}), holder("other", **{second: "n@x.example"})
    for holders in ([one, other], [other, one]):
        found = find("n@x.example", *holders)
        assert isinstance(found, Match)
        assert found.account is one.account


@pytest.mark.parametrize("field", ["sso_id", "email", "username", "number"])
def test_two_hits_are_refused(field: str) -> None:
    """I1: two accounts under one rule are never a pick, and no later rule decides."""
    third = holder("third", **({"number": "7"} if field != "number" else {"sso_id": "8"}))
    found = find("7", holder("one", **{field: "7"}), holder("two", **{field: "7"}), third)
    assert isinstance(found, NoMatch)
    assert found.reason is Reason.AMBIGUOUS
    assert {hit.username for hit in found.trace[-1].hits} == {"one", "two"}


def test_two_hits_are_refused_whatever_their_state() -> None:
    """An enabled and a disabled account under one rule are still two."""
    found = find("7", holder("one", username="7"), disabled(holder("two", username="7")))
    assert isinstance(found, NoMatch)
    assert found.reason is Reason.AMBIGUOUS


@pytest.mark.parametrize(("first", "second"), EARLIER_AND_LATER)
def test_a_disabled_account_ends_the_search(first: str, second: str) -> None:
    """S2.45: a hit on a disabled account is refused; a later rule's enabled one is not taken."""
    found = find(
        "n@x.example",
        disabled(holder("gone", **{first: "n@x.example"})),
        holder("other", **{second: "n@x.example"}),
    )
    assert isinstance(found, NoMatch)
    assert found.reason is Reason.ACCOUNT_DISABLED
    assert [hit.username for hit in found.trace[-1].hits] == ["gone"]


def test_the_trace_of_a_match() -> None:
    """The trace has a step for each rule up to the one that decided, and what it compared."""
    anna = holder("anna", username="anna")
    found = find(" Anna", anna, holder("annabel", number="anna"))
    assert [(step.rule, step.compared, len(step.hits)) for step in found.trace] == [
        (SSO_ID, "Anna", 0),
        (EMAIL, "anna", 0),
        (USERNAME, "anna", 1),
    ]
    assert trace_as_data(found.trace)[-1] == {
        "rule": "username",
        "compared": "anna",
        "hits": 1,
        "accounts": [{"accountId": "anna", "username": "anna", "isEnabled": True}],
    }


def test_the_trace_of_nobody() -> None:
    """S2.28: with no hit at all every rule's try is listed."""
    found = find("nobody", holder("anna", username="anna"))
    assert [step.rule for step in found.trace] == list(RULES)
    assert not any(step.hits for step in found.trace)


def test_a_value_that_matches_nothing_is_not_looked_up() -> None:
    """What can match nothing is compared with nothing; the trace says so for each rule."""

    class Unused:
        def holders(self, values: object) -> dict[Identifier, Sequence[Candidate]]:
            raise AssertionError(values)

    found = match_account("a\0", Unused())
    assert [step.compared for step in found.trace] == [None] * 4


values = st.sampled_from(["n", "N", "n@x", "N@x", "7", " n", "ń"])
accounts = st.lists(
    st.tuples(st.fixed_dictionaries({}, optional=dict.fromkeys(RULES, values)), st.booleans()),
    max_size=4,
)


@given(name_id=values, people=accounts)
def test_the_first_rule_with_a_hit_decides(
    name_id: str, people: list[tuple[dict[Identifier, str], bool]]
) -> None:
    """S2.27: whatever the accounts hold, nobody is found past the first rule with a hit."""
    holders = [
        Holder(
            Candidate(str(position), f"person {position}", str(position), is_enabled),
            {rule: canonical(rule, value) for rule, value in keys.items()},
        )
        for position, (keys, is_enabled) in enumerate(people)
    ]
    by_rule = {
        rule: [one for one in holders if canonical(rule, name_id) == one.keys.get(rule)]
        for rule in RULES
    }
    first = next((rule for rule in RULES if by_rule[rule]), None)
    found = match_account(name_id, InMemory(holders))
    assert found.rule is first
    hits = by_rule[first] if first is not None else []
    if len(hits) == 1 and hits[0].account.is_enabled:
        assert isinstance(found, Match)
        assert found.account is hits[0].account
    else:
        assert isinstance(found, NoMatch)
    assert len(found.trace) == (RULES.index(first) + 1 if first is not None else len(RULES))
