"""Whoever guesses passwords: counted by where they are, not by what they say of themselves."""

from dataclasses import replace
from datetime import datetime
from ipaddress import ip_network

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import SignInAttempt
from app.services.tenants import Tenant
from app.services.transactions import reading
from tests.browser_client import Browser
from tests.factories import make_person

PASSWORD = "a long password"


def addresses() -> list[str | None]:
    with reading() as session:
        found = select(SignInAttempt.ip_address).order_by(SignInAttempt.at)
        return list(session.execute(found).scalars())


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "address"),
    [
        ("", "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.0/8", "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.0/8", "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.1", "1.1.1.1, not an address", "unknown"),
        ("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"),
        ("::1/128", "::1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_an_address_is_believed_from_trusted_proxies_only(
    app: Flask,
    browser: Browser,
    tenant: Tenant,
    trusted: str,
    peer: str,
    forwarded: str,
    address: str,
) -> None:
    """X-Forwarded-For is read from right to left, up to the first hop that is no proxy of ours."""
    networks = tuple(ip_network(each) for each in trusted.split() if each)
    app.extensions["doorward"] = replace(app.extensions["doorward"], trusted_proxies=networks)
    browser.cross_site_post(
        "/saml/acs",
        {"SAMLResponse": "x"},
        headers={"X-Forwarded-For": forwarded} if forwarded else {},
        environ_overrides={"REMOTE_ADDR": peer},
    )
    assert addresses() == [address]


def test_no_header_and_no_spelling_gives_a_guesser_more_tries(
    app: Flask, tenant: Tenant, now: datetime
) -> None:
    """Forged addresses, capitals, white space, other forms of the same letters: one counter."""
    make_person(tenant, now=now, username="zoë", password=PASSWORD)
    spellings = ["zoë", "ZOë", " zoë", "zoe\u0308", "zoë\t", "Zoë"]
    statuses = []
    for number, spelling in enumerate(spellings):
        browser = Browser(app, tenant.base_url)
        form = {"username": spelling, "password": PASSWORD[:number]}
        form["csrf_token"] = browser.csrf("/login/password")
        headers = {"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": "192.0.2.1"}
        statuses.append(browser.post("/login/password", form, headers=headers).status_code)
    assert statuses[1:] == [403, 403, 403, 403, 403]
    browser = Browser(app, tenant.base_url)
    assert browser.sign_in_with_password("zoë", PASSWORD).status_code == 429
