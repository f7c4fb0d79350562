"""How people's names are spelled for looking them up: for a search box, never for matching."""

import unicodedata

MAX_KEY = 200

#: Letters that Unicode does not take apart, as somebody without the keyboard for them types.
_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"}
)


def search_key(text: str) -> str:
    """Return a name in lower case without accents, its words one space apart.

    "Zoë  Sørensen-Łuk" becomes "zoe sorensen-luk". Control characters count as spaces; at most
    200 characters are kept.
    """
    spaced = "".join(
        " " if unicodedata.category(character) in ("Cc", "Cs") else character for character in text
    )
    decomposed = unicodedata.normalize("NFKD", spaced.casefold().translate(_PLAIN))
    plain = "".join(
        character for character in decomposed if unicodedata.category(character) != "Mn"
    )
    return " ".join(plain.casefold().split())[:MAX_KEY]
