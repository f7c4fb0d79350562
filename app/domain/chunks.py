"""Long sequences in pieces, so that memory does not grow with their length."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def in_chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Return the items in lists of `size`, the last one as long as what is left."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
