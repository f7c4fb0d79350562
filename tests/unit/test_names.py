"""Names are found by whoever cannot type their letters."""

import pytest

from app.domain.names import MAX_KEY, search_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Zoë  Sørensen-Łuk", "zoe sorensen-luk"),
        ("  ÉMILE\tÇelik\n", "emile celik"),
        ("Weiß", "weiss"),
        ("Æsa Þórðardóttir", "aesa thordardottir"),
        ("İpek Işık", "ipek isik"),
        ("E\N{COMBINING ACUTE ACCENT}mile", "emile"),
        ("小林 Ω", "小林 ω"),
        ("a\0b\ud800", "a b"),
        ("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 50, None),
        ("", ""),
    ],
)
def test_a_key_is_lower_case_without_accents(name: str, key: str | None) -> None:
    """Spelling a key again changes nothing, and however a name grows, its key fits its column."""
    found = search_key(name)
    assert key is None or found == key
    assert search_key(found) == found
    assert len(found) <= MAX_KEY
