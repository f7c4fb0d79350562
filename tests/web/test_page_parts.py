"""The parts that pages are made of: forms with their errors, instants, copy buttons."""

from datetime import UTC, datetime, timedelta, timezone
from typing import cast

import lxml.html
import pytest
from flask import Flask, render_template_string
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from lxml.html import HtmlElement
from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import InputRequired


class NameForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """One field of each sort that the macros treat in its own way."""

    name = StringField("Name", [InputRequired(lazy_gettext("Enter your username."))])
    way = RadioField(
        "Way",
        [InputRequired("Choose a way")],
        choices=["a", "b"],  # type: ignore[list-item]  # its types are older than it
    )
    kept = HiddenField(validators=[InputRequired("Start again")])


PAGE = """
{%- from "macros/forms.html" import error_summary, hidden_fields, radio_field, text_field -%}
{{ error_summary(form) }}{{ hidden_fields(form) }}
{{ text_field(form.name, hint="As on the contract", autocomplete="name") }}
{{ radio_field(form.way, hints={"b": "The other"}) }}
"""


def rendered(app: Flask, source: str, language: str = "en", **values: object) -> HtmlElement:
    """A piece of a page, as the application renders it."""
    with app.test_request_context(f"/login?lang={language}"):
        return lxml.html.fragment_fromstring(render_template_string(source, **values), "main")


def refused_form(app: Flask, language: str = "en") -> HtmlElement:
    """A page with a form that was sent empty."""
    with app.test_request_context(f"/login?lang={language}"):
        form = NameForm(meta={"csrf": False})
        assert not form.validate()
        return lxml.html.fragment_fromstring(render_template_string(PAGE, form=form), "main")


def the(page: HtmlElement, xpath: str) -> HtmlElement:
    """The one element that an expression finds."""
    found = page.xpath(xpath)
    assert len(found) == 1, xpath
    return cast(HtmlElement, found[0])


def test_the_error_summary_leads_to_the_fields(app: Flask) -> None:
    """Each error is a link to its field, radio buttons by their first; hidden ones have no link."""
    page = refused_form(app)
    summary = the(page, "//div[@class='error-summary']")
    links = {link.get("href"): link.text_content() for link in summary.xpath(".//a")}
    assert links == {"#name": "Enter your username.", "#way-0": "Choose a way"}
    for target in links:
        the(page, f"//input[@id='{target[1:]}']")
    assert "Start again" in summary.text_content()


def test_a_field_names_its_hint_and_its_error(app: Flask) -> None:
    """What describes a field to a screen reader is there, and the field is marked invalid."""
    page = refused_form(app)
    field = the(page, "//input[@id='name']")
    assert field.get("aria-invalid") == "true"
    assert field.get("autocomplete") == "name"
    hint, error = (
        the(page, f"//*[@id='{each}']") for each in field.attrib["aria-describedby"].split()
    )
    assert hint.text_content() == "As on the contract"
    assert "Enter your username." in error.text_content()


def test_errors_speak_the_language_of_the_page(app: Flask) -> None:
    """A message that is translated only when it is shown is neither lost nor left in English."""
    page = refused_form(app, "fr")
    for place in ("//div[@class='error-summary']", "//p[@id='name-error']"):
        assert "Indiquez votre nom d’utilisateur." in the(page, place).text_content()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC),
        datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC).replace(tzinfo=None),
        datetime(2026, 11, 22, 16, 5, 9, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_an_instant_is_told_in_utc(app: Flask, moment: datetime) -> None:
    """An instant reads the same whatever its offset, and names the offset it is told in."""
    source = '{% from "macros/display.html" import instant %}{{ instant(moment) }}'
    shown = the(rendered(app, source, moment=moment), "//time")
    assert shown.text_content() == "22 Nov 2026 14:05 UTC"
    stated = datetime.fromisoformat(shown.attrib["datetime"])
    assert stated == datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)


def test_copy_waits_for_the_script(app: Flask) -> None:
    """Without JavaScript there is a text to select and no button that does nothing."""
    source = '{% from "macros/display.html" import copy_field %}{{ copy_field("x", "ACS", "<a>") }}'
    page = rendered(app, source)
    assert the(page, "//code[@id='x']").text_content() == "<a>"
    the(page, "//button[@hidden and @type='button' and @data-copy='#x']")


@pytest.mark.parametrize(
    ("number", "said", "links"),
    [
        (1, "1 to 50 of 1,284", ["/login?lang=en&q=a&page=2"]),
        (26, "1,251 to 1,284 of 1,284", ["/login?lang=en&q=a&page=25"]),
    ],
)
def test_pages_keep_the_filter(app: Flask, number: int, said: str, links: list[str]) -> None:
    """The way to the next and the previous page keeps what was filtered for."""
    source = '{% from "macros/tables.html" import pagination %}{{ pagination(page) }}'
    with app.test_request_context("/login?lang=en&q=a"):
        shown = render_template_string(source, page={"number": number, "size": 50, "total": 1284})
    page = lxml.html.fragment_fromstring(shown)
    assert the(page, ".//p").text_content() == said
    assert [link.get("href") for link in page.xpath(".//a")] == links
