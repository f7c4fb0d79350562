"""What goes to the log when something breaks, and what never does."""

import json

import pytest
from flask import Flask

from app.services.tenants import Tenant
from tests.browser_client import Browser


def test_an_unexpected_error_is_logged_without_the_values_of_variables(
    app: Flask,
    browser: Browser,
    tenant: Tenant,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A password that was being checked when something broke is in neither log nor answer."""
    from app.models import db

    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE throttles")
    form = {"username": "anna", "password": "a secret that was typed"}
    answer = browser.submit("/login/password", form)
    assert answer.status_code == 503
    written = capsys.readouterr().err
    events = [json.loads(line) for line in written.splitlines()]
    assert events
    assert "a secret that was typed" not in written + answer.text
    assert "Traceback" not in answer.text
