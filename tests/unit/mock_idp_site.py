"""The mock IdP as a website with one service provider, as its tests visit it."""

import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from html import unescape
from pathlib import Path

from flask.testing import FlaskClient
from lxml import etree

from tests.idp import redirect, terms
from tests.idp.config import IdpConfig, Person
from tests.idp.keys import KeyPair, rsa_key_pair
from tests.idp.mock_idp import MockIdp
from tests.idp.server import create_idp
from tests.idp.service_providers import ServiceProvider, read_metadata

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SP = "https://northwind.example/saml"
ANNA = "anna.larsen@northwind.example"
IDP = MockIdp()
PEOPLE = (
    Person("Anna Larsen", ANNA, terms.EMAIL, "by e-mail"),
    Person("Ben Okafor", "00417"),
)


@cache
def sp_keys() -> KeyPair:
    return rsa_key_pair("A service provider")


def sp_metadata(*, signs: bool = False, entity_id: str = f"{SP}/metadata") -> bytes:
    certificate = (
        f'<ds:KeyInfo xmlns:ds="{terms.DS}"><ds:X509Data><ds:X509Certificate>'
        f"{sp_keys().certificate_base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    )
    return f"""<md:EntityDescriptor xmlns:md="{terms.METADATA}" entityID="{entity_id}">
      <md:SPSSODescriptor AuthnRequestsSigned="{"true" if signs else "false"}"
          protocolSupportEnumeration="{terms.SAMLP}">
        <md:KeyDescriptor use="signing">{certificate}</md:KeyDescriptor>
        <md:KeyDescriptor use="encryption">{certificate}</md:KeyDescriptor>
        <md:SingleLogoutService Binding="{terms.HTTP_REDIRECT}" Location="{SP}/slo"/>
        <md:AssertionConsumerService Binding="{terms.HTTP_POST}" Location="{SP}/acs/second"
            index="1"/>
        <md:AssertionConsumerService Binding="{terms.HTTP_POST}" Location="{SP}/acs"
            index="0" isDefault="true"/>
      </md:SPSSODescriptor>
    </md:EntityDescriptor>""".encode()


def provider() -> ServiceProvider:
    return read_metadata(sp_metadata())


def authn_request(attributes: str = "", content: str = "", *, request_id: str = "_q1") -> bytes:
    return (
        f'<samlp:AuthnRequest xmlns:samlp="{terms.SAMLP}" xmlns:saml="{terms.SAML}"'
        f' ID="{request_id}" Version="2.0" IssueInstant="2026-01-01T00:00:00Z"'
        f' Destination="{IDP.sso_url}"{attributes}>'
        f"<saml:Issuer>{SP}/metadata</saml:Issuer>{content}</samlp:AuthnRequest>"
    ).encode()


def sso(document: bytes, *, key: KeyPair | None = None, relay_state: str | None = "state-1") -> str:
    return "/sso?" + redirect.query("SAMLRequest", document, relay_state=relay_state, key=key)


@contextmanager
def website(folder: Path, metadata: bytes | None = None) -> Iterator[FlaskClient]:
    file = folder / "sp.xml"
    file.write_bytes(metadata or sp_metadata())
    app = create_idp(IdpConfig(IDP, PEOPLE, (str(file),)), clock=lambda: NOW)
    with app.test_client() as client:
        yield client


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def sent(page: str) -> etree._Element:
    """The Response that a page is about to post."""
    return etree.fromstring(b64decode(fields(page)["SAMLResponse"]))


def name_id(response: etree._Element) -> str | None:
    return response.findtext(f".//{{{terms.SAML}}}NameID")


def pick(site: FlaskClient, page: str, person: str = "0", **more: str) -> str:
    form = {"question": fields(page)["question"], "person": person, **more}
    return site.post("/sso/person", data=form).text
