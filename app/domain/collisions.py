"""The guard on writes: what a change of identifiers would do to other people's sign-ins.

A write is harmless when every NameID still means the account it meant before. It collides
when a NameID that another account holds would begin to mean the changed account, or nobody,
or when giving up a value would let it fall through to somebody else. It collides too when
two accounts would hold one value under one rule, whatever NameIDs would come to. Only an
e-mail address that both accounts mark as shared may be held twice.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from app.domain.identifiers import Identifier, folded
from app.domain.matching import (
    RULES,
    Candidate,
    Holder,
    InMemory,
    Keys,
    Match,
    NoMatch,
    match_account,
)


@dataclass(frozen=True, slots=True)
class Collision:
    """One NameID whose meaning a write would change, or one value that it would duplicate.

    `field` is the identifier that the write sets or gives up; `rule` the one under which
    `other`, the account of somebody else, holds the NameID. `is_duplicate` says that both
    would hold it under the same rule, which nobody can confirm away.
    """

    name_id: str
    field: Identifier
    rule: Identifier
    other: Candidate
    is_duplicate: bool


def affected_values(before: Keys, after: Keys) -> frozenset[str]:
    """Return the ASCII-folded values to look others up by: what the write sets or gives up."""
    return frozenset(
        folded(value)
        for rule in RULES
        if before.get(rule) != after.get(rule)
        for value in (before.get(rule), after.get(rule))
        if value is not None
    )


def collisions(
    account: Candidate,
    before: Keys,
    after: Keys,
    others: Sequence[Holder],
    *,
    shares_email: bool = False,
) -> tuple[Collision, ...]:
    """Return what changing `account` from `before` to `after` would do to `others`.

    `others` are the other accounts of the tenant that hold one of `affected_values`; of those
    that share one e-mail address, two are enough. `shares_email` says that the address which
    `account` will have is marked as shared. Duplicates come first, then what else would change.
    """
    if not others:
        return ()
    changed = Holder(account, after, shares_email)
    found = list(_duplicates(changed, before, others))
    was = InMemory([*others, Holder(account, before)])
    will_be = InMemory([*others, changed])
    for name_id in spellings(affected_values(before, after), [before, after], others):
        held = match_account(name_id, InMemory(others))
        if held.rule is None:
            continue
        old, new = match_account(name_id, was), match_account(name_id, will_be)
        if _meaning(old) == _meaning(new):
            continue
        # The two searches part at the first rule under which the account came or went.
        field = min(filter(None, (old.rule, new.rule)), key=RULES.index)
        if field is new.rule and len(_hits(new)) > 1 and account in _hits(new):
            continue  # both would hold it under one rule: a duplicate, told of above, or shared
        other = _hits(held)[0]
        found.append(Collision(name_id, field, held.rule, other, is_duplicate=False))
    # Of spellings that come to the same, the first stands for all.
    told = {(folded(each.name_id), each.field, each.rule, each.other): each for each in found[::-1]}
    return tuple(each for each in found if each in told.values())


def _duplicates(changed: Holder, before: Keys, others: Sequence[Holder]) -> Iterator[Collision]:
    for rule in RULES:
        value = changed.keys.get(rule)
        if value is None or value == before.get(rule):
            continue
        for other in others:
            may_share = (
                rule is Identifier.PRIMARY_EMAIL and changed.shares_email and other.shares_email
            )
            if other.keys.get(rule) == value and not may_share:
                yield Collision(value, rule, rule, other.account, is_duplicate=True)
                break


def spellings(values: Iterable[str], keys: Iterable[Keys], others: Sequence[Holder]) -> list[str]:
    """Return one NameID for each way in which spellings of folded values can be told apart.

    Exact rules tell spellings apart that folded ones do not, so beside each spelling that is
    held by somebody, one that nobody holds stands for all the rest.
    """
    held: dict[str, set[str]] = {value: set() for value in values}
    for mapping in (*keys, *(holder.keys for holder in others)):
        for key in mapping.values():
            if key is not None and folded(key) in held:
                held[folded(key)].add(key)
    found: list[str] = []
    for value in sorted(held):
        found.extend(sorted(held[value]))
        rest = next((other for other in _cases(value) if other not in held[value]), None)
        if rest is not None:
            found.append(rest)
    return found


def _cases(value: str) -> Iterator[str]:
    """Return the spellings that fold to `value`, itself first: as many as 2 ** 256 of them."""
    # Some small letters stand in one character with their accent: taken apart, they are seen.
    letters = unicodedata.normalize("NFD", value)
    choices: list[tuple[str, ...]] = []
    for position, letter in enumerate(letters):
        capital = letter.upper() if "a" <= letter <= "z" else letter
        changed = letters[:position] + capital + letters[position + 1 :]
        folds_back = folded(unicodedata.normalize("NFC", changed)) == value
        choices.append((letter, capital) if capital != letter and folds_back else (letter,))
    for chosen in product(*choices):
        yield unicodedata.normalize("NFC", "".join(chosen))


def _meaning(outcome: Match | NoMatch) -> object:
    """What a NameID comes to; a disabled account still owns its names."""
    return frozenset(hit.account_id for hit in _hits(outcome))


def _hits(outcome: Match | NoMatch) -> tuple[Candidate, ...]:
    return outcome.trace[-1].hits
