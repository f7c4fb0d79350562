"""Every vector of tests/vectors says itself what must come of it."""

import base64
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from saml.assertion import Assertion
from saml.errors import ResponseRejected
from saml.response import read
from saml.settings import IdentityProvider, KeyPair, Policy, ServiceProvider

VECTORS = Path(__file__).parents[1] / "vectors"
CERTIFICATES = VECTORS / "certificates"

SP = ServiceProvider(
    entity_id="https://northwind.example/saml/metadata",
    acs_url="https://northwind.example/saml/acs",
    slo_url="https://northwind.example/saml/slo",
    keys=(
        KeyPair(
            certificate=(CERTIFICATES / "sp.pem").read_text(),
            private_key=(VECTORS / "keys" / "sp-TEST-KEY.pem").read_text(),
        ),
    ),
)
IDP = IdentityProvider(
    entity_id="https://login.northwind.example/metadata",
    sso_redirect_url="https://login.northwind.example/sso",
    signing_certificates=tuple(
        (CERTIFICATES / name).read_text() for name in ("idp-rsa.pem", "idp-ecdsa.pem")
    ),
)


@dataclass(frozen=True)
class Vector:
    """One file: its header lines and the form field to post."""

    path: Path
    header: dict[str, str]
    policy: Policy
    field: str

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.header["now"])

    @property
    def request_id(self) -> str | None:
        return self.header.get("request") or None

    def read(self) -> Assertion:
        idp = replace(IDP, policy=self.policy)
        verified = read(self.field, sp=SP, identity_providers={IDP.entity_id: idp}, now=self.now)
        return verified.accept(self.request_id)


def load(path: Path) -> Vector:
    front, _, body = path.read_bytes().partition(b"\n\n")
    header: dict[str, str] = {}
    policy: dict[str, Any] = {}
    for line in front.decode().splitlines():
        name, _, value = line.partition(":")
        if name == "policy":
            setting, _, wanted = value.strip().partition("=")
            kind = type(getattr(Policy(), setting))
            # A setting that is None by default holds text.
            policy[setting] = (
                wanted == "True" if kind is bool else int(wanted) if kind is int else wanted
            )
        else:
            header[name] = value.strip()
    is_field = header.get("body") == "base64"
    field = body.decode("latin-1") if is_field else base64.b64encode(body).decode()
    return Vector(path, header, Policy(**policy), field)


FILES = sorted([*VECTORS.glob("accepted/*.txt"), *VECTORS.glob("refused/*.txt")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_vector_comes_to_what_its_header_expects(path: Path) -> None:
    """An accepted vector gives its NameID, a refused one its closed reason code."""
    vector = load(path)
    expected = vector.header["expect"]
    if expected == "accepted":
        assertion = vector.read()
        assert assertion.name_id.value == vector.header["name_id"]
        assert assertion.in_response_to == vector.request_id
        assert assertion.issuer == IDP.entity_id
    else:
        with pytest.raises(ResponseRejected) as refusal:
            vector.read()
        assert refusal.value.reason.value == expected, refusal.value.detail


def test_the_vectors_are_there() -> None:
    """A lost folder of vectors cannot make the run above pass by testing nothing."""
    assert {path.parent.name for path in FILES} == {"accepted", "refused"}
