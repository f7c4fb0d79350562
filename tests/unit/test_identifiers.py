"""When two spellings are one identifier, and when they only look alike."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identifiers import FOLDED, MAX_LENGTH, Identifier, canonical, folded, spelled

EXACT = [rule for rule in Identifier if rule not in FOLDED]
#: Letters that fold, letters that look like them, accents that compose with small letters only.
TRICKY = "AaKkIiSsHhJj \t\u0130\u0131\u0307\u030a\u030c\u0331\u017f\u212a\u212bßẞＡａéÉ\u0301\u200b"
tricky = st.text(st.sampled_from(TRICKY), max_size=6)
anything = st.one_of(tricky, st.text(max_size=20))


@pytest.mark.parametrize("rule", sorted(FOLDED))
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Anna@Northwind.example", "anna@northwind.example"),
        (" anna\r\n\t", "anna"),
        ("ÉLODIE", "Élodie"),
        ("E\u0301lodie", "Élodie"),
        ("\u00a0anna", "\u00a0anna"),
        ("H\u0331", "\u1e96"),
    ],
)
def test_e_mail_and_username_fold_ascii_letters(
    rule: Identifier, value: str, expected: str
) -> None:
    """A-Z become a-z, white space of XML goes, accents are composed; nothing else happens."""
    assert canonical(rule, value) == expected


@pytest.mark.parametrize("rule", EXACT)
@pytest.mark.parametrize(
    ("value", "expected"),
    [("AL-77", "AL-77"), (" 00042 ", "00042"), ("42", "42"), ("E\u0301", "É"), ("é", "é")],
)
def test_sso_id_and_employee_number_are_exact(rule: Identifier, value: str, expected: str) -> None:
    """Case and leading zeros are kept."""
    assert canonical(rule, value) == expected


@pytest.mark.parametrize("rule", Identifier)
@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        " \t\r\n",
        "a" * (MAX_LENGTH + 1),
        "é" * (MAX_LENGTH + 1),
        "e\u0301" * (MAX_LENGTH + 1),
        " " * 5 * MAX_LENGTH + "a",
        "an\0na",
        "an\nna",
        "anna\x7f",
        "anna\x9f",
        "anna\ud800",
        "\u212aim",
        "a\u037eb",
        "a\u1fefb",
    ],
)
def test_what_matches_nothing(rule: Identifier, value: str | None) -> None:
    """Nothing, too much, control characters, and what NFC would make ASCII match nothing."""
    assert canonical(rule, value) is None


@pytest.mark.parametrize("rule", Identifier)
@pytest.mark.parametrize("value", ["a" * MAX_LENGTH, "é" * MAX_LENGTH, "e\u0301" * MAX_LENGTH])
def test_the_longest_value(rule: Identifier, value: str) -> None:
    """256 characters are allowed, counted when accents are composed."""
    assert canonical(rule, value) == unicodedata.normalize("NFC", value)


@pytest.mark.parametrize("rule", Identifier)
@pytest.mark.parametrize(
    ("letter", "look_alike"),
    [
        ("i", "\u0131"),
        ("i", "\u0130"),
        ("i", "i\u0307"),
        ("k", "\u212a"),
        ("s", "\u017f"),
        ("ss", "ß"),
        ("ß", "ẞ"),
        ("a", "ａ"),
        ("a", "Ａ"),
        ("a", "а"),  # Cyrillic
        ("é", "É"),
        ("å", "\u212b"),
        ("fi", "\ufb01"),
        ("1", "１"),
        ("a", "a\u200b"),
        ("a", "\ufeffa"),
    ],
)
def test_look_alikes_differ(rule: Identifier, letter: str, look_alike: str) -> None:
    """A look-alike letter is never "the same", under no rule."""
    assert canonical(rule, f"x{letter}x") != canonical(rule, f"x{look_alike}x")


def test_no_other_character_becomes_ascii() -> None:
    """Of all characters there are, only A-Z share a canonical form with another ASCII one."""
    for code in range(128, sys.maxunicode + 1):
        found = canonical(Identifier.USERNAME, chr(code))
        assert found is None or not found.isascii(), hex(code)


@given(rule=st.sampled_from(Identifier), value=anything)
def test_canonical_is_its_own_canonical(rule: Identifier, value: str) -> None:
    """What is stored compares like what was given, however often it is made canonical."""
    once = canonical(rule, value)
    assert once is None or canonical(rule, once) == once


@given(value=anything)
def test_spelling_keeps_the_letters(value: str) -> None:
    """What is shown differs from what was given in white space at its ends and NFC only."""
    shown = spelled(value)
    assert shown is None or shown == unicodedata.normalize("NFC", value.strip(" \t\r\n"))


@given(value=anything)
def test_exact_and_folded_agree(value: str) -> None:
    """The folded form of an exact key is the key of an e-mail: one index finds both."""
    exact = canonical(Identifier.SSO_ID, value)
    loose = canonical(Identifier.PRIMARY_EMAIL, value)
    assert (exact is None) is (loose is None)
    assert exact is None or folded(exact) == loose


@given(one=tricky, other=tricky)
def test_folding_equates_ascii_case_only(one: str, other: str) -> None:
    """Two values with one key differ, accents taken apart, in the case of A-Z only."""
    key = canonical(Identifier.USERNAME, one)
    if key is None or key != canonical(Identifier.USERNAME, other):
        return

    def plain(value: str) -> str:
        apart = unicodedata.normalize("NFD", value.strip(" \t\r\n"))
        return "".join(c.lower() if "A" <= c <= "Z" else c for c in apart)

    assert plain(one) == plain(other)
