"""Our own metadata: valid, complete, and readable by others."""

import subprocess
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from lxml import etree
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from saml2.attribute_converter import ac_factory
from saml2.mdstore import InMemoryMetaData

from saml import signature
from saml.errors import KeyUnusable, MetadataRejected
from saml.metadata import identity_providers, service_provider_metadata
from saml.parsing import parse
from saml.settings import ServiceProvider
from saml.terms import (
    AES_CBC,
    AES_GCM,
    BINDING_POST,
    BINDING_REDIRECT,
    DS,
    MD,
    MDUI,
    RSA_OAEP,
    RSA_OAEP_MGF1P,
)
from tests.machine import require
from tests.unit.certificates import NOW, base64_of, key_pair

OLD, NEW = key_pair("RSA 2048"), key_pair("RSA 3072")
SP = ServiceProvider(
    entity_id="https://northwind.example/saml/metadata",
    acs_url="https://northwind.example/saml/acs",
    slo_url="https://northwind.example/saml/slo",
    keys=(OLD, NEW),
)
ROLE = f"{MD}SPSSODescriptor"


@pytest.mark.parametrize("sign", [False, True])
@pytest.mark.parametrize("single_logout", [False, True])
@pytest.mark.parametrize("name", [None, "Northwind & Söhne <HR>"])
def test_metadata_is_valid_by_the_schema(sign: bool, single_logout: bool, name: str | None) -> None:
    """saml-schema-metadata-2.0 accepts it in every variant, the name shown in it escaped."""
    root = parse(
        service_provider_metadata(
            SP,
            now=NOW,
            valid_for=timedelta(days=7),
            sign=sign,
            single_logout=single_logout,
            name=name,
        )
    )
    folder = Path(str(files("onelogin.saml2"))) / "schemas"
    etree.XMLSchema(etree.parse(folder / "saml-schema-metadata-2.0.xsd")).assertValid(root)
    assert root.get("validUntil") == "2026-01-08T00:00:00Z"
    assert root.findtext(f"{ROLE}/{MD}Extensions/{MDUI}UIInfo/{MDUI}DisplayName") == name


def test_an_idp_finds_us_by_it() -> None:
    """Entity ID, the ACS as default of index 0 by HTTP-POST, what is signed; no format forced."""
    root = parse(service_provider_metadata(SP, now=NOW))
    role = root.find(ROLE)
    assert role is not None
    assert root.get("entityID") == SP.entity_id
    assert root.get("validUntil") is None
    assert (role.get("AuthnRequestsSigned"), role.get("WantAssertionsSigned")) == ("false", "true")
    (acs,) = role.findall(f"{MD}AssertionConsumerService")
    assert dict(acs.attrib) == {
        "Binding": BINDING_POST,
        "Location": SP.acs_url,
        "index": "0",
        "isDefault": "true",
    }
    assert role.find(f"{MD}NameIDFormat") is None
    assert role.find(f"{MD}SingleLogoutService") is None
    told = parse(
        service_provider_metadata(
            SP, now=NOW, authn_requests_signed=True, want_assertions_signed=False
        )
    ).find(ROLE)
    assert told is not None
    assert (told.get("AuthnRequestsSigned"), told.get("WantAssertionsSigned")) == ("true", "false")


def test_logout_endpoints_are_named_when_asked() -> None:
    """Single logout: our one URL under both bindings."""
    root = parse(service_provider_metadata(SP, now=NOW, single_logout=True))
    services = root.findall(f"{ROLE}/{MD}SingleLogoutService")
    assert [(s.get("Binding"), s.get("Location")) for s in services] == [
        (BINDING_REDIRECT, SP.slo_url),
        (BINDING_POST, SP.slo_url),
    ]


def test_every_key_is_published_for_both_uses() -> None:
    """During a roll-over both keys sign and both decrypt, the present one first."""
    root = parse(service_provider_metadata(SP, now=NOW))
    published = [
        (descriptor.get("use"), descriptor.findtext(f".//{DS}X509Certificate"))
        for descriptor in root.iter(f"{MD}KeyDescriptor")
    ]
    texts = [base64_of(pair.certificate) for pair in (OLD, NEW)]
    assert published == [(use, text) for use in ("signing", "encryption") for text in texts]
    keyless = parse(service_provider_metadata(replace(SP, keys=()), now=NOW))
    assert keyless.find(f".//{MD}KeyDescriptor") is None


def test_exactly_what_we_can_decrypt_is_offered() -> None:
    """The encryption methods are those that our decryption knows, GCM before CBC."""
    root = parse(service_provider_metadata(replace(SP, keys=(OLD,)), now=NOW))
    offered = [method.get("Algorithm") for method in root.iter(f"{MD}EncryptionMethod")]
    assert set(offered) == {*AES_GCM, *AES_CBC, RSA_OAEP, RSA_OAEP_MGF1P}
    assert len(offered) == len(set(offered))
    assert offered[:2] == list(reversed(AES_GCM))


def test_the_same_settings_give_the_same_bytes() -> None:
    """So the document can be cached and compared, signed or not; another name changes it."""
    for sign in (False, True):
        first = service_provider_metadata(SP, now=NOW, sign=sign, name="a")
        later = service_provider_metadata(SP, now=NOW + timedelta(days=1), sign=sign, name="a")
        assert first == later
        assert first != service_provider_metadata(SP, now=NOW, sign=sign, name="b")


def test_signed_metadata_verifies_everywhere(tmp_path: Path) -> None:
    """Our reader, python3-saml and the xmlsec1 program verify it, and notice a change."""
    xmlsec1 = require("xmlsec1")
    document = service_provider_metadata(SP, now=NOW, sign=True)
    changed = document.replace(SP.acs_url.encode(), b"https://evil.example/saml/acs")
    assert changed != document
    found = signature.signature_of(parse(document))
    assert found is not None
    signature.verify(found, [OLD.certificate])
    (tmp_path / "sp.pem").write_text(OLD.certificate)
    for xml, accepted in ((document, True), (changed, False)):
        (tmp_path / "metadata.xml").write_bytes(xml)
        told = subprocess.run(
            [
                *(xmlsec1, "--verify", "--pubkey-cert-pem", tmp_path / "sp.pem", "--id-attr:ID"),
                *("urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor",),
                tmp_path / "metadata.xml",
            ],
            capture_output=True,
            check=False,
        )
        assert (told.returncode == 0) is accepted, told.stderr
        verified = OneLogin_Saml2_Utils.validate_metadata_sign(xml, cert=OLD.certificate)
        assert bool(verified) is accepted


def test_metadata_that_must_be_signed_is_never_unsigned() -> None:
    """Without a key there is a sentence instead of a document."""
    with pytest.raises(KeyUnusable, match="no key pair"):
        service_provider_metadata(replace(SP, keys=()), now=NOW, sign=True)


def test_other_readers_take_it() -> None:
    """pysaml2 finds ACS, logout and keys in it; python3-saml finds no fault with it."""
    document = service_provider_metadata(SP, now=NOW, single_logout=True, name="Northwind")
    store = InMemoryMetaData(ac_factory(), document.decode())
    store.parse(document.decode())
    (acs,) = store.service(SP.entity_id, "spsso_descriptor", "assertion_consumer_service")[
        BINDING_POST
    ]
    assert acs["location"] == SP.acs_url
    found = store.certs(SP.entity_id, "spsso", "encryption")
    assert ["".join(certificate.split()) for _, certificate in found] == [
        base64_of(pair.certificate) for pair in (OLD, NEW)
    ]
    settings = OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {
                "entityId": SP.entity_id,
                "assertionConsumerService": {"url": SP.acs_url, "binding": BINDING_POST},
            },
        },
        sp_validation_only=True,
    )
    assert settings.validate_metadata(document) == []


def test_it_is_recognised_where_it_does_not_belong() -> None:
    """Given back to us as an IdP's, our metadata is refused as our own."""
    document = service_provider_metadata(SP, now=NOW)
    with pytest.raises(MetadataRejected, match="our own metadata"):
        identity_providers(document, now=NOW, own_entity_id=SP.entity_id)
