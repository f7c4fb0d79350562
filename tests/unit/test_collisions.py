"""The guard on writes finds exactly the changes of meaning, and every duplicate."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.collisions import Collision, affected_values, collisions
from app.domain.identifiers import Identifier, canonical, folded
from app.domain.matching import RULES, Candidate, Holder, InMemory, Keys, match_account

SSO_ID, EMAIL, USERNAME, NUMBER = RULES
#: Every NameID there is in this small world: some folded values in all of their spellings.
NAME_IDS = ["a", "A", "ab", "aB", "Ab", "AB", "7", "h\u0331", "H\u0331", "é", "É", "aé", "Aé"]
ME = Candidate("me", "my person", "me", is_enabled=True)


def keys(**values: str) -> Keys:
    rules = {"sso_id": SSO_ID, "email": EMAIL, "username": USERNAME, "number": NUMBER}
    return {rules[field]: canonical(rules[field], value) for field, value in values.items()}


def other(name: str = "other", /, **values: str) -> Holder:
    return Holder(Candidate(name, f"person of {name}", name, is_enabled=True), keys(**values))


@pytest.mark.parametrize(
    ("before", "after", "held", "field", "rule"),
    [
        ({}, {"sso_id": "n"}, {"email": "n"}, SSO_ID, EMAIL),
        ({}, {"sso_id": "N"}, {"username": "n"}, SSO_ID, USERNAME),
        ({}, {"sso_id": "7"}, {"number": "7"}, SSO_ID, NUMBER),
        ({}, {"email": "N@X"}, {"username": "n@x"}, EMAIL, USERNAME),
        ({}, {"email": "n"}, {"number": "N"}, EMAIL, NUMBER),
        ({}, {"username": "7"}, {"number": "7"}, USERNAME, NUMBER),
        ({"sso_id": "n"}, {}, {"email": "n"}, SSO_ID, EMAIL),
        ({"sso_id": "n"}, {"sso_id": "m"}, {"number": "n"}, SSO_ID, NUMBER),
        ({"email": "n"}, {"email": "m"}, {"username": "n"}, EMAIL, USERNAME),
    ],
)
def test_a_changed_meaning_is_found(
    before: dict[str, str],
    after: dict[str, str],
    held: dict[str, str],
    field: Identifier,
    rule: Identifier,
) -> None:
    """I1: taking a NameID from another account, or giving one up to it, is a collision."""
    somebody = other(**held)
    (found,) = collisions(ME, keys(**before), keys(**after), [somebody])
    assert (found.field, found.rule, found.other) == (field, rule, somebody.account)
    assert not found.is_duplicate


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        ({}, {"sso_id": "n"}, {"email": "m"}),
        ({}, {"sso_id": "n"}, {"sso_id": "N"}),
        ({}, {"sso_id": "n"}, {"number": "N"}),
        ({}, {"number": "7"}, {"sso_id": "7"}),
        ({}, {"number": "7"}, {"number": "07"}),
        ({}, {"username": "n"}, {"email": "N"}),
        ({"number": "7"}, {}, {"sso_id": "7"}),
        ({"email": "n", "username": "n"}, {"username": "n"}, {"number": "n"}),
        ({"sso_id": "n", "email": "n"}, {"email": "n"}, {"email": "m"}),
    ],
)
def test_a_harmless_write_is_not_found(
    before: dict[str, str], after: dict[str, str], held: dict[str, str]
) -> None:
    """A write that leaves every NameID of others as it was is let through."""
    assert collisions(ME, keys(**before), keys(**after), [other(**held)]) == ()


@pytest.mark.parametrize("field", ["sso_id", "email", "username", "number"])
def test_a_duplicate_is_found(field: str) -> None:
    """I1: each identifier is unique among accounts."""
    somebody = other(**{field: "n"})
    (found,) = collisions(ME, {}, keys(**{field: "n"}), [somebody])
    assert found == Collision("n", found.rule, found.rule, somebody.account, is_duplicate=True)


def test_a_duplicate_is_found_behind_an_earlier_rule() -> None:
    """A username that two accounts would hold is a duplicate, even if no NameID reaches it."""
    somebody = other(sso_id="7", username="7")
    (found,) = collisions(ME, {}, keys(username="7"), [somebody])
    assert (found.field, found.is_duplicate) == (USERNAME, True)


@pytest.mark.parametrize(
    ("mine", "theirs", "is_duplicate"),
    [(True, True, False), (True, False, True), (False, True, True), (False, False, True)],
)
def test_an_address_is_shared_by_both_or_not_at_all(
    mine: bool, theirs: bool, is_duplicate: bool
) -> None:
    """Marking one's own address as shared takes it from nobody who did not mark it too."""
    somebody = replace(other(email="desk@x"), shares_email=theirs)
    found = collisions(ME, {}, keys(email="desk@x"), [somebody], shares_email=mine)
    assert [collision.is_duplicate for collision in found] == [True] * is_duplicate


def test_leaving_a_shared_address_is_no_duplicate() -> None:
    """Who gives a shared address up leaves it to the other: a change, which may be confirmed."""
    somebody = replace(other(email="desk@x"), shares_email=True)
    found = collisions(ME, keys(email="desk@x"), keys(email="me@x"), [somebody])
    assert {collision.name_id.lower() for collision in found} == {"desk@x"}
    assert not any(collision.is_duplicate for collision in found)


def test_every_spelling_is_thought_of() -> None:
    """Where every spelling but one is somebody's SSO ID, the one left over is tried as well."""
    others = [
        *(other(name, sso_id=name) for name in ("ab", "aB", "Ab")),
        other("desk", username="ab"),
    ]
    (found,) = collisions(ME, {}, keys(email="ab"), others)
    assert (found.name_id, found.rule, found.other.username) == ("AB", USERNAME, "desk")


def test_many_spellings_cost_little() -> None:
    """A value has up to 2 ** 256 spellings; a handful of them is looked at."""
    value = "aé" * 128
    assert collisions(ME, {}, keys(email=value), [other(username=value)])


def test_a_disabled_account_keeps_its_names() -> None:
    """S2.45: what a disabled account holds is not free for others."""
    gone = Holder(Candidate("gone", "somebody", "gone", is_enabled=False), keys(email="n@x"))
    assert collisions(ME, {}, keys(sso_id="n@x"), [gone])


some_keys = st.fixed_dictionaries(
    {},
    optional={
        rule: st.sampled_from([canonical(rule, value) for value in NAME_IDS]) for rule in RULES
    },
)
some_others = st.lists(st.tuples(some_keys, st.booleans(), st.booleans()), max_size=4).map(
    lambda people: [
        Holder(Candidate(f"o{position}", f"p{position}", f"o{position}", is_enabled), held, shares)
        for position, (held, is_enabled, shares) in enumerate(people)
    ]
)


@given(before=some_keys, after=some_keys, others=some_others, shares_email=st.booleans())
def test_collisions_are_what_all_name_ids_say(
    before: Keys, after: Keys, others: list[Holder], shares_email: bool
) -> None:
    """I1: the guard agrees with trying every NameID there is, before and after the write."""
    found = collisions(ME, before, after, others, shares_email=shares_email)
    changed = Holder(ME, after, shares_email)
    told = {folded(collision.name_id) for collision in found}
    missed = [
        name_id
        for name_id in NAME_IDS
        if is_changed(name_id, before, changed, others)
        and not is_agreed(name_id, before, changed, others)
        and folded(canonical(SSO_ID, name_id) or "") not in told
    ]
    assert not missed
    for collision in found:
        if collision.is_duplicate:
            held = {each.account.account_id: each.keys for each in others}[
                collision.other.account_id
            ]
            assert held[collision.rule] == after[collision.field] == collision.name_id
        else:
            assert is_changed(collision.name_id, before, changed, others)
            assert not is_agreed(collision.name_id, before, changed, others)
            assert before.get(collision.field) != after.get(collision.field)


@given(before=some_keys, after=some_keys, others=some_others, shares_email=st.booleans())
def test_duplicates_are_all_told(
    before: Keys, after: Keys, others: list[Holder], shares_email: bool
) -> None:
    """I1: each identifier that the write would give to a second account is named."""
    found = collisions(ME, before, after, others, shares_email=shares_email)
    assert {collision.field for collision in found if collision.is_duplicate} == {
        rule
        for rule in RULES
        for each in others
        if after.get(rule) is not None
        and after.get(rule) != before.get(rule)
        and after.get(rule) == each.keys.get(rule)
        and not (rule is EMAIL and shares_email and each.shares_email)
    }


@given(before=some_keys, after=some_keys, others=some_others, shares_email=st.booleans())
def test_only_holders_of_affected_values_matter(
    before: Keys, after: Keys, others: list[Holder], shares_email: bool
) -> None:
    """The look-up by affected values brings everybody whom the answer depends on."""
    values = affected_values(before, after)
    near = [each for each in others if values & {folded(key) for key in each.keys.values() if key}]
    assert collisions(ME, before, after, near, shares_email=shares_email) == collisions(
        ME, before, after, others, shares_email=shares_email
    )


def hits(name_id: str, holders: Sequence[Holder]) -> list[Candidate]:
    return list(match_account(name_id, InMemory(holders)).trace[-1].hits)


def is_changed(name_id: str, before: Keys, changed: Holder, others: list[Holder]) -> bool:
    """Whether a NameID that somebody else holds comes to other accounts after the write."""
    was = {hit.account_id for hit in hits(name_id, [*others, Holder(ME, before)])}
    will_be = {hit.account_id for hit in hits(name_id, [*others, changed])}
    return bool(hits(name_id, others)) and was != will_be


def is_agreed(name_id: str, before: Keys, changed: Holder, others: list[Holder]) -> bool:
    """Whether the write only adds ME to an address that all of its holders mark as shared."""
    was = match_account(name_id, InMemory([*others, Holder(ME, before)]))
    will_be = match_account(name_id, InMemory([*others, changed]))
    shares = {each.account.account_id: each.shares_email for each in [*others, changed]}
    hit = [account.account_id for account in will_be.trace[-1].hits]
    return (
        was.rule is not SSO_ID
        and will_be.rule is EMAIL
        and ME.account_id in hit
        and len(hit) > 1
        and all(shares[account_id] for account_id in hit)
    )
