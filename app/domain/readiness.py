"""Who would sign in with which NameID: the matching rules for a whole company at once.

Of a NameID that belongs to an account it is asked whether it finds *that* account; of one
from a list, whether it finds any. And which NameIDs would mean several people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.collisions import spellings
from app.domain.identifiers import Identifier, canonical
from app.domain.matching import (
    RULES,
    Candidate,
    Directory,
    Holder,
    InMemory,
    Match,
    NoMatch,
    match_account,
)
from app.domain.refusals import Reason


class Outcome(StrEnum):
    """What comes of a NameID, or of an account that has none; the best first."""

    SIGNS_IN = "signs-in"
    DISABLED = "disabled"
    NO_VALUE = "no-value"
    NOBODY = "nobody"
    AMBIGUOUS = "ambiguous"
    SOMEBODY_ELSE = "somebody-else"
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class Owner:
    """The account that a NameID belongs to, and whose it is."""

    account: Candidate
    display_name: str


@dataclass(frozen=True, slots=True)
class Result:
    """One NameID's outcome. `owner` is None where nobody says whose NameID it is.

    `found` are the accounts that the deciding rule hits: with SOMEBODY_ELSE not the owner's.
    With UNREACHED no NameID of a list finds the owner's enabled account.
    """

    name_id: str | None
    owner: Owner | None
    outcome: Outcome
    rule: Identifier | None = None
    found: tuple[Candidate, ...] = ()


def judge(name_id: str | None, owner: Owner | None, directory: Directory) -> Result:
    """Return what comes of a NameID; None stands for an account without a value to send."""
    if name_id is None:
        return Result(None, owner, Outcome.NO_VALUE)
    match = match_account(name_id, directory)
    hits = match.trace[-1].hits
    return Result(name_id, owner, _outcome(match, hits, owner), match.rule, hits)


def _outcome(match: Match | NoMatch, hits: tuple[Candidate, ...], owner: Owner | None) -> Outcome:
    if isinstance(match, NoMatch) and match.reason is Reason.NO_MATCH:
        return Outcome.NOBODY
    if len(hits) > 1:
        return Outcome.AMBIGUOUS
    if owner is not None and hits[0].account_id != owner.account.account_id:
        return Outcome.SOMEBODY_ELSE
    return Outcome.SIGNS_IN if isinstance(match, Match) else Outcome.DISABLED


@dataclass(frozen=True, slots=True)
class Overlap:
    """A NameID that several accounts hold, under whichever rules, and what comes of it."""

    name_id: str
    match: Match | NoMatch
    holders: tuple[tuple[Identifier, Candidate], ...]


def overlaps(value: str, holders: Sequence[Holder]) -> tuple[Overlap, ...]:
    """Return the spellings of a folded value that several of `holders` hold.

    Spellings that are held alike are told once.
    """
    directory = InMemory(holders)
    found: dict[tuple[tuple[Identifier, Candidate], ...], Overlap] = {}
    for name_id in spellings([value], [], holders):
        keys = {rule: canonical(rule, name_id) for rule in RULES}
        asked = {rule: key for rule, key in keys.items() if key is not None}
        hits = directory.holders(asked)
        held = tuple((rule, account) for rule in asked for account in hits[rule])
        if len({account.account_id for _, account in held}) > 1:
            found.setdefault(held, Overlap(name_id, match_account(name_id, directory), held))
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Counts:
    """How many results there are, of which outcome, and by which rule people sign in.

    `locked_out` are enabled accounts that would be refused, or that nothing in the list finds.
    """

    total: int
    by_outcome: Mapping[Outcome, int]
    by_rule: Mapping[Identifier, int]
    locked_out: int


class Tally:
    """Counts results as they come, and keeps the first few of each outcome but the good one."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._outcomes = dict.fromkeys(Outcome, 0)
        self._rules = dict.fromkeys(RULES, 0)
        self._locked_out = 0
        self._first: dict[Outcome, list[Result]] = {outcome: [] for outcome in Outcome}

    def add(self, result: Result) -> None:
        """Count one result."""
        self._outcomes[result.outcome] += 1
        if result.outcome is Outcome.SIGNS_IN:
            assert result.rule is not None
            self._rules[result.rule] += 1
            return
        if result.owner is not None and result.owner.account.is_enabled:
            self._locked_out += 1
        if len(self._first[result.outcome]) < self._keep:
            self._first[result.outcome].append(result)

    def counts(self) -> Counts:
        """Return the counts so far."""
        return Counts(
            sum(self._outcomes.values()),
            dict(self._outcomes),
            dict(self._rules),
            self._locked_out,
        )

    def first(self) -> dict[Outcome, tuple[Result, ...]]:
        """Return the first results of each outcome that has any."""
        return {outcome: tuple(results) for outcome, results in self._first.items() if results}
