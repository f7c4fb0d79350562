"""The short code that joins an employee's error page to the administrators' log."""

from collections.abc import Callable

#: Without 0/O, 1/I/L, A and U: it is read over the telephone and hardly ever spells a word.
ALPHABET = "23456789BCDEFGHJKMNPQRSTVWXYZ"
_GROUP = 4


def new_reference(pick: Callable[[str], str]) -> str:
    """Return a code like K7Q2-9FXD; `pick` chooses one character of a string at random."""
    characters = "".join(pick(ALPHABET) for _ in range(2 * _GROUP))
    return f"{characters[:_GROUP]}-{characters[_GROUP:]}"


def read_reference(given: str) -> str | None:
    """Return the reference that a person typed, in its one spelling, or None."""
    compact = given.strip().upper().replace("-", "").replace(" ", "")
    if len(compact) != 2 * _GROUP or any(character not in ALPHABET for character in compact):
        return None
    return f"{compact[:_GROUP]}-{compact[_GROUP:]}"
