"""The guard on writes: what a change of identifiers would do to other people's sign-ins.

A write is harmless when every NameID still means the account it meant before. It collides
when a NameID that another account holds would begin to mean the changed account, or nobody,
or when giving up a value would let it fall through to somebody else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.identifiers import Identifier, folded
from app.domain.matching import RULES, Candidate, Match, NoMatch, match_account

Keys = Mapping[Identifier, str | None]


@dataclass(frozen=True, slots=True)
class Holder:
    """An account with its canonical identifiers, as far as they are set."""

    account: Candidate
    keys: Keys


@dataclass(frozen=True, slots=True)
class Collision:
    """One NameID whose meaning a write would change.

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
    account: Candidate, before: Keys, after: Keys, others: Sequence[Holder]
) -> tuple[Collision, ...]:
    """Return what changing `account` from `before` to `after` would do to `others`.

    `others` are all other accounts of the tenant that hold one of `affected_values`.
    """
    found = []
    was = _Directory([*others, Holder(account, before)])
    will_be = _Directory([*others, Holder(account, after)])
    for name_id in _spellings(before, after, others):
        other = _other_holder(name_id, others)
        if other is None:
            continue
        held_by, rule = other
        old, new = match_account(name_id, was), match_account(name_id, will_be)
        if _meaning(old) == _meaning(new):
            continue
        field = _field(name_id, before, after)
        found.append(
            Collision(
                name_id=name_id,
                field=field,
                rule=rule,
                other=held_by,
                is_duplicate=field is rule and after.get(field) is not None,
            )
        )
    return tuple(found)


class _Directory:
    """A handful of accounts in memory, as `match_account` wants to look them up."""

    def __init__(self, holders: Sequence[Holder]) -> None:
        self._holders = holders

    def holders(self, values: dict[Identifier, str]) -> dict[Identifier, Sequence[Candidate]]:
        return {
            rule: [holder.account for holder in self._holders if holder.keys.get(rule) == value]
            for rule, value in values.items()
        }


def _meaning(outcome: Match | NoMatch) -> object:
    """What a NameID comes to; a disabled account still owns its names."""
    if isinstance(outcome, Match):
        return outcome.account.account_id
    if outcome.rule is None:
        return None
    return tuple(sorted(hit.account_id for hit in outcome.trace[-1].hits))


def _spellings(before: Keys, after: Keys, others: Sequence[Holder]) -> list[str]:
    """Return one NameID for each way in which the affected values can be told apart.

    Exact rules tell spellings apart that folded ones do not, so beside each spelling that is
    held by somebody, one that nobody holds stands for all the rest.
    """
    values = affected_values(before, after)
    held: dict[str, set[str]] = {value: set() for value in values}
    for keys in (before, after, *(holder.keys for holder in others)):
        for key in keys.values():
            if key is not None and folded(key) in values:
                held[folded(key)].add(key)
    spellings: list[str] = []
    for value in sorted(values):
        spellings.extend(sorted(held[value]))
        rest = next((other for other in _cases(value) if other not in held[value]), None)
        if rest is not None:
            spellings.append(rest)
    return spellings


def _cases(value: str) -> Iterable[str]:
    """Return spellings of a folded value that differ from it in ASCII case only."""
    for position, character in enumerate(value):
        if "a" <= character <= "z":
            yield value[:position] + character.upper() + value[position + 1 :]


def _other_holder(name_id: str, others: Sequence[Holder]) -> tuple[Candidate, Identifier] | None:
    found = match_account(name_id, _Directory(others))
    if found.rule is None:
        return None
    return found.trace[-1].hits[0], found.rule


def _field(name_id: str, before: Keys, after: Keys) -> Identifier:
    """The changed identifier that brings `name_id` into play, the new value before the old."""
    changed = [rule for rule in RULES if before.get(rule) != after.get(rule)]
    for keys in (after, before):
        for rule in changed:
            key = keys.get(rule)
            if key is not None and folded(key) == folded(name_id):
                return rule
    raise ValueError(f"{name_id!r} is not affected")
