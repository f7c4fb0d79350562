"""IdP metadata: what is read, and what is left out or taken with a notice."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor

from saml.errors import MetadataRejected
from saml.metadata import IdpMetadata, identity_providers
from saml.quirks import QUIRKS, hints_for
from saml.settings import Policy
from saml.terms import BINDING_POST, BINDING_REDIRECT
from tests.unit.certificates import NOW, base64_of, certificate
from tests.unit.idp_documents import (
    BINDING_SOAP,
    CERTIFICATE,
    ENTITY_ID,
    LEMONLDAP,
    POST_URL,
    RAW_KEY,
    REDIRECT_URL,
    SP_ROLE,
    endpoint,
    entity,
    federation,
    key,
    role,
)

EC = certificate("secp256r1")
WEAK = certificate("RSA 1024")
OURS = "https://northwind.example/saml/metadata"


def read(document: str) -> IdpMetadata:
    (found,) = identity_providers(document.encode(), now=NOW)
    return found


def test_plain_metadata_is_read() -> None:
    """Entity ID, both SSO endpoints and the certificate; nothing to warn of."""
    assert read(entity()) == IdpMetadata(
        entity_id=ENTITY_ID,
        signing_certificates=(CERTIFICATE,),
        sso_redirect_url=REDIRECT_URL,
        sso_post_url=POST_URL,
    )


def test_lemonldap_metadata_is_read() -> None:
    """IdP, SP and AA in one entity; SOAP and Artifact ignored; ResponseLocation kept."""
    assert read(LEMONLDAP) == IdpMetadata(
        entity_id="https://auth.example/saml/metadata",
        signing_certificates=(CERTIFICATE,),
        display_name="Example Ltd",
        sso_redirect_url="https://auth.example/saml/singleSignOn",
        sso_post_url="https://auth.example/saml/singleSignOn",
        slo_redirect_url="https://auth.example/saml/singleLogout",
        slo_post_url="https://auth.example/saml/singleLogout",
        slo_response_url="https://auth.example/saml/singleLogoutReturn",
        wants_signed_requests=True,
        nameid_formats=(
            "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        ),
    )


def test_python3_saml_reads_the_same() -> None:
    """python3-saml's parser finds the same entity ID, endpoints and certificate text."""
    for document in (entity(), LEMONLDAP):
        ours = read(document)
        theirs = OneLogin_Saml2_IdPMetadataParser.parse(document.encode())
        assert theirs["idp"]["entityId"] == ours.entity_id
        assert theirs["idp"]["singleSignOnService"]["url"] == ours.sso_redirect_url
        logout = theirs["idp"].get("singleLogoutService", {})
        assert logout.get("url") == ours.slo_redirect_url
        assert theirs["idp"]["x509cert"] == base64_of(ours.signing_certificates[0])
        assert theirs.get("security", {}).get("authnRequestsSigned", False) is (
            ours.wants_signed_requests
        )


def test_what_pysaml2_publishes_is_read(tmp_path: Path) -> None:
    """pysaml2's own metadata, valid for a week: read, with the notice to import it anew."""
    (tmp_path / "idp.pem").write_text(CERTIFICATE)
    configuration = {
        "entityid": ENTITY_ID,
        "cert_file": str(tmp_path / "idp.pem"),
        "valid_for": 24 * 7,
        "service": {
            "idp": {
                "endpoints": {
                    "single_sign_on_service": [
                        (REDIRECT_URL, BINDING_REDIRECT),
                        (POST_URL, BINDING_POST),
                    ],
                    "single_logout_service": [("https://login.example/slo", BINDING_REDIRECT)],
                },
                "want_authn_requests_signed": True,
                "ui_info": {"display_name": {"text": "Their sign-in", "lang": "en"}},
            }
        },
    }
    document = str(entity_descriptor(IdPConfig().load(configuration))).encode()
    now = datetime.now(UTC)
    (found,) = identity_providers(document, now=now)
    assert found.signing_certificates == (CERTIFICATE,)
    assert (found.sso_redirect_url, found.sso_post_url) == (REDIRECT_URL, POST_URL)
    assert found.slo_redirect_url == "https://login.example/slo"
    assert found.wants_signed_requests
    assert found.display_name == "Their sign-in"
    assert found.valid_until is not None
    assert timedelta(days=6) < found.valid_until - now < timedelta(days=8)
    assert [notice.sentence for notice in found.warnings] == [
        "The metadata is valid until %(date)s: import it anew before then."
    ]


def test_metadata_becomes_an_identity_provider_under_a_policy() -> None:
    """Everything the sign-in needs is handed over; the policy is the caller's alone."""
    metadata = read(LEMONLDAP)
    policy = Policy(clock_skew=60)
    idp = metadata.as_identity_provider(policy)
    assert idp.policy is policy
    for name in (
        "entity_id",
        "signing_certificates",
        "sso_redirect_url",
        "sso_post_url",
        "slo_redirect_url",
        "slo_post_url",
        "slo_response_url",
    ):
        assert getattr(idp, name) == getattr(metadata, name)


def test_every_idp_of_a_federation_is_returned() -> None:
    """Nested EntitiesDescriptors, service providers among them: all IdPs, in order."""
    others = [entity(entity_id=f"https://idp{n}.example") for n in range(3)]
    document = federation(
        entity(SP_ROLE, entity_id="https://sp.example"), others[0], federation(*others[1:])
    )
    found = identity_providers(document.encode(), now=NOW)
    assert [idp.entity_id for idp in found] == [f"https://idp{n}.example" for n in range(3)]


def test_one_bad_idp_does_not_hide_the_others() -> None:
    """In a federation the unusable are left out; where all are, the first one's words are said."""
    bad = entity(role(keys=""), entity_id="https://bad.example")
    assert read(federation(bad, entity())).entity_id == ENTITY_ID
    with pytest.raises(MetadataRejected, match="no signing key"):
        read(federation(bad, bad.replace("bad.", "worse.")))


def test_a_federation_of_a_thousand_is_read() -> None:
    """Files well over a Response's 256 KiB are read, up to 5 MiB."""
    members = [entity(entity_id=f"https://idp{n}.example") for n in range(1000)]
    document = federation(*members).encode()
    assert len(document) > 1024 * 1024
    assert len(identity_providers(document, now=NOW)) == 1000
    padded = document.ljust(5 * 1024 * 1024)
    assert len(identity_providers(padded, now=NOW)) == 1000
    with pytest.raises(MetadataRejected, match="at most 5 MiB"):
        identity_providers(padded + b" ", now=NOW)


@pytest.mark.parametrize(
    ("keys", "certificates"),
    [
        (key() + key(EC, "encryption"), [CERTIFICATE]),
        (key(use=None), [CERTIFICATE]),
        (key(EC) + key(), [EC, CERTIFICATE]),
        (key() + key() + key(use=None), [CERTIFICATE]),
        (key(EC, "encryption") + key(), [CERTIFICATE]),
        (key() + key(EC, "other"), [CERTIFICATE]),
        (key(text=CERTIFICATE), [CERTIFICATE]),
        (
            key(text=base64_of(CERTIFICATE) + "</ds:X509Certificate><ds:X509Certificate>ZZ"),
            [CERTIFICATE],
        ),
    ],
    ids=["encryption", "no use", "two", "thrice", "first other", "odd use", "pem lines", "chain"],
)
def test_signing_keys(keys: str, certificates: list[str]) -> None:
    """Keys without a use sign, encryption keys never do; each counts once, in order."""
    assert list(read(entity(role(keys=keys))).signing_certificates) == certificates


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (role(keys=key(EC) + key()), "There are 2 signing certificates"),
        (
            role(keys=key(certificate(ends=NOW + timedelta(days=59)))),
            "expires on 2026-03-01: ask for the next one",
        ),
        (role(keys=key(certificate(ends=NOW - timedelta(days=1)))), "expired on 2025-12-31."),
        (role(keys=key() + key(WEAK)), "was left out. An RSA key of 1024 bits is too weak"),
        (role(keys=key() + key(certificate("Ed25519"))), "neither an RSA nor an ECDSA key"),
        (role(keys=key() + key(text="!")), "was left out. The certificate is not text in base64."),
        (role(keys=RAW_KEY + key()), "it comes without a certificate"),
        (
            role(sso=endpoint("SingleSignOnService", BINDING_POST, "http://login.example/sso")),
            "The SingleSignOnService at http://login.example/sso is not protected by HTTPS.",
        ),
        (
            role(slo=endpoint("SingleLogoutService", BINDING_POST, "javascript:alert(1)")),
            "The SingleLogoutService at javascript:alert(1) was left out",
        ),
        (
            role(slo=endpoint("SingleLogoutService", BINDING_POST, "https://i.example/", "/back")),
            "The SingleLogoutService at /back was left out",
        ),
        (
            role(attributes='validUntil="2026-01-08T00:00:00Z"'),
            "The metadata is valid until 2026-01-08T00:00:00Z: import it anew",
        ),
    ],
    ids=lambda value: value if "<" not in value else "",
)
def test_what_an_administrator_should_know_is_a_warning(change: str, told: str) -> None:
    """The IdP is usable, and one notice says what is the matter, in words to translate."""
    (notice,) = read(entity(change)).warnings
    assert told in notice
    assert notice == (notice.sentence % notice.values if notice.values else notice.sentence)


def test_a_certificate_signed_with_sha1_is_usable_but_old() -> None:
    """The certificate's own signature decides nothing: its key is kept, with a warning."""
    with_sha256, with_sha1 = (
        bytes.fromhex("2a864886f70d01010b"),
        bytes.fromhex("2a864886f70d010105"),
    )
    der = base64.b64decode(base64_of(CERTIFICATE))
    assert der.count(with_sha256) == 2
    der = der.replace(with_sha256, with_sha1)
    found = read(entity(role(keys=key(text=base64.b64encode(der).decode()))))
    assert len(found.signing_certificates) == 1
    assert ["itself signed with SHA1" in notice for notice in found.warnings] == [True]


def test_the_first_usable_endpoint_of_each_binding_counts() -> None:
    """Later ones of the same binding are ignored, unusable ones skipped, white space trimmed."""
    sso = (
        endpoint("SingleSignOnService", BINDING_SOAP, "https://i.example/soap")
        + endpoint("SingleSignOnService", BINDING_REDIRECT, "")
        + endpoint("SingleSignOnService", BINDING_REDIRECT, " https://i.example/1?x=1&amp;y=2 ")
        + endpoint("SingleSignOnService", BINDING_REDIRECT, "https://i.example/2")
    )
    found = read(entity(role(sso=sso)))
    assert found.sso_redirect_url == "https://i.example/1?x=1&y=2"
    assert found.sso_post_url is None


def test_an_ordinary_endpoint_with_every_part_is_taken() -> None:
    """Port, IPv6, escapes, sub-delimiters: what a URL may hold is kept as it is."""
    for url in (
        "https://login.example:8443/a/b;c=1/%C3%A9?x=y!$'()*+,;=:@/?[]|{}~^",
        "http://[::1]:8001/sso",
        "HTTPS://LOGIN.example/sso",
    ):
        sso = endpoint("SingleSignOnService", BINDING_REDIRECT, url)
        assert read(entity(role(sso=sso))).sso_redirect_url == url


def test_a_response_location_goes_with_its_endpoint() -> None:
    """Of an SLO endpoint that was left out the ResponseLocation is left out too."""
    slo = endpoint("SingleLogoutService", BINDING_REDIRECT, "/slo", "https://i.example/back")
    assert read(entity(role(slo=slo))).slo_response_url is None
    next_one = endpoint("SingleLogoutService", BINDING_REDIRECT, "https://i.example/slo")
    assert read(entity(role(slo=slo + next_one))).slo_response_url is None
    slo += endpoint("SingleLogoutService", BINDING_POST, "https://i.example/slo")
    found = read(entity(role(slo=slo)))
    assert (found.slo_redirect_url, found.slo_post_url) == (None, "https://i.example/slo")
    assert found.slo_response_url is None


def test_metadata_may_speak_of_html() -> None:
    """A comment about a web page in front does not make metadata a web page."""
    assert read(f"<!-- not an <html> page -->{entity()}").entity_id == ENTITY_ID


@pytest.mark.parametrize(
    ("attributes", "hours"),
    [
        ('cacheDuration="PT6H"', 6),
        ('cacheDuration="P1DT1H"', 25),
        ('cacheDuration="P1M"', 30 * 24),
        ('cacheDuration="PT3600.5S"', 1),
        ('cacheDuration="soon"', None),
        ('cacheDuration="P"', None),
        ('cacheDuration="-PT6H"', None),
        ("", None),
    ],
)
def test_cache_duration(attributes: str, hours: int | None) -> None:
    """An xs:duration is read in whole seconds; what is none is as if it were not there."""
    expected = None if hours is None else timedelta(hours=hours)
    assert read(entity(attributes=attributes)).cache_duration == expected


def test_the_shortest_validity_counts() -> None:
    """validUntil and cacheDuration hold for everything inside: the earliest, the shortest."""
    inner = role(attributes='validUntil="2027-03-01T00:00:00Z" cacheDuration="P2D"')
    document = federation(
        entity(inner, attributes='validUntil="2027-02-01T00:00:00Z" cacheDuration="P3D"'),
        attributes='validUntil="2027-04-01T00:00:00Z" cacheDuration="P4D"',
    )
    assert read(document).valid_until == datetime(2027, 2, 1, tzinfo=UTC)
    assert read(document).cache_duration == timedelta(days=2)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://login.microsoftonline.com/9f2e/saml2", "Microsoft Entra ID"),
        ("https://accounts.google.com/o/saml2/idp?idpid=C0", "Google Workspace"),
        ("https://fs.example/adfs/ls/", "AD FS"),
        ("https://auth.example/saml/singleSignOn", "LemonLDAP::NG"),
        ("https://i.example/simplesaml/saml2/idp/SSOService.php", "SimpleSAMLphp"),
        (
            "https://i.example/simplesaml/module.php/saml/idp/singleSignOnService",
            "SimpleSAMLphp",
        ),
    ],
)
def test_a_known_product_comes_with_hints(url: str, name: str) -> None:
    """The SSO URL tells the product; each hint says what to expect and what to set."""
    found = hints_for(replace(read(entity()), sso_redirect_url=url))
    assert {quirk.name for quirk in found} == {name}
    assert all(quirk.reason and quirk.setting for quirk in found)


def test_an_unknown_product_comes_without_hints() -> None:
    """A product's words elsewhere in a URL are no proof; every quirk has a reference."""
    assert hints_for(read(entity())) == ()
    lookalike = "https://evil.example/?https://accounts.google.com/o/saml2"
    assert hints_for(replace(read(entity()), sso_redirect_url=lookalike)) == ()
    assert all(quirk.reference.startswith("https://") for quirk in QUIRKS)
