"""Translation catalogues, read from their .po files: nothing has to be compiled beforehand."""

import io
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

LANGUAGES = ("en", "fr")
_FOLDER = Path(__file__).resolve().parents[1] / "translations"


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """The messages of every language; English is the language of the source."""

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the current language, loaded once per process."""
        locale = get_locale()
        return _catalogue(str(locale) if locale is not None else "en")


@cache
def _catalogue(language: str) -> NullTranslations:
    path = _FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)
