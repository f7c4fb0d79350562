"""Which account a NameID means: four rules in a fixed order, the first one with a hit decides.

A "no" of one rule is not a failure: the next is tried. Two accounts under one rule, or a
hit on a disabled account, end the search: a later rule could only pick the wrong person.
Every outcome carries the trace of what was compared with what.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain.identifiers import Identifier, canonical
from app.domain.refusals import Reason

RULES: tuple[Identifier, ...] = tuple(Identifier)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that holds a compared value: its ID, how it is called, whether it is enabled."""

    account_id: str
    person_id: str
    username: str
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class Try:
    """One rule of the trace. `compared` is None where the value can match nothing under it."""

    rule: Identifier
    compared: str | None
    hits: tuple[Candidate, ...]


Trace = tuple[Try, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The NameID means exactly this enabled account, by this rule."""

    account: Candidate
    rule: Identifier
    trace: Trace


@dataclass(frozen=True, slots=True)
class NoMatch:
    """The NameID lets nobody in: NO_MATCH, AMBIGUOUS or ACCOUNT_DISABLED."""

    reason: Reason
    rule: Identifier | None
    trace: Trace


class Directory(Protocol):
    """Finds accounts of one tenant by canonical identifiers, all rules in one look."""

    def holders(self, values: dict[Identifier, str]) -> dict[Identifier, Sequence[Candidate]]:
        """Return, for each rule asked, the accounts whose canonical value is the one given."""


Keys = Mapping[Identifier, str | None]


@dataclass(frozen=True, slots=True)
class Holder:
    """An account with its canonical identifiers, as far as they are set.

    `shares_email` says that its e-mail address is marked as belonging to several people.
    """

    account: Candidate
    keys: Keys
    shares_email: bool = False


class InMemory:
    """Accounts that are at hand already, as a `Directory`."""

    def __init__(self, holders: Iterable[Holder]) -> None:
        self._found: dict[tuple[Identifier, str], list[Candidate]] = {}
        for holder in holders:
            for rule, key in holder.keys.items():
                if key is not None:
                    self._found.setdefault((rule, key), []).append(holder.account)

    def holders(self, values: dict[Identifier, str]) -> dict[Identifier, Sequence[Candidate]]:
        """See `Directory`."""
        return {rule: self._found.get((rule, value), ()) for rule, value in values.items()}


def match_account(name_id: str, directory: Directory) -> Match | NoMatch:
    """Run the rules over `name_id`; see the module's docstring for what decides."""
    values = {rule: canonical(rule, name_id) for rule in RULES}
    asked = {rule: value for rule, value in values.items() if value is not None}
    found = directory.holders(asked) if asked else {}
    trace: list[Try] = []
    for rule in RULES:
        hits = tuple(found.get(rule, ()))
        trace.append(Try(rule, values[rule], hits))
        if not hits:
            continue
        if len(hits) > 1:
            return NoMatch(Reason.AMBIGUOUS, rule, tuple(trace))
        if not hits[0].is_enabled:
            return NoMatch(Reason.ACCOUNT_DISABLED, rule, tuple(trace))
        return Match(hits[0], rule, tuple(trace))
    return NoMatch(Reason.NO_MATCH, None, tuple(trace))


def trace_as_data(trace: Trace) -> list[dict[str, object]]:
    """The trace as plain JSON data, for the attempts log and the command line."""
    return [
        {
            "rule": step.rule.value,
            "compared": step.compared,
            "hits": len(step.hits),
            "accounts": [
                {
                    "accountId": hit.account_id,
                    "username": hit.username,
                    "isEnabled": hit.is_enabled,
                }
                for hit in step.hits
            ],
        }
        for step in trace
    ]
