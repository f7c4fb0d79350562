"""Every sentence a person reads is there in French too."""

import re
from collections.abc import Iterable

import pytest
from babel.messages.catalog import Message

from tools import translations

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")


@pytest.fixture(scope="module")
def catalogue() -> dict[tuple[str, str | None], Message]:
    return {key(message): message for message in translations.read() if message.id}


def key(message: Message) -> tuple[str, str | None]:
    return forms(message.id)[0], message.context


def forms(text: str | Iterable[str] | None) -> list[str]:
    """A message's singular and plural, or its one form."""
    return [text or ""] if isinstance(text, str) or text is None else list(text)


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_every_sentence_is_translated(
    catalogue: dict[tuple[str, str | None], Message],
) -> None:
    """No template and no module of `app` says a sentence that has no French translation."""
    missing = []
    for message in translations.extract():
        if not message.id:
            continue
        french = catalogue.get(key(message))
        if french is None or french.fuzzy or not all(forms(french.string)):
            missing.append(f"{message.id!r} in {message.locations[0][0]}")
    assert not missing, "run ./check --translations, then translate what it names"


def test_no_line_begins_with_punctuation(
    catalogue: dict[tuple[str, str | None], Message],
) -> None:
    """French puts a space before a colon, and a narrow screen must not break the line there."""
    assert not [
        form
        for message in catalogue.values()
        for form in forms(message.string)
        if translations.unbroken(form) != form
    ], "run ./check --translations"


def test_placeholders_are_kept(catalogue: dict[tuple[str, str | None], Message]) -> None:
    """A translation has the placeholders of the sentence: else it fails when it is shown."""
    broken = []
    for message in catalogue.values():
        wanted = placeholders(forms(message.id)[-1])
        *singular, last = (placeholders(form) for form in forms(message.string))
        # "one account" needs no number: the singular may leave placeholders out.
        if last != wanted or not all(found <= wanted for found in singular):
            broken.append(message.id)
    assert not broken
