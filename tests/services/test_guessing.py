"""Guessing passwords: counted before the outcome, per network; told the same whatever it was."""

import threading
from datetime import datetime
from typing import Any

import argon2
import pytest
from flask import Flask

from app.domain.refusals import Reason, SignInRefused
from app.services import password_sign_in
from app.services.clients import Client
from app.services.tenants import Tenant
from tests.factories import make_person

PASSWORD = "a long password"


def guess(tenant: Tenant, now: datetime, username: str, password: str, address: str) -> str | None:
    """The reason of the refusal, None where it was right."""
    try:
        password_sign_in.sign_in(
            tenant,
            username=username,
            password=password,
            return_path=None,
            client=Client(address, "a browser"),
            now=now,
        )
    except SignInRefused as refused:
        return refused.reason
    return None


def test_many_guesses_at_once_are_counted_one_by_one(
    app: Flask, tenant: Tenant, now: datetime
) -> None:
    """Of parallel guesses no more are looked at than of guesses in a row."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    outcomes: list[str | None] = []
    start = threading.Barrier(8)

    def run() -> None:
        with app.app_context():
            start.wait()
            outcomes.append(guess(tenant, now, "anna", "wrong", "203.0.113.7"))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == [Reason.PASSWORD_WRONG] * 5 + [Reason.THROTTLED] * 3


def test_an_ipv6_network_is_one_guesser(tenant: Tenant, now: datetime) -> None:
    """A home has as many IPv6 addresses as it likes: another one gives no more tries."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    for number in range(5):
        refused = guess(tenant, now, "anna", "wrong", f"2001:db8:1:2:{number}::{number}")
        assert refused == Reason.PASSWORD_WRONG
    assert guess(tenant, now, "anna", PASSWORD, "2001:db8:1:2:ffff::1") == Reason.THROTTLED
    assert guess(tenant, now, "anna", PASSWORD, "2001:db8:1:3::1") is None


def test_no_refusal_is_quicker_than_another(
    tenant: Tenant, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown name, wrong password, no password set, disabled: each costs one look at a hash."""
    make_person(tenant, now=now, username="anna", password=PASSWORD)
    make_person(tenant, "Bo Disabled", now=now, username="bo", password=PASSWORD, is_enabled=False)
    make_person(tenant, "Cy Passwordless", now=now, username="cy")
    looks: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, hashed: str, password: bytes) -> Any:
        looks.append(hashed)
        return verify(self, hashed, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    names = ["anna", "bo", "cy", "nobody", "\0", ""]
    for number, name in enumerate(names):
        reason = guess(tenant, now, name, "wrong password", "203.0.113.7")
        assert reason == Reason.PASSWORD_WRONG
        assert len(looks) == number + 1
    figures = {hashed.rpartition("$")[0].rpartition("$")[0] for hashed in looks}
    assert len(figures) == 1, "all with the same memory and passes"
