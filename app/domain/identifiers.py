"""One canonical spelling for each identifier of an account.

Two values are the same identifier exactly when their canonical forms are equal as strings.
The canonical form is stored beside the value, so every database compares alike and an
index serves the look-up.
"""

import unicodedata
from enum import StrEnum

MAX_LENGTH = 256
_RAW_LIMIT = 4 * MAX_LENGTH
_XML_WHITE_SPACE = " \t\r\n"
_ASCII_FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class Identifier(StrEnum):
    """The four identifiers of an account, in the order in which a NameID is tried on them."""

    SSO_ID = "sso-id"
    PRIMARY_EMAIL = "primary-email"
    USERNAME = "username"
    EMPLOYEE_NUMBER = "employee-number"


FOLDED = frozenset({Identifier.PRIMARY_EMAIL, Identifier.USERNAME})


def canonical(identifier: Identifier, value: str | None) -> str | None:
    """Return the form under which `value` is compared, or None where it matches nothing.

    Unicode NFC, XML white space trimmed at both ends; for e-mail and username the letters
    A-Z become a-z and nothing else is folded. None comes back for an empty value, one over
    256 characters, one with a control character or a lone surrogate, and one with a
    character that NFC would turn into ASCII (the Kelvin sign would become a K): a
    look-alike is never "the same". A canonical form is its own canonical form.
    """
    spelling = spelled(value)
    if spelling is None:
        return None
    return folded(spelling) if identifier in FOLDED else spelling


def spelled(value: str | None) -> str | None:
    """Return `value` as it is kept and shown: `canonical` without the folding of letters."""
    if value is None or len(value) > _RAW_LIMIT:
        return None
    trimmed = value.strip(_XML_WHITE_SPACE)
    if trimmed.isascii():
        spelling = trimmed
    else:
        if any(_becomes_ascii(character) for character in trimmed):
            return None
        spelling = unicodedata.normalize("NFC", trimmed)
    if not spelling or len(spelling) > MAX_LENGTH:
        return None
    # Asked first because it is quick, and true of nearly everything.
    if not spelling.isprintable() and any(
        unicodedata.category(character) in ("Cc", "Cs") for character in spelling
    ):
        return None
    return spelling


def folded(value: str) -> str:
    """Return `value`, which is in NFC, with the letters A-Z as a-z, and in NFC again.

    A few accents compose with a small letter only, so that folding the letter before one of
    them leaves NFC.
    """
    small = value.translate(_ASCII_FOLD)
    return small if small.isascii() else unicodedata.normalize("NFC", small)


def _becomes_ascii(character: str) -> bool:
    return not character.isascii() and unicodedata.normalize("NFC", character).isascii()
