"""Administrators set single sign-on up: seen before saved, gated, said what it weakens."""

import io
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from app.services import identity_providers, sso_settings, tenants
from app.services.audit import OPERATOR
from app.services.tenants import Tenant
from tests.browser_client import Browser
from tests.factories import make_administrator, make_person, set_up_idp
from tests.idp.mock_idp import MockIdp

PASSWORD = "a long password"
IMPORT = "/admin/sso/idp/import"


@pytest.fixture
def administrator(browser: Browser, tenant: Tenant, now: datetime) -> Browser:
    """A browser in which a system administrator has signed in with a password."""
    make_administrator(tenant, now=now)
    assert browser.sign_in_with_password("admin", PASSWORD).status_code == 303
    return browser


def policy_of(tenant: Tenant) -> Any:
    return identity_providers.find(tenants.by_slug(tenant.slug)).idp.policy


def test_our_values_are_there_before_anything_is_saved(
    administrator: Browser, tenant: Tenant
) -> None:
    """Entity ID, ACS and metadata can be copied into the identity provider first."""
    page = administrator.get("/admin/sso").text
    assert tenant.entity_id in page
    assert tenant.acs_url in page
    assert "Import metadata" in page


@pytest.mark.parametrize("way", ["text", "file"])
def test_metadata_is_shown_first_and_saved_after(
    administrator: Browser, tenant: Tenant, idp: MockIdp, way: str
) -> None:
    """By file or text the same preview comes, nothing is saved by it, and then it is."""
    given: Any = idp.metadata.decode()
    if way == "file":
        given = (io.BytesIO(idp.metadata), "metadata.xml")
    shown = administrator.submit(IMPORT, {way: given})
    assert shown.status_code == 200
    assert idp.entity_id in shown.text
    assert idp.sso_url in shown.text
    assert "Nothing is saved yet." in shown.text
    assert not identity_providers.of_tenant(tenants.by_slug(tenant.slug))
    saved = administrator.submit(
        "/admin/sso/idp/save",
        {"text": idp.metadata.decode(), "entity_id": idp.entity_id},
        form_at=IMPORT,
    )
    assert saved.status_code == 303
    found = identity_providers.find(tenants.by_slug(tenant.slug))
    assert found.idp.sso_redirect_url == idp.sso_url


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "in one way"),
        ({"text": "<html></html>"}, "metadata"),
        ({"text": "not xml"}, "XML"),
        ({"text": "x", "url": "https://login.northwind.example"}, "in one way"),
        ({"url": "http://127.0.0.1:1/metadata"}, "127.0.0.1"),
        ({"url": "file:///etc/passwd"}, "http"),
        ({"url": "x" * 3000}, "2000"),
    ],
)
def test_what_cannot_be_used_is_said_and_changes_nothing(
    administrator: Browser, tenant: Tenant, given: dict[str, str], words: str
) -> None:
    """Each mistake has its sentence above the form, with 422, and no address inside is asked."""
    answer = administrator.submit(IMPORT, given)
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    assert not identity_providers.of_tenant(tenants.by_slug(tenant.slug))


def test_our_own_metadata_given_by_mistake_is_recognised(administrator: Browser) -> None:
    """Who pastes the service provider's metadata is told just that."""
    ours = administrator.get("/saml/metadata").text
    answer = administrator.submit(IMPORT, {"text": ours})
    assert answer.status_code == 422
    assert "our own metadata" in answer.text


def test_large_federations_are_taken_and_one_is_chosen(
    administrator: Browser, tenant: Tenant, idp: MockIdp
) -> None:
    """Several entities lead to a choice; a document beyond the usual form limit passes."""
    one = idp.metadata.decode().partition("?>")[2] or idp.metadata.decode()
    other = MockIdp(base_url="https://login.contoso.example").metadata.decode()
    other = other.partition("?>")[2] or other
    padding = f"<!-- {'x' * 1_500_000} -->"
    federation = (
        '<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">'
        f"{padding}{one}{other}</md:EntitiesDescriptor>"
    )
    asked = administrator.submit(IMPORT, {"text": federation})
    assert asked.status_code == 200
    assert "Which identity provider?" in asked.text
    chosen = administrator.submit(IMPORT, {"text": federation, "entity_id": idp.entity_id})
    assert "What the metadata says" in chosen.text
    too_large = administrator.submit(IMPORT, {"text": "x" * 7_000_000})
    assert too_large.status_code == 413


def test_sso_goes_on_and_off_and_the_login_page_with_it(
    administrator: Browser, tenant: Tenant, idp: MockIdp, now: datetime, tmp_path: Path
) -> None:
    """S2.30: refused while a gate is shut; then the login page swaps, and back."""
    shut = administrator.submit("/admin/sso/turn-on", {})
    assert shut.status_code == 409
    assert "Import the metadata" in shut.text
    set_up_idp(tenant, idp.metadata, tmp_path / "certs", now=now, sso_on=False)
    assert administrator.submit("/admin/sso/turn-on", {}).status_code == 303
    login = administrator.get("/login?stay=1").text
    assert "Continue with your company sign-in" in login
    assert 'type="password"' not in login
    assert administrator.submit("/admin/sso/turn-off", {}).status_code == 303
    assert 'type="password"' in administrator.get("/login?stay=1").text


def test_enforcing_tells_how_many_may_be_left_outside(
    administrator: Browser, tenant: Tenant, idp: MockIdp, now: datetime, tmp_path: Path
) -> None:
    """The confirmation counts the accounts that never came through the IdP; then passwords end."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    set_up_idp(tenant, idp.metadata, tmp_path / "certs", now=now)
    assert "identity provider: 2." in administrator.get("/admin/sso/enforce").text
    assert administrator.submit("/admin/sso/enforce", {}).status_code == 303
    assert tenants.by_slug(tenant.slug).sso_enforced
    relaxed = administrator.submit("/admin/sso/relax", {}, form_at="/admin/sso")
    assert relaxed.status_code == 303
    assert not tenants.by_slug(tenant.slug).sso_enforced


def test_a_weakening_is_said_and_has_to_be_ticked(
    administrator: Browser, tenant: Tenant, idp: MockIdp, now: datetime, tmp_path: Path
) -> None:
    """A policy that lets more in is saved only when each weakening was confirmed."""
    set_up_idp(tenant, idp.metadata, tmp_path / "certs", now=now, sso_on=False)
    found = identity_providers.find(tenants.by_slug(tenant.slug))
    address = f"/admin/sso/idp/{found.id}/policy"
    wanted = {
        "unsolicited": "accept",
        "want_signed": "any",
        "nameid_format": "any",
        "clock_skew": "300",
        "signed_logout": "y",
    }
    asked = administrator.submit(address, wanted)
    assert asked.status_code == 409
    assert 'value="unsolicited"' in asked.text
    assert 'value="clock_skew"' in asked.text
    assert policy_of(tenant).unsolicited == "restart"
    assert administrator.submit(address, {**wanted, "confirmed": "unsolicited"}).status_code == 409
    confirmed = {**wanted, "confirmed": ["unsolicited", "clock_skew"]}
    assert administrator.submit(address, confirmed).status_code == 303
    assert (policy_of(tenant).unsolicited, policy_of(tenant).clock_skew) == ("accept", 300)


@pytest.mark.parametrize(
    "wrong",
    [
        {"clock_skew": "-1"},
        {"clock_skew": "a minute"},
        {"clock_skew": "99999999999999999999"},
        {"unsolicited": "sometimes"},
        {"authn_context": "no uri"},
        {"sign_requests": "y"},
    ],
)
def test_a_policy_that_cannot_be_is_refused(
    administrator: Browser,
    tenant: Tenant,
    idp: MockIdp,
    now: datetime,
    tmp_path: Path,
    wrong: dict[str, str],
) -> None:
    """Bad values, and a signature without a key of ours, are 422 and change nothing."""
    set_up_idp(tenant, idp.metadata, tmp_path / "certs", now=now, sso_on=False)
    found = identity_providers.find(tenants.by_slug(tenant.slug))
    fine = {
        "unsolicited": "restart",
        "want_signed": "any",
        "nameid_format": "any",
        "clock_skew": "120",
        "signed_logout": "y",
    }
    answer = administrator.submit(f"/admin/sso/idp/{found.id}/policy", {**fine, **wrong})
    assert answer.status_code == 422
    assert policy_of(tenant) == found.idp.policy


def test_the_last_identity_provider_stays_while_sso_is_on(
    administrator: Browser, tenant: Tenant, idp: MockIdp, now: datetime, tmp_path: Path
) -> None:
    """Removing it would leave a login page that leads nowhere."""
    set_up_idp(tenant, idp.metadata, tmp_path / "certs", now=now)
    found = identity_providers.find(tenants.by_slug(tenant.slug))
    administrator.submit(f"/admin/sso/idp/{found.id}/remove", {})
    assert identity_providers.of_tenant(tenants.by_slug(tenant.slug))
    sso_settings.turn_off(tenants.by_slug(tenant.slug), actor=OPERATOR, now=now)
    administrator.submit(f"/admin/sso/idp/{found.id}/remove", {})
    assert not identity_providers.of_tenant(tenants.by_slug(tenant.slug))


def test_another_tenants_identity_provider_is_not_there(
    administrator: Browser, tenant: Tenant, idp: MockIdp, now: datetime, tmp_path: Path
) -> None:
    """Its ID leads to 404, to look at as to change."""
    other = tenants.create("contoso", name="C", base_url="https://contoso.example", now=now)
    set_up_idp(other, idp.metadata, tmp_path / "certs", now=now)
    foreign = identity_providers.find(tenants.by_slug("contoso")).id
    for path in ("policy", "remove"):
        assert administrator.get(f"/admin/sso/idp/{foreign}/{path}").status_code == 404


def test_staff_see_nothing_of_it(browser: Browser, tenant: Tenant, now: datetime) -> None:
    """S2.33: whoever is no system administrator gets 403 on every page of it."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    browser.sign_in_with_password("anna", PASSWORD)
    for path in ("/admin/sso", "/admin/sso/turn-on", "/admin/sso/enforce", IMPORT):
        assert browser.get(path).status_code == 403
