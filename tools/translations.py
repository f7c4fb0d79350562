"""The sentences of `app` and their French catalogue: `./check --translations` brings it up to date.

What the code no longer says is dropped, what it newly says is added without a translation. The
file is sorted and names no line, so that a change of code changes only the sentences it touched.
"""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "app/translations/fr/LC_MESSAGES/messages.po"
_FRENCH_SPACE = re.compile(r" (?=[:;?!»])|(?<=«) ")
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2)}


def extract() -> Catalog:
    """Every sentence marked for translation in `app`, as `babel.cfg` finds them."""
    with (ROOT / "babel.cfg").open() as configuration:
        methods, options = parse_mapping_cfg(configuration)  # type: ignore[no-untyped-call]
    found = Catalog()
    messages = extract_from_dir(ROOT, methods, options, KEYWORDS)
    for path, line, message, _comments, context in messages:
        found.add(message, locations=[(path, line)], context=context)
    return found


def read() -> Catalog:
    """The French catalogue as it stands, empty where there is none yet."""
    if not CATALOGUE.exists():
        return Catalog(
            locale="fr",
            project="Doorward",
            version="0.1",
            last_translator="Doorward contributors",
            language_team="French",
            msgid_bugs_address="the issues of the repository",
            header_comment="# Doorward in French.",
            revision_date=datetime.now(UTC),
            fuzzy=False,
        )
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


def unbroken(french: str) -> str:
    """The text with no-break spaces where French has a space before or after its punctuation."""
    return _FRENCH_SPACE.sub("\N{NO-BREAK SPACE}", french)


def update() -> int:
    """Bring the catalogue up to date, and print what is left to translate."""
    catalogue = read()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    catalogue.update(extract(), no_fuzzy_matching=True, update_creation_date=False)
    for message in catalogue:
        if not message.id:
            continue
        if isinstance(message.string, str):
            message.string = unbroken(message.string)
        elif message.string is not None:
            message.string = tuple(unbroken(form) for form in message.string)
    with CATALOGUE.open("wb") as file:
        write_po(
            file, catalogue, width=100, no_location=True, sort_output=True, ignore_obsolete=True
        )
    left = [message for message in catalogue if message.id and not message.string]
    for message in left:
        print(f"to translate: {message.id!r}")
    return len(left)


if __name__ == "__main__":
    sys.exit(1 if update() else 0)
