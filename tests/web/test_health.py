"""What load balancers and monitoring ask."""

from datetime import datetime

from app.services.tenants import Tenant
from tests.browser_client import Browser
from tests.factories import make_person
from tests.idp.mock_idp import MockIdp


def test_the_process_and_its_database_answer(browser: Browser) -> None:
    """/healthz asks nothing, /readyz the database's schema."""
    assert browser.get("/healthz").get_json() == {"status": "ok"}
    assert browser.get("/readyz").get_json() == {"status": "ok"}


def test_metrics_count_sign_ins_and_name_nobody(
    browser: Browser, sso_tenant: Tenant, idp: MockIdp, now: datetime
) -> None:
    """Accepted and refused attempts, live sessions and the certificates' days are there."""
    make_person(sso_tenant, now=now, username="anna")
    browser.sign_in(idp, "anna")
    browser.sign_in(idp, "nobody.known")
    text = browser.get("/metrics").text
    attempts = (
        'doorward_sign_in_attempts_last_hour{method="sso",reason="%s",tenant="northwind"} 1.0'
    )
    assert attempts % "" in text
    assert attempts % "NO_MATCH" in text
    assert 'doorward_live_sessions{tenant="northwind"} 1.0' in text
    assert "doorward_idp_certificate_days_left" in text
    assert "anna" not in text
    assert "nobody.known" not in text


def test_metrics_are_for_this_machine_only(browser: Browser) -> None:
    """Another machine, or a request that a proxy passed on, finds nothing there."""
    outside = {"REMOTE_ADDR": "203.0.113.7"}
    assert browser.get("/metrics", environ_overrides=outside).status_code == 404
    forwarded = {"X-Forwarded-For": "127.0.0.1"}
    assert browser.get("/metrics", headers=forwarded).status_code == 404
