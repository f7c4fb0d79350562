"""What the pages' design promises: small, readable, fit for a strict security policy."""

import re
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
CSS = (APP / "static/doorward.css").read_text()
TEMPLATES = sorted((APP / "templates").rglob("*.html"))

#: Text and what it stands on; WCAG 2.2 asks for 4.5 (text) and 3 (frames of controls).
TEXT_PAIRS = [
    *((text, ground) for text in ("text", "muted", "accent") for ground in ("bg", "surface")),
    *((text, ground) for text in ("text", "muted", "accent") for ground in ("page", "card")),
    *((state, ground) for state in ("ok", "warn", "bad", "info") for ground in ("bg", "surface")),
    *((state, f"{state}-bg") for state in ("ok", "warn", "bad", "info")),
    *(("text", f"{state}-bg") for state in ("ok", "warn", "bad", "info")),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("bg", "bad"),
    ("bg", "text"),
]
FRAME_PAIRS = [("line-strong", "bg"), ("line-strong", "surface"), ("accent", "bg")]


def tokens(scheme: str) -> dict[str, str]:
    """The colours of a scheme; what dark does not name again is as in light."""
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    )
    return light if scheme == "light" else light | dark


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def markup(template: Path) -> str:
    """A template's HTML without Jinja's code in it."""
    return re.sub(r"\{[{%#].*?[}%#]\}", " ", template.read_text(), flags=re.DOTALL)


def test_contrast_is_measured_rightly() -> None:
    """The measure used below knows the two ends of its scale and a grey between them."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable(scheme: str) -> None:
    """Every colour of text has AA contrast on every ground it is put on."""
    colours = tokens(scheme)
    poor = {
        pair: round(ratio, 2)
        for pair in TEXT_PAIRS
        if (ratio := contrast(colours[pair[0]], colours[pair[1]])) < 4.5
    }
    assert not poor


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_controls_have_visible_frames(scheme: str) -> None:
    """The frame of a field and the ring of the focus stand out from what is around them."""
    colours = tokens(scheme)
    assert all(contrast(colours[one], colours[other]) >= 3 for one, other in FRAME_PAIRS)


def test_the_design_is_small() -> None:
    """The style sheet stays under 20 KB, the script under 5 KB."""
    assert len(CSS.encode()) <= 20 * 1024
    assert (APP / "static/doorward.js").stat().st_size <= 5 * 1024


def test_hidden_stays_hidden() -> None:
    """A button that is hidden is not shown by a class that sets `display`."""
    assert "[hidden] { display: none !important; }" in CSS


def test_pages_hold_no_inline_code() -> None:
    """No template has a script, a style or a handler in it: the policy would block them."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=[\"']|javascript:")
    found = {path.name: inline.findall(markup(path)) for path in TEMPLATES}
    assert len(TEMPLATES) > 10
    assert inline.search('<p style="">') and inline.search('<p onclick="">')
    assert not {name: hits for name, hits in found.items() if hits}


def test_the_script_needs_no_eval() -> None:
    """The script works where the policy forbids code from strings."""
    script = (APP / "static/doorward.js").read_text()
    assert not re.search(r"\beval\(|new Function|setTimeout\(\s*[\"'`]|document\.write", script)


def test_classes_are_styled() -> None:
    """A class that a template uses is one that the style sheet knows."""
    used = set()
    for path in TEMPLATES:
        for names in re.findall(r'\bclass="([^"]*)"', markup(path)):
            used |= {name for name in names.split() if not name.endswith("-")}
    # `flashes` is only the status region's name.
    assert used - set(re.findall(r"\.([a-z][\w-]*)", CSS)) <= {"flashes"}
